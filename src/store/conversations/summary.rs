//! A conversation's summary: its newest message, its unread count, and since when the customer waits.
//!
//! Invariant: who waits follows from the messages alone. Arrival decides which is the newest, and where the list puts
//! the conversation.

use crate::domain::{ChangeKind, ConversationId, MessageId};
use crate::store::database::{DbResult, RunSql, Tx};
use rusqlite::params;

/// The key of the newest answer of a person on our side that did not fail and is not unsure: nobody knows whether the
/// customer has that one.
pub(crate) const LAST_ANSWER: &str = "SELECT order_ms, id FROM messages WHERE conversation = ?1 AND author = 'agent' \
    AND direction = 'out' AND scheduled_at IS NULL AND status <> 'failed' AND status <> 'unsure' \
    AND kind <> 'reaction' ORDER BY order_ms DESC, id DESC LIMIT 1";
/// The first message of the customer after the key `(?2, ?3)`, and when it came here.
pub(crate) const FIRST_UNANSWERED: &str = "SELECT coalesce(arrived, at), id FROM messages WHERE conversation = ?1 \
    AND (order_ms, id) > (?2, ?3) AND direction = 'in' AND author = 'contact' \
    AND kind NOT IN ('reaction', 'system') AND history = 0 ORDER BY order_ms, id LIMIT 1";

pub(crate) const COUNT_UNREAD: &str = "SELECT count(*) FROM messages WHERE conversation = ?1 AND unread = 1";

/// Bumps a conversation's revision and records the change.
pub(crate) fn touch(tx: &Tx<'_>, id: ConversationId) -> DbResult<()> {
    let sql = "UPDATE conversations SET revision = revision + 1 WHERE id = ?1";
    tx.run(sql, [id.0])?;
    tx.record_change(ChangeKind::ConversationChanged { conversation: id });
    Ok(())
}

/// Recounts a conversation's unread messages.
pub(crate) fn refresh_unread(tx: &Tx<'_>, id: ConversationId) -> DbResult<()> {
    let unread: i64 = tx.one(COUNT_UNREAD, [id.0], |row| row.get(0))?;
    let sql = "UPDATE conversations SET unread = ?2 WHERE id = ?1 AND unread <> ?2";
    if tx.run(sql, [id.0, unread])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Recomputes since when the customer waits: the time of the first message after the last answer of a person on our
/// side. Automatic replies do not count as answers.
pub(crate) fn refresh_waiting(tx: &Tx<'_>, id: ConversationId) -> DbResult<()> {
    let last_answer: Option<(i64, i64)> = tx.first(LAST_ANSWER, [id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (order, message) = last_answer.unwrap_or((i64::MIN, i64::MIN));
    let first: Option<(i64, i64)> =
        tx.first(FIRST_UNANSWERED, [id.0, order, message], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "UPDATE conversations SET waiting_since = ?2, waiting_message = ?3 \
               WHERE id = ?1 AND (waiting_since IS NOT ?2 OR waiting_message IS NOT ?3)";
    if tx.run(sql, params![id.0, first.map(|(since, _)| since), first.map(|(_, message)| message)])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Recomputes all of a conversation's summary, after messages of it were deleted.
pub(crate) fn refresh(tx: &Tx<'_>, id: ConversationId) -> DbResult<()> {
    let sql = "SELECT 1 FROM messages WHERE conversation = ?1 AND kind <> 'reaction' AND direction <> 'internal' \
               AND scheduled_at IS NULL";
    if tx.any(sql, [id.0])? {
        refresh_newest(tx, id)?;
    } else {
        let sql = "UPDATE conversations SET last_message = 0, last_text = '', last_kind = 'text', \
                   last_status = 'received' WHERE id = ?1";
        tx.run(sql, [id.0])?;
    }
    refresh_waiting(tx, id)?;
    refresh_unread(tx, id)?;
    touch(tx, id)
}

/// Recomputes the newest message, after a merge or when it was deleted.
pub(crate) fn refresh_newest(tx: &Tx<'_>, id: ConversationId) -> DbResult<()> {
    let sql = "UPDATE conversations SET last_order = max(last_order, newest.order_ms), last_message = newest.id, last_at = newest.at, \
               last_text = newest.text, last_kind = newest.kind, last_status = newest.status \
               FROM (SELECT * FROM messages WHERE conversation = ?1 AND kind <> 'reaction' \
               AND direction <> 'internal' AND scheduled_at IS NULL ORDER BY order_ms DESC, id DESC LIMIT 1) newest WHERE conversations.id = ?1";
    tx.run(sql, [id.0])?;
    Ok(())
}

/// Bumps a message's revision and records the change. Updates the conversation when it is the newest message.
pub(crate) fn message_changed(tx: &Tx<'_>, conversation: ConversationId, message: MessageId) -> DbResult<()> {
    let sql = "UPDATE messages SET revision = revision + 1 WHERE id = ?1";
    tx.run(sql, [message.0])?;
    tx.record_change(ChangeKind::MessageChanged { conversation, message });
    let sql = "UPDATE conversations SET last_text = m.text, last_status = m.status, last_kind = m.kind \
               FROM (SELECT text, status, kind FROM messages WHERE id = ?2) m \
               WHERE conversations.id = ?1 AND last_message = ?2 \
               AND (last_text <> m.text OR last_status <> m.status OR last_kind <> m.kind)";
    let is_newest = tx.run(sql, [conversation.0, message.0])? > 0;
    // The first unanswered message stands in lists too.
    let is_shown =
        || tx.any("SELECT 1 FROM conversations WHERE id = ?1 AND waiting_message = ?2", [conversation.0, message.0]);
    if is_newest || is_shown()? {
        touch(tx, conversation)?;
    }
    Ok(())
}
