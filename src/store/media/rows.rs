//! The rows of files: which message has which, and what is read of it with a message.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::directory::{MediaDirectory, file_name};
use super::stage::StagedFile;
use crate::domain::media::display_name;
use crate::domain::{ConversationId, Media, MediaError, MediaFault, MediaState, Message, MessageId, Timestamp};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::transcriptions;

/// Whether a message has the file `?1`.
pub(super) const USED: &str = "SELECT 1 FROM message_media WHERE file = ?1";

/// What a gateway says of a file, as it is stored with the message; what has become of the file here stands in a table of
/// its own.
#[derive(Serialize)]
struct Reported<'a> {
    url: &'a Option<String>,
    mime: &'a Option<String>,
    name: &'a Option<String>,
    size: &'a Option<u64>,
    remote_id: &'a Option<String>,
}

/// What is stored with a message of its file.
pub(crate) fn reported(media: &Media) -> Result<String, serde_json::Error> {
    let Media { url, mime, name, size, remote_id, .. } = media;
    serde_json::to_string(&Reported { url, mime, name, size, remote_id })
}

/// What the tables of files say of a message's file.
#[derive(Default, Deserialize)]
pub(crate) struct MediaRow {
    state: Option<String>,
    sha256: Option<String>,
    error: Option<String>,
    detail: Option<String>,
    mime: Option<String>,
    extension: Option<String>,
    size: Option<u64>,
    fetches: Option<u64>,
}

impl MediaRow {
    /// Adds it to what the gateway says. The path is added by [`add_paths`].
    pub(crate) fn add_to(self, media: &mut Media) {
        let detail = self.detail.unwrap_or_default();
        media.file.fetches = self.fetches.unwrap_or_default();
        media.file.error = self.error.map(|code| MediaError::stored(&code, detail));
        media.file.unasked = self.state.is_none();
        media.file.state = self.state.and_then(|state| state.parse().ok()).unwrap_or_default();
        let extension = self.extension.unwrap_or_default();
        match (media.file.state, self.sha256, self.mime, self.size) {
            (MediaState::Here, Some(sha256), Some(mime), Some(size)) => {
                media.set_type(&mime, &extension, size);
                media.file.path = Some(file_name(&sha256, &extension).into());
                media.file.sha256 = Some(sha256);
            }
            // Another program has changed the tables.
            (MediaState::Here, ..) => media.file.state = MediaState::Failed,
            _ => media.name = media.name.as_deref().and_then(|name| display_name(name, "")),
        }
    }
}

/// Makes the names of files absolute paths.
pub(crate) fn add_paths<'a>(conn: &Connection, messages: impl IntoIterator<Item = &'a mut Message>) {
    let directory = MediaDirectory::of(conn);
    for message in messages {
        let Some(path) = message.media.as_mut().and_then(|media| media.file.path.as_mut()) else { continue };
        if let (Some(directory), Some(name)) = (&directory, path.to_str()) {
            *path = directory.path(name);
        }
    }
}

/// Notes that a message has a file, which is to be fetched from now on.
pub(crate) fn announce(tx: &Tx<'_>, message: MessageId, media: &Media, now: Timestamp) -> DbResult<()> {
    let can_be_had = media.url.is_some() || media.remote_id.is_some();
    let (state, error) =
        if can_be_had { (MediaState::Waiting, None) } else { (MediaState::Failed, Some(MediaFault::NoLink.code())) };
    // A link that a later event brings is new for one that had none.
    let sql = "INSERT INTO message_media (message, state, error, since, next_at) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (message) DO UPDATE SET state = ?2, error = ?3, since = ?4, next_at = ?5 \
               WHERE error = 'no_link' AND ?5 IS NOT NULL";
    tx.run(sql, params![message.0, state.as_str(), error, now.0, can_be_had.then_some(now.0)])?;
    Ok(())
}

/// Puts a staged file in place.
fn put(tx: &Tx<'_>, directory: &MediaDirectory, staged: &StagedFile) -> DbResult<()> {
    let sql = "SELECT extension FROM media_files WHERE sha256 = ?1";
    let known: Option<String> = tx.first(sql, [&staged.sha256], |row| row.get(0))?;
    let name = known.map_or_else(|| staged.name(), |extension| file_name(&staged.sha256, &extension));
    directory.put(&staged.path, &name).map_err(|error| DbError::File(directory.path(&name), error))?;
    tx.run("DELETE FROM media_leftovers WHERE name = ?1", [&name])?;
    let sql = "INSERT INTO media_files (sha256, extension, mime, size) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let size = i64::try_from(staged.size).unwrap_or(i64::MAX);
    tx.run(sql, params![staged.sha256, staged.file_type.extension, staged.file_type.mime, size])?;
    Ok(())
}

