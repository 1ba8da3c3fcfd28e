//! Drafts: what a person has begun to write and not sent.
//!
//! Invariant: a draft is removed only by its author, or in the transaction that queues its message.

use rusqlite::params;

use super::conversations::find::resolve;
use super::conversations::summary::touch;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::domain::{ConversationId, Timestamp};

impl Store {
    /// A conversation's draft, if it has one.
    pub fn draft(&self, conversation: ConversationId) -> Result<Option<String>, StoreError> {
        self.read(|conn| {
            conn.first("SELECT text FROM drafts WHERE conversation = ?1", [conversation.0], |row| row.get(0))
        })
    }

    /// Saves a draft; an empty text removes it. A change is recorded only when the conversation gains or loses its
    /// draft.
    pub fn save_draft(&self, conversation: ConversationId, text: &str, now: Timestamp) -> Pending<()> {
        let text = text.to_owned();
        self.write(move |tx| {
            let conversation = resolve(tx.conn, conversation)?;
            if text.is_empty() {
                return clear(tx, conversation);
            }
            let sql = "INSERT INTO drafts (conversation, text, saved_at) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (conversation) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at";
            tx.run(sql, params![conversation.0, text, now.0])?;
            set_has_draft(tx, conversation, true)
        })
    }
}

pub(super) fn clear(tx: &Tx<'_>, conversation: ConversationId) -> DbResult<()> {
    tx.run("DELETE FROM drafts WHERE conversation = ?1", [conversation.0])?;
    set_has_draft(tx, conversation, false)
}

fn set_has_draft(tx: &Tx<'_>, conversation: ConversationId, present: bool) -> DbResult<()> {
    let sql = "UPDATE conversations SET has_draft = ?2 WHERE id = ?1 AND has_draft <> ?2";
    if tx.run(sql, params![conversation.0, present])? > 0 {
        touch(tx, conversation)?;
    }
    Ok(())
}

/// Recomputes whether a conversation has a draft.
pub(super) fn refresh_has_draft(tx: &Tx<'_>, conversation: ConversationId) -> DbResult<()> {
    let sql = "SELECT 1 FROM drafts WHERE conversation = ?1";
    let present = tx.any(sql, [conversation.0])?;
    set_has_draft(tx, conversation, present)
}
