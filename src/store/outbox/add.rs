//! Rows of the outbox: adding one, and what is to be sent of a message that is stored.

use rusqlite::params;

use super::heads::refresh_head;
use crate::domain::{AccountName, Content, ConversationId, Kind, Message, MessageId, Outgoing, Recipient, Timestamp};
use crate::store::database::{DbError, DbResult, RunSql, Tx};
use crate::store::messages::page;
use crate::store::row;

/// A row for `outbox`.
pub(super) struct NewQueueRow<'a> {
    pub(super) message: MessageId,
    pub(super) conversation: ConversationId,
    pub(super) account: &'a AccountName,
    /// A rule wrote it: people's messages are sent first.
    pub(super) by_rule: bool,
    /// A person wants it to go out whatever the window.
    pub(super) anyway: bool,
    pub(super) attempt: u32,
    pub(super) outgoing: &'a Outgoing,
}

/// Adds a message's row to the outbox, behind the others of its conversation.
pub(super) fn add_to_outbox(tx: &Tx<'_>, new: &NewQueueRow<'_>, now: Timestamp) -> DbResult<()> {
    let sql = "INSERT INTO outbox (message, conversation, account, priority, head, queued_at, not_before, anyway, \
               attempt, outgoing) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?5, ?6, ?7, ?8)";
    let values = params![
        new.message.0,
        new.conversation.0,
        new.account.as_str(),
        new.by_rule,
        now.0,
        new.anyway,
        new.attempt,
        serde_json::to_string(new.outgoing)?,
    ];
    tx.run(sql, values)?;
    if !new.by_rule {
        // What is before a person's message in its conversation must not hold it up.
        let sql = "UPDATE outbox SET priority = 0 WHERE conversation = ?1 AND priority > 0";
        tx.run(sql, [new.conversation.0])?;
    }
    refresh_head(tx, new.conversation)
}

/// A message with what is to be sent of it; `None` when a later version wrote that in another form.
pub(super) fn content_of(tx: &Tx<'_>, id: MessageId) -> DbResult<Option<(Message, Outgoing)>> {
    let message = page::find(tx.conn, id)?.ok_or(DbError::NotFound)?;
    let sql =
        "SELECT m.content, c.is_group FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?1";
    let (content, group): (Option<Content>, bool) = tx.one(sql, [id.0], |row| Ok((row::json(row, 0)?, row.get(1)?)))?;
    let text = || (message.kind == Kind::Text).then(|| Content::Text { body: message.text.clone() });
    let Some(content) = content.or_else(text) else { return Ok(None) };
    let to = Recipient { peer: message.peer.clone(), group };
    let quoted = message.payload.as_ref().and_then(|payload| payload.get("quoted"));
    let quote = quoted.and_then(|quoted| serde_json::from_value(quoted.clone()).ok());
    let outgoing = Outgoing { channel: message.channel, to, content, quote };
    Ok(Some((message, outgoing)))
}
