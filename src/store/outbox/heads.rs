//! Which row of a conversation may be sent next.
//!
//! Invariant: of a conversation's rows exactly those are heads that are being sent, or else the first one.

use crate::domain::{ConversationId, MessageId};
use crate::store::database::{DbResult, RunSql, Tx};

/// Takes a message's row out of the outbox.
pub(crate) fn remove(tx: &Tx<'_>, message: MessageId, conversation: ConversationId) -> DbResult<bool> {
    let removed = tx.run("DELETE FROM outbox WHERE message = ?1", [message.0])? > 0;
    if removed {
        refresh_head(tx, conversation)?;
    }
    Ok(removed)
}

/// Determines anew which row of a conversation is its head: those that are being sent, else the first.
pub(crate) fn refresh_head(tx: &Tx<'_>, conversation: ConversationId) -> DbResult<()> {
    let sql = "UPDATE outbox SET head = 0 WHERE conversation = ?1 AND head = 1 AND owner IS NULL";
    tx.run(sql, [conversation.0])?;
    let sql = "UPDATE outbox SET head = 1 WHERE position = (SELECT min(position) FROM outbox WHERE conversation = ?1) \
               AND NOT EXISTS (SELECT 1 FROM outbox WHERE conversation = ?1 AND head = 1)";
    tx.run(sql, [conversation.0])?;
    Ok(())
}
