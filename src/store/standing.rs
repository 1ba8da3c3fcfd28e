//! Adding a message, and how its conversation stands after it: newest message, unread, who waits.
//!
//! Invariant: who waits and which message is newest follow from the messages alone, whatever order they came in.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::conversations::touch;
use super::error::Work;
use super::writer::Tx;
use super::{row, search};
use crate::domain::{
    AccountName, Author, AuthorKind, ChangeKind, ConversationId, Direction, Failure, Kind, Media, MessageId, Status,
    Timestamp,
};

/// A message that is to be added.
pub(super) struct Entry<'a> {
    pub(super) id: Option<MessageId>,
    pub(super) conversation: ConversationId,
    pub(super) account: &'a AccountName,
    pub(super) order: Timestamp,
    pub(super) at: Timestamp,
    pub(super) direction: Direction,
    pub(super) author: &'a Author,
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) media: Option<&'a Media>,
    pub(super) payload: Option<&'a Value>,
    pub(super) remote_id: Option<&'a str>,
    pub(super) attempt: u32,
    pub(super) status: Status,
    pub(super) error: Option<&'a Failure>,
    pub(super) inferred: bool,
    /// An own message whose request left at this time.
    pub(super) started_at: Option<Timestamp>,
    /// What was meant, when the message's own fields do not say it.
    pub(super) content: Option<String>,
    /// It came just now: it is unread if it is the customer's, and opens its conversation.
    pub(super) fresh: bool,
}

impl Entry<'_> {
    /// A message that a person of the other side wrote and that asks for an answer.
    fn is_customers(&self) -> bool {
        self.direction == Direction::In
            && self.author.kind == AuthorKind::Contact
            && !matches!(self.kind, Kind::Reaction | Kind::System)
    }
}

/// Adds a message to its conversation.
pub(super) fn add(tx: &Tx<'_>, entry: &Entry<'_>) -> Work<MessageId> {
    let sql = "INSERT INTO messages (id, conversation, account, order_ms, at, direction, author, author_name, kind, \
               text, media, payload, remote_id, attempt, status, error_code, error_message, inferred, started_at, \
               content, unread) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
               ?18, ?19, ?20, ?21)";
    let customers = entry.is_customers();
    tx.conn.prepare_cached(sql)?.execute(params![
        entry.id.map(|id| id.0),
        entry.conversation.0,
        entry.account.as_str(),
        entry.order.0,
        entry.at.0,
        row::direction_word(entry.direction),
        entry.author.kind.as_str(),
        entry.author.name,
        entry.kind.as_str(),
        entry.text,
        entry.media.map(serde_json::to_string).transpose()?,
        entry.payload.map(Value::to_string),
        entry.remote_id,
        entry.attempt,
        entry.status.as_str(),
        entry.error.map(|error| error.code.as_str()),
        entry.error.map(|error| error.message.as_str()),
        entry.inferred,
        entry.started_at.map(|at| at.0),
        entry.content,
        customers && entry.fresh,
    ])?;
    let id = MessageId(tx.conn.last_insert_rowid());
    if !entry.text.is_empty() {
        search::enlist(tx, id)?;
    }
    tx.changed(ChangeKind::MessageAdded { conversation: entry.conversation, message: id });
    follow(tx, entry, id, customers)?;
    Ok(id)
}

/// Lets the conversation follow a message that was added.
fn follow(tx: &Tx<'_>, entry: &Entry<'_>, id: MessageId, customers: bool) -> Work<()> {
    // A reaction is the newest message only of a conversation that has no other.
    let sql = "UPDATE conversations SET last_order = ?2, last_message = ?3, last_at = ?4, last_text = ?5, \
               last_kind = ?6, last_status = ?7 WHERE id = ?1 AND (last_message = 0 \
               OR (?6 <> 'reaction' AND (last_kind = 'reaction' OR (last_order, last_message) < (?2, ?3))))";
    tx.conn.prepare_cached(sql)?.execute(params![
        entry.conversation.0,
        entry.order.0,
        id.0,
        entry.at.0,
        entry.text,
        entry.kind.as_str(),
        entry.status.as_str(),
    ])?;
    if customers {
        let sql = "UPDATE conversations SET customer_at = max(coalesce(customer_at, ?2), ?2), unread = unread + ?3, \
                   state = iif(?3, 'open', state), until = iif(?3, NULL, until) WHERE id = ?1";
        tx.conn.prepare_cached(sql)?.execute(params![entry.conversation.0, entry.at.0, entry.fresh])?;
    }
    if customers || entry.author.kind == AuthorKind::Agent {
        reckon_waiting(tx, entry.conversation)?;
    }
    touch(tx, entry.conversation)
}

/// The place of the last answer of a person.
pub(super) const ANSWERED: &str = "SELECT order_ms, id FROM messages WHERE conversation = ?1 AND author = 'agent' \
    AND status <> 'failed' AND kind <> 'reaction' ORDER BY order_ms DESC, id DESC LIMIT 1";
/// The first message of the customer after a place.
pub(super) const ASKED: &str = "SELECT at FROM messages WHERE conversation = ?1 AND (order_ms, id) > (?2, ?3) \
    AND direction = 'in' AND author = 'contact' AND kind NOT IN ('reaction', 'system') ORDER BY order_ms, id LIMIT 1";

/// Reckons since when the customer waits: the first message of his after the last one of a person on our side
/// that did not fail. Automatic answers answer nobody.
pub(super) fn reckon_waiting(tx: &Tx<'_>, id: ConversationId) -> Work<()> {
    let answered: Option<(i64, i64)> =
        tx.conn.prepare_cached(ANSWERED)?.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (order, message) = answered.unwrap_or((i64::MIN, i64::MIN));
    let since: Option<i64> =
        tx.conn.prepare_cached(ASKED)?.query_row([id.0, order, message], |row| row.get(0)).optional()?;
    let sql = "UPDATE conversations SET waiting_since = ?2 WHERE id = ?1 AND waiting_since IS NOT ?2";
    if tx.conn.prepare_cached(sql)?.execute(params![id.0, since])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Reckons the newest message anew (after a merge, or when it was taken away).
pub(super) fn reckon_newest(tx: &Tx<'_>, id: ConversationId) -> Work<()> {
    let sql = "UPDATE conversations SET last_order = m.order_ms, last_message = m.id, last_at = m.at, \
               last_text = m.text, last_kind = m.kind, last_status = m.status \
               FROM (SELECT * FROM messages WHERE conversation = ?1 AND kind <> 'reaction' \
               ORDER BY order_ms DESC, id DESC LIMIT 1) m WHERE conversations.id = ?1";
    tx.conn.prepare_cached(sql)?.execute([id.0])?;
    Ok(())
}

/// Notes that a message changed; its conversation follows when it is the newest one.
pub(super) fn message_changed(tx: &Tx<'_>, conversation: ConversationId, message: MessageId) -> Work<()> {
    let sql = "UPDATE messages SET revision = revision + 1 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute([message.0])?;
    tx.changed(ChangeKind::MessageChanged { conversation, message });
    let sql = "UPDATE conversations SET last_text = m.text, last_status = m.status, last_kind = m.kind \
               FROM (SELECT text, status, kind FROM messages WHERE id = ?2) m \
               WHERE conversations.id = ?1 AND last_message = ?2 \
               AND (last_text <> m.text OR last_status <> m.status OR last_kind <> m.kind)";
    if tx.conn.prepare_cached(sql)?.execute([conversation.0, message.0])? > 0 {
        touch(tx, conversation)?;
    }
    Ok(())
}
