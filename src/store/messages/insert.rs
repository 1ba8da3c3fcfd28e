//! Inserting a message into its conversation.

use crate::domain::{
    AccountName, Author, AuthorKind, ChangeKind, ConversationId, Direction, Failure, Kind, Media, MessageId, Status,
    Timestamp,
};
use crate::store::conversations::summary;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::media;
use crate::store::row;
use crate::store::search::index;
use rusqlite::params;
use serde_json::Value;

/// A row for `messages`.
pub(crate) struct NewRow<'a> {
    pub(crate) id: Option<MessageId>,
    pub(crate) conversation: ConversationId,
    pub(crate) account: &'a AccountName,
    pub(crate) order: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) direction: Direction,
    pub(crate) author: &'a Author,
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) media: Option<&'a Media>,
    pub(crate) payload: Option<&'a Value>,
    pub(crate) remote_id: Option<&'a str>,
    pub(crate) attempt: u32,
    pub(crate) status: Status,
    pub(crate) error: Option<&'a Failure>,
    pub(crate) inferred: bool,
    /// When the request of an own message left.
    pub(crate) started_at: Option<Timestamp>,
    /// The [`Content`](crate::domain::Content) to send as JSON, unless it is plain text.
    pub(crate) content: Option<String>,
    /// When it came here or was written here; `None`: it is imported. A customer's message that came is unread and
    /// reopens its conversation.
    pub(crate) arrived: Option<Timestamp>,
}

impl NewRow<'_> {
    /// Whether a customer wrote it and waits for an answer.
    fn is_from_customer(&self) -> bool {
        self.direction == Direction::In
            && self.author.kind == AuthorKind::Contact
            && !matches!(self.kind, Kind::Reaction | Kind::System)
    }
}

/// Inserts a message, updates its conversation, and queues its text for the search index.
pub(crate) fn insert(tx: &Tx<'_>, new: &NewRow<'_>) -> DbResult<MessageId> {
    let from_customer = new.is_from_customer();
    let id = insert_row(tx, new, from_customer && new.arrived.is_some())?;
    if !new.text.is_empty() {
        index::add_to_backlog(tx, id)?;
    }
    update_summary(tx, new, id, from_customer)?;
    Ok(id)
}

/// Inserts a message and records that; its conversation and the search index are left to the caller.
pub(crate) fn insert_row(tx: &Tx<'_>, new: &NewRow<'_>, unread: bool) -> DbResult<MessageId> {
    let sql = "INSERT INTO messages (id, conversation, account, order_ms, at, direction, author, author_name, kind, \
               text, media, payload, remote_id, attempt, status, error_code, error_message, inferred, started_at, \
               content, unread, arrived) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
               ?18, ?19, ?20, ?21, ?22)";
    let values = params![
        new.id.map(|id| id.0),
        new.conversation.0,
        new.account.as_str(),
        new.order.0,
        new.at.0,
        row::direction_name(new.direction),
        new.author.kind.as_str(),
        new.author.name,
        new.kind.as_str(),
        new.text,
        new.media.map(media::reported).transpose()?,
        new.payload.map(Value::to_string),
        new.remote_id,
        new.attempt,
        new.status.as_str(),
        new.error.map(|error| error.code.as_str()),
        new.error.map(|error| error.message.as_str()),
        new.inferred,
        new.started_at.map(|at| at.0),
        new.content,
        unread,
        new.arrived.map(|at| at.0),
    ];
    tx.run(sql, values)?;
    let id = MessageId(tx.conn.last_insert_rowid());
    tx.record_change(ChangeKind::MessageAdded { conversation: new.conversation, message: id });
    Ok(id)
}

/// Updates the conversation after a message was inserted.
fn update_summary(tx: &Tx<'_>, new: &NewRow<'_>, id: MessageId, from_customer: bool) -> DbResult<()> {
    // What agents write to each other changes nothing of what the list shows of the customer.
    if new.direction == Direction::Internal {
        return summary::touch(tx, new.conversation);
    }
    // What comes now is the newest message, whatever the gateway's clock says; an imported one only by its time. A
    // reaction is only where there is no other.
    let sql = "UPDATE conversations SET last_order = iif(last_message = 0, ?2, max(last_order, ?2)), \
               last_message = ?3, last_at = ?4, last_text = ?5, last_kind = ?6, last_status = ?7 \
               WHERE id = ?1 AND (last_message = 0 OR (?6 <> 'reaction' AND (last_kind = 'reaction' OR ?8 \
               OR (last_order, last_message) < (?2, ?3))))";
    let place = new.arrived.map_or(new.order, |arrived| arrived.max(new.order));
    let values = params![
        new.conversation.0,
        place.0,
        id.0,
        new.at.0,
        new.text,
        new.kind.as_str(),
        new.status.as_str(),
        new.arrived.is_some()
    ];
    tx.run(sql, values)?;
    if from_customer {
        let sql = "UPDATE conversations SET customer_at = max(coalesce(customer_at, ?2), ?2), unread = unread + ?3, \
                   state = iif(?3, 'open', state), until = iif(?3, NULL, until) WHERE id = ?1";
        // A gateway's clock that is ahead does not keep the window open for longer.
        let written = new.arrived.map_or(new.at, |arrived| arrived.min(new.at));
        tx.run(sql, params![new.conversation.0, written.0, new.arrived.is_some()])?;
    }
    if from_customer || new.author.kind == AuthorKind::Agent {
        summary::refresh_waiting(tx, new.conversation)?;
    }
    summary::touch(tx, new.conversation)
}
