//! Voice notes that are to be transcribed, and what came of it: the text, or why there is none, in the message's payload.
//!
//! Invariant: an attempt is counted before it begins, so that one that ends this process is not made for ever; the text and
//! the end of the row are one commit, so that nothing is transcribed twice.

use std::path::PathBuf;

use rusqlite::params;
use serde_json::{Map, Value};

use super::conversations::summary::message_changed;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use super::messages::page;
use super::search::index;
use crate::domain::{MediaState, MessageId, Timestamp};

/// The next voice note.
pub(super) const NEXT: &str = "SELECT next_at FROM transcriptions WHERE next_at > 0 ORDER BY next_at LIMIT 1";
/// At most one voice note that is due at `?1`, the newest first: somebody waits for it.
pub(super) const DUE: &str =
    "SELECT message, attempts FROM transcriptions WHERE next_at <= ?1 ORDER BY next_at DESC LIMIT 1";
/// Makes those due at `?1` that were put off until later.
const RESUME: &str = "UPDATE transcriptions SET next_at = ?1 WHERE next_at > ?1";
/// Forgets those whose time was before `?1`.
const FORGET: &str = "DELETE FROM transcriptions WHERE next_at < ?1";

/// A voice note that is transcribed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VoiceNote {
    pub(crate) message: MessageId,
    pub(crate) path: PathBuf,
    /// The number of this attempt, from 1.
    pub(crate) attempt: u32,
}

/// What came of transcribing a voice note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transcript {
    /// What is said in it; nothing where that is empty.
    Text(String),
    /// Why there is no text and will be none.
    Failed(String),
}

/// Notes that the file of a message came, where that is a customer's voice note.
pub(super) fn add(tx: &Tx<'_>, message: MessageId, now: Timestamp) -> DbResult<()> {
    let sql = "INSERT INTO transcriptions (message, next_at) \
               SELECT id, ?2 FROM messages WHERE id = ?1 AND kind = 'audio' AND direction = 'in' \
               AND json_extract(payload, '$.transcript') IS NULL ON CONFLICT DO NOTHING";
    tx.run(sql, [message.0, now.0])?;
    Ok(())
}

impl Store {
    /// When the next voice note is due, if there is one.
    pub(crate) fn next_transcription(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| conn.first(NEXT, [], |row| row.get(0).map(Timestamp)))
    }

    /// Begins an attempt on a voice note that is due. If nothing comes of it, the next one may begin at `again`.
    pub(crate) fn begin_transcription(&self, now: Timestamp, again: Timestamp) -> Pending<Option<VoiceNote>> {
        self.write(move |tx| {
            loop {
                let due = tx.first(DUE, [now.0], |row| Ok((MessageId(row.get(0)?), row.get::<_, u32>(1)?)))?;
                let Some((message, attempts)) = due else { return Ok(None) };
                let mut found: Vec<_> = page::find(tx.conn, message)?.into_iter().collect();
                super::media::add_paths(tx.conn, &mut found);
                let file = found.pop().and_then(|message| message.media).map(|media| media.file);
                let path = file.filter(|file| file.state == MediaState::Here).and_then(|file| file.path);
                let Some(path) = path else {
                    // The file is gone; it comes again with its own note.
                    end(tx, message)?;
                    continue;
                };
                let sql = "UPDATE transcriptions SET attempts = attempts + 1, next_at = ?2 WHERE message = ?1";
                tx.run(sql, [message.0, again.0])?;
                return Ok(Some(VoiceNote { message, path, attempt: attempts + 1 }));
            }
        })
    }

    /// Records what came of a voice note, which is not transcribed again.
    pub(crate) fn end_transcription(&self, message: MessageId, transcript: Transcript) -> Pending<()> {
        self.write(move |tx| {
            end(tx, message)?;
            let Some(found) = page::find(tx.conn, message)? else { return Ok(()) };
            let mut payload = match found.payload {
                Some(Value::Object(payload)) => payload,
                _ => Map::new(),
            };
            match &transcript {
                Transcript::Text(text) if text.trim().is_empty() => return Ok(()),
                Transcript::Text(text) => payload.insert("transcript".to_owned(), Value::from(text.as_str())),
                Transcript::Failed(why) => payload.insert("transcript_error".to_owned(), Value::from(why.as_str())),
            };
            let sql = "UPDATE messages SET payload = ?2 WHERE id = ?1";
            tx.run(sql, params![message.0, Value::Object(payload).to_string()])?;
            index::add_to_backlog(tx, message)?;
            message_changed(tx, found.conversation, message)
        })
    }

    /// Puts the next attempt on a voice note off.
    pub(crate) fn postpone_transcription(&self, message: MessageId, until: Timestamp) -> Pending<()> {
        let sql = "UPDATE transcriptions SET next_at = ?2 WHERE message = ?1";
        self.write(move |tx| tx.run(sql, [message.0, until.0]).map(drop))
    }

    /// Begins anew: what an earlier process was at is due now, and voice notes that came before a time, while nobody
    /// transcribed any, are forgotten.
    pub(crate) fn resume_transcriptions(&self, before: Timestamp, now: Timestamp) -> Pending<()> {
        self.write(move |tx| {
            tx.run(FORGET, [before.0])?;
            tx.run(RESUME, [now.0]).map(drop)
        })
    }
}

fn end(tx: &Tx<'_>, message: MessageId) -> DbResult<()> {
    tx.run("DELETE FROM transcriptions WHERE message = ?1", [message.0])?;
    Ok(())
}
