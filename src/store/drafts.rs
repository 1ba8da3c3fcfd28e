//! Drafts: what a person began to write and has not sent.
//!
//! Invariant: a draft goes only by its owner's hand or together with the message that it became.

use rusqlite::{OptionalExtension, params};

use super::conversations;
use super::db::Store;
use super::error::{StoreError, Work};
use super::writer::{Pending, Tx};
use crate::domain::{ConversationId, Timestamp};

impl Store {
    /// The draft of a conversation.
    pub fn draft(&self, conversation: ConversationId) -> Result<Option<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT text FROM drafts WHERE conversation = ?1")?;
            Ok(statement.query_row([conversation.0], |row| row.get(0)).optional()?)
        })
    }

    /// Keeps a draft; an empty text removes it. The conversation changes only when there is one where there
    /// was none, or the other way round.
    pub fn save_draft(&self, conversation: ConversationId, text: &str, now: Timestamp) -> Pending<()> {
        let text = text.to_owned();
        self.write(move |tx| {
            let conversation = conversations::resolve(tx.conn, conversation)?;
            if text.is_empty() {
                return clear(tx, conversation);
            }
            let sql = "INSERT INTO drafts (conversation, text, saved_at) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (conversation) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at";
            tx.conn.prepare_cached(sql)?.execute(params![conversation.0, text, now.0])?;
            mark(tx, conversation, true)
        })
    }
}

/// Removes the draft of a conversation.
pub(super) fn clear(tx: &Tx<'_>, conversation: ConversationId) -> Work<()> {
    tx.conn.prepare_cached("DELETE FROM drafts WHERE conversation = ?1")?.execute([conversation.0])?;
    mark(tx, conversation, false)
}

fn mark(tx: &Tx<'_>, conversation: ConversationId, present: bool) -> Work<()> {
    let sql = "UPDATE conversations SET has_draft = ?2 WHERE id = ?1 AND has_draft <> ?2";
    if tx.conn.prepare_cached(sql)?.execute(params![conversation.0, present])? > 0 {
        conversations::touch(tx, conversation)?;
    }
    Ok(())
}

/// Sets the mark of a conversation by whether it has a draft.
pub(super) fn refresh(tx: &Tx<'_>, conversation: ConversationId) -> Work<()> {
    let sql = "SELECT 1 FROM drafts WHERE conversation = ?1";
    let present = tx.conn.prepare_cached(sql)?.exists([conversation.0])?;
    mark(tx, conversation, present)
}