/// Puts a staged file in place and makes it the file of a message.
fn attach(
    tx: &Tx<'_>,
    directory: &MediaDirectory,
    message: MessageId,
    staged: &StagedFile,
    now: Timestamp,
) -> DbResult<()> {
    let conversation = tx.first("SELECT conversation FROM messages WHERE id = ?1", [message.0], |row| row.get(0))?;
    let conversation: i64 = conversation.ok_or(DbError::NotFound)?;
    let earlier = file_of(tx, message)?;
    put(tx, directory, staged)?;
    let sql = "INSERT INTO message_media (message, state, file, since) VALUES (?1, 'here', ?2, ?3) \
               ON CONFLICT (message) DO UPDATE SET state = 'here', file = ?2, error = NULL, detail = '', \
               next_at = NULL, asked = 0";
    tx.run(sql, params![message.0, staged.sha256, now.0])?;
    transcriptions::add(tx, message, now)?;
    if let Some(earlier) = earlier.filter(|earlier| *earlier != staged.sha256) {
        release(tx, &earlier)?;
    }
    message_changed(tx, ConversationId(conversation), message)
}

/// Gives an imported message what it had where it was exported: its file, if that is here by its hash, or why it has
/// none. What the message has here already stays.
pub(crate) fn adopt(tx: &Tx<'_>, message: MessageId, media: &Media, now: Timestamp) -> DbResult<()> {
    let file = &media.file;
    let has = tx.any("SELECT 1 FROM message_media WHERE message = ?1 AND state = 'here'", [message.0])?;
    let sha256 = file.sha256.as_deref().filter(|_| file.state == MediaState::Here && !has);
    if let Some(sha256) = sha256
        && tx.any("SELECT 1 FROM media_files WHERE sha256 = ?1", [sha256])?
    {
        let sql = "INSERT INTO message_media (message, state, file, since) VALUES (?1, 'here', ?2, ?3) \
                   ON CONFLICT (message) DO UPDATE SET state = 'here', file = ?2, error = NULL, detail = '', \
                   next_at = NULL, asked = 0";
        tx.run(sql, params![message.0, sha256, now.0])?;
    }
    if let (MediaState::Failed | MediaState::Refused, Some(error)) = (file.state, &file.error) {
        let sql = "INSERT INTO message_media (message, state, error, detail, since) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO NOTHING";
        tx.run(sql, params![message.0, file.state.as_str(), error.fault.code(), error.detail, now.0])?;
    }
    Ok(())
}

/// The hash of a message's file that is here.
pub(crate) fn file_of(tx: &Tx<'_>, message: MessageId) -> DbResult<Option<String>> {
    let sql = "SELECT file FROM message_media WHERE message = ?1 AND file IS NOT NULL";
    tx.first(sql, [message.0], |row| row.get(0))
}

/// Gives up a file that a message had, unless another one has it. It is removed from the directory once that is durable:
/// see [`Store::remove_media_leftovers`].
pub(crate) fn release(tx: &Tx<'_>, sha256: &str) -> DbResult<()> {
    if tx.any(USED, [sha256])? {
        return Ok(());
    }
    let sql = "SELECT extension FROM media_files WHERE sha256 = ?1";
    let Some(extension) = tx.first(sql, [sha256], |row| row.get::<_, String>(0))? else { return Ok(()) };
    tx.run("DELETE FROM media_files WHERE sha256 = ?1", [sha256])?;
    let sql = "INSERT INTO media_leftovers (name) VALUES (?1) ON CONFLICT DO NOTHING";
    tx.run(sql, [file_name(sha256, &extension)])?;
    Ok(())
}

/// Gives up a message's file that is no longer in the directory.
pub(super) fn give_up_lost(tx: &Tx<'_>, directory: &MediaDirectory, message: MessageId) -> DbResult<()> {
    let Some(sha256) = file_of(tx, message)? else { return Ok(()) };
    let sql = "SELECT extension FROM media_files WHERE sha256 = ?1";
    let extension: String = tx.one(sql, [&sha256], |row| row.get(0))?;
    if directory.path(&file_name(&sha256, &extension)).exists() {
        return Ok(());
    }
    tx.run("UPDATE message_media SET state = 'failed', file = NULL WHERE message = ?1", [message.0])?;
    release(tx, &sha256)
}

/// Makes a staged file the file of a message of ours in the transaction that writes the message.
pub(crate) fn attach_own(tx: &Tx<'_>, message: MessageId, staged: &StagedFile, now: Timestamp) -> DbResult<()> {
    let directory = MediaDirectory::of(tx.conn).ok_or(DbError::NotFound)?;
    attach(tx, &directory, message, staged, now)
}

impl Store {
    /// Puts a staged file in place before its messages come. When they are there, [`Store::release_media`] gives it up
    /// unless one has it.
    pub(crate) fn add_media(&self, staged: StagedFile) -> Pending<()> {
        let directory = self.media_directory();
        self.write(move |tx| put(tx, &directory, &staged))
    }

    /// Gives up those of the files, by their hashes, that no message has.
    pub(crate) fn release_media(&self, hashes: Vec<String>) -> Pending<()> {
        self.write(move |tx| hashes.iter().try_for_each(|sha256| release(tx, sha256)))
    }

    /// Makes a staged file the file of a message, whatever that had before. `NotFound` when the message is gone.
    pub(crate) fn keep_media(&self, message: MessageId, staged: StagedFile, now: Timestamp) -> Pending<()> {
        let directory = self.media_directory();
        self.write(move |tx| attach(tx, &directory, message, &staged, now))
    }
}
