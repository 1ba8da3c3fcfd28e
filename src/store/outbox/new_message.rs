//! A new message of our side, written into its conversation.

use rusqlite::params;

use super::add::NewQueueRow;
use crate::domain::inbound::Peer;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Content, ConversationId, Direction, MessageId, Outgoing, SendOptions, Status,
    Timestamp,
};
use crate::store::conversations::summary::touch;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::identity::{self, PeerScope};
use crate::store::messages::insert::{NewRow, insert, insert_row};
use crate::store::messages::order;
use crate::store::search::index;

/// A message to send.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    pub account: AccountName,
    pub outgoing: Outgoing,
    pub author: Author,
    /// A name for the conversation if it has none yet.
    pub name: Option<String>,
    /// The window rule of the account.
    pub window: WindowRule,
    pub options: SendOptions,
}

/// Its row in the outbox.
pub(super) fn new_row(new: &NewMessage, message: MessageId, conversation: ConversationId) -> NewQueueRow<'_> {
    NewQueueRow {
        message,
        conversation,
        account: &new.account,
        by_rule: new.author.kind == AuthorKind::Rule,
        anyway: new.options.ignore_window,
        attempt: 1,
        outgoing: &new.outgoing,
    }
}

/// Adds a message that waits for its time, at its place in the thread by that time.
pub(super) fn schedule(
    tx: &Tx<'_>,
    new: &NewMessage,
    at: Timestamp,
    now: Timestamp,
) -> DbResult<(MessageId, ConversationId)> {
    let conversation = conversation_of(tx, new, now)?;
    let content = stored_content(&new.outgoing.content)?;
    let (media, payload) = (new.outgoing.content.media(), new.outgoing.payload());
    let row = NewRow {
        order: at,
        at,
        media: media.as_ref(),
        payload: payload.as_ref(),
        content,
        ..own_row(new, conversation, now)
    };
    let id = insert_row(tx, &row, false)?;
    let sql = "UPDATE messages SET scheduled_at = ?2, anyway = ?3 WHERE id = ?1";
    tx.run(sql, params![id.0, at.0, new.options.ignore_window])?;
    if !row.text.is_empty() {
        index::add_to_backlog(tx, id)?;
    }
    touch(tx, conversation)?;
    Ok((id, conversation))
}

/// Adds a message at the end of its thread: `queued`, or `sending` where its request left at `started_at`.
pub(super) fn insert_message(
    tx: &Tx<'_>,
    new: &NewMessage,
    now: Timestamp,
    started_at: Option<Timestamp>,
) -> DbResult<(MessageId, ConversationId)> {
    let content = &new.outgoing.content;
    let conversation = conversation_of(tx, new, now)?;
    let (media, payload) = (content.media(), new.outgoing.payload());
    let row = NewRow {
        order: order::of_own(tx, conversation, now)?,
        media: media.as_ref(),
        payload: payload.as_ref(),
        content: stored_content(content)?,
        status: if started_at.is_some() { Status::Sending } else { Status::Queued },
        started_at,
        ..own_row(new, conversation, now)
    };
    Ok((insert(tx, &row)?, conversation))
}

/// The conversation of a new message, created if there is none.
fn conversation_of(tx: &Tx<'_>, new: &NewMessage, now: Timestamp) -> DbResult<ConversationId> {
    let Outgoing { channel, to, .. } = &new.outgoing;
    let peer = Peer { id: to.peer.clone(), group: to.group, aliases: Vec::new() };
    let scope = PeerScope { account: &new.account, channel: *channel };
    let conversation = identity::find_or_create(tx, scope, &peer, new.window, now)?;
    if let Some(name) = &new.name {
        identity::set_name(tx, conversation, name, true)?;
    }
    Ok(conversation)
}

/// The content as it is kept for sending again, unless it is plain text.
fn stored_content(content: &Content) -> DbResult<Option<String>> {
    let is_text = matches!(content, Content::Text { .. });
    if is_text { Ok(None) } else { Ok(Some(serde_json::to_string(content)?)) }
}

/// A queued message of our side that is written at `now`, without what only some kinds have.
fn own_row(new: &NewMessage, conversation: ConversationId, now: Timestamp) -> NewRow<'_> {
    NewRow {
        id: None,
        conversation,
        account: &new.account,
        order: now,
        at: now,
        direction: Direction::Out,
        author: &new.author,
        kind: new.outgoing.content.kind(),
        text: new.outgoing.content.text(),
        media: None,
        payload: None,
        remote_id: None,
        attempt: 1,
        status: Status::Queued,
        error: None,
        inferred: false,
        started_at: None,
        content: None,
        arrived: Some(now),
    }
}
