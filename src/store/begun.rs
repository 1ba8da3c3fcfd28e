//! What an agent has begun beside a draft: private notes that are not saved yet, and which message a draft answers.
//!
//! Invariant: the text of a note is in no table from which anything is sent or made a draft.

use rusqlite::params;

use super::conversations::find::resolve;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use super::drafts;
use super::messages::page;
use crate::domain::{ConversationId, Message, MessageId, Timestamp};

/// The notes that an agent has begun, the newest first.
const NOTES: &str =
    "SELECT conversation, text FROM begun_notes WHERE agent = ?1 ORDER BY saved_at DESC, conversation LIMIT 1000";
/// The messages that an agent's drafts answer.
const QUOTES: &str = "SELECT conversation, message FROM draft_quotes WHERE agent = ?1 ORDER BY message DESC LIMIT 1000";

impl Store {
    /// Keeps a note that an agent has begun and not saved; an empty text removes it.
    pub fn save_begun_note(
        &self,
        conversation: ConversationId,
        agent: &str,
        text: &str,
        now: Timestamp,
    ) -> Pending<()> {
        let (agent, text) = (agent.to_owned(), text.to_owned());
        self.write(move |tx| {
            let conversation = resolve(tx.conn, conversation)?;
            if text.is_empty() {
                return clear_note(tx, conversation, &agent);
            }
            let sql = "INSERT INTO begun_notes (conversation, agent, text, saved_at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (conversation, agent) DO UPDATE SET text = excluded.text, \
                       saved_at = excluded.saved_at";
            tx.run(sql, params![conversation.0, agent, text, now.0]).map(drop)
        })
    }

    /// Every note that an agent has begun and not saved, at most 1000.
    pub fn begun_notes(&self, agent: &str) -> Result<Vec<(ConversationId, String)>, StoreError> {
        self.read(|conn| conn.all(NOTES, [agent], |row| Ok((ConversationId(row.get(0)?), row.get(1)?))))
    }

    /// Keeps which message an agent's draft answers; `None` for none.
    pub fn save_draft_quote(
        &self,
        conversation: ConversationId,
        agent: &str,
        message: Option<MessageId>,
    ) -> Pending<()> {
        let agent = agent.to_owned();
        self.write(move |tx| {
            let conversation = resolve(tx.conn, conversation)?;
            let Some(message) = message else { return clear_quote(tx, conversation, &agent) };
            let sql = "INSERT INTO draft_quotes (conversation, agent, message) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (conversation, agent) DO UPDATE SET message = excluded.message";
            tx.run(sql, params![conversation.0, agent, message.0]).map(drop)
        })
    }

    /// The messages that an agent's drafts answer, each with the conversation of the draft, at most 1000.
    pub fn draft_quotes(&self, agent: &str) -> Result<Vec<(ConversationId, Message)>, StoreError> {
        self.read(|conn| {
            let ids = conn.all(QUOTES, [agent], |row| Ok((ConversationId(row.get(0)?), MessageId(row.get(1)?))))?;
            let mut quotes = Vec::with_capacity(ids.len());
            for (conversation, message) in ids {
                quotes.extend(page::find(conn, message)?.map(|message| (conversation, message)));
            }
            Ok(quotes)
        })
    }
}

/// Removes an agent's begun note.
pub(super) fn clear_note(tx: &Tx<'_>, conversation: ConversationId, agent: &str) -> DbResult<()> {
    tx.run("DELETE FROM begun_notes WHERE conversation = ?1 AND agent = ?2", params![conversation.0, agent]).map(drop)
}

/// An agent's draft answers no message any more.
pub(super) fn clear_quote(tx: &Tx<'_>, conversation: ConversationId, agent: &str) -> DbResult<()> {
    tx.run("DELETE FROM draft_quotes WHERE conversation = ?1 AND agent = ?2", params![conversation.0, agent]).map(drop)
}

/// Gives what was begun in a conversation to the one that it is merged into; of two notes of one agent, one follows the
/// other.
pub(super) fn merge(tx: &Tx<'_>, older: ConversationId, younger: ConversationId) -> DbResult<()> {
    drafts::merge_texts(tx, "begun_notes", older, younger)?;
    let sql = "INSERT OR IGNORE INTO draft_quotes (conversation, agent, message) \
               SELECT ?1, agent, message FROM draft_quotes WHERE conversation = ?2";
    tx.run(sql, [older.0, younger.0]).map(drop)
}
