//! Messages that gateways deliver: customers' own, and echoes of what our side sent elsewhere.
//!
//! Invariant: a known message is never added again, and an echo of an own message is that message.

use rusqlite::params;

use super::echo::match_echo;
use super::edit;
use crate::domain::inbound::InboundMessage;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, ConversationId, Direction, Kind, Message, MessageId, Status, Timestamp,
};
use crate::store::conversations::summary::{self, message_changed};
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::record_remote_id;
use crate::store::identity::{self, PeerScope};
use crate::store::media;
use crate::store::messages::insert::{NewRow, insert};
use crate::store::messages::{order, page};
use crate::store::receipts;
use crate::store::search::index;
use serde_json::Value;

/// The customer's message of the account `?1` with the remote id `?2`.
pub(crate) const BY_REMOTE_ID: &str =
    "SELECT id, conversation FROM messages WHERE account = ?1 AND remote_id = ?2 AND direction = 'in' LIMIT 1";

/// What is known of the event that is being applied.
pub(super) struct EventContext<'a> {
    pub(super) account: &'a AccountName,
    pub(super) channel: Channel,
    pub(super) window: WindowRule,
    pub(super) arrival: Timestamp,
}

impl<'a> EventContext<'a> {
    /// The scope of a report's peers; the account's channel unless it names one.
    pub(super) fn scope(&self, channel: Option<Channel>) -> PeerScope<'a> {
        PeerScope { account: self.account, channel: channel.unwrap_or(self.channel) }
    }
}

/// Adds a message unless it is known; returns its id if it was added. `earlier` holds the messages that an earlier
/// interpretation of the same event added; each is taken for one equal report.
pub(super) fn add(
    tx: &Tx<'_>,
    event: &EventContext<'_>,
    message: &InboundMessage,
    earlier: &mut Vec<Message>,
) -> DbResult<Option<MessageId>> {
    if let Some(at) = earlier.iter().position(|known| is_equal(known, message)) {
        earlier.swap_remove(at);
        return Ok(None);
    }
    let scope = event.scope(message.channel);
    let conversation = identity::find_or_create(tx, scope, &message.peer, event.window, event.arrival)?;
    if let Some(name) = &message.name {
        identity::set_name(tx, conversation, name, message.direction == Direction::Out)?;
    }
    let known = match message.direction {
        Direction::In => complete_known(tx, event, message)?,
        // A copy in a history is of a message that was sent when the copy says, not now.
        Direction::Out => {
            let history = order::of_history(message.at, event.arrival);
            let sent_before = if message.history { history } else { event.arrival };
            match_echo(tx, event.account, conversation, message, sent_before)?
        }
        // No gateway has notes.
        Direction::Internal => true,
    };
    if known {
        return Ok(None);
    }
    insert_new(tx, event, conversation, message).map(Some)
}

fn is_equal(known: &Message, message: &InboundMessage) -> bool {
    known.direction == message.direction
        && known.remote_id == message.remote_id
        && known.kind == message.kind
        && known.text == message.text
}

fn insert_new(
    tx: &Tx<'_>,
    event: &EventContext<'_>,
    conversation: ConversationId,
    message: &InboundMessage,
) -> DbResult<MessageId> {
    let outgoing = message.direction == Direction::Out;
    let order = if message.history {
        order::of_history(message.at, event.arrival)
    } else {
        order::of_arrival(tx, conversation, message.at, event.arrival)?
    };
    let id = insert(
        tx,
        &NewRow {
            id: None,
            conversation,
            account: event.account,
            order,
            at: message.at.unwrap_or(event.arrival),
            direction: message.direction,
            author: &author(message),
            kind: message.kind,
            text: &message.text,
            media: message.media.as_ref(),
            payload: message.payload.as_ref(),
            remote_id: message.remote_id.as_deref(),
            attempt: u32::from(outgoing),
            status: if outgoing { Status::Sent } else { Status::Received },
            error: None,
            inferred: false,
            started_at: None,
            content: None,
            arrived: (!message.history).then_some(event.arrival),
        },
    )?;
    if let Some(file) = &message.media {
        media::announce(tx, id, file, event.arrival)?;
    }
    if message.history {
        tx.run("UPDATE messages SET history = 1 WHERE id = ?1", [id.0])?;
        summary::refresh_waiting(tx, conversation)?;
    }
    if let Some((member, _)) = &message.member {
        tx.run("UPDATE messages SET member = ?2 WHERE id = ?1", params![id.0, member])?;
    }
    if let Some(remote_id) = &message.remote_id {
        if outgoing {
            record_remote_id(tx, event.account, remote_id, id, 1)?;
            receipts::match_orphans(tx, event.account, id, event.arrival)?;
        }
        edit::apply_early(tx, event.account, remote_id)?;
    }
    Ok(id)
}

fn author(message: &InboundMessage) -> Author {
    if message.direction == Direction::Out {
        return Author { kind: AuthorKind::Agent, name: String::new() };
    }
    let kind = if message.kind == Kind::System { AuthorKind::System } else { AuthorKind::Contact };
    let name = match &message.member {
        Some((id, name)) if name.trim().is_empty() => id.clone(),
        Some((_, name)) => name.clone(),
        None if message.peer.group => String::new(),
        None => message.name.clone().unwrap_or_default(),
    };
    Author { kind, name }
}

/// Whether a customer's message is known; if so, fills in what was missing of it.
fn complete_known(tx: &Tx<'_>, event: &EventContext<'_>, message: &InboundMessage) -> DbResult<bool> {
    let Some(remote_id) = message.remote_id.as_deref().filter(|_| message.unique) else {
        return Ok(false);
    };
    let found: Option<(i64, i64)> =
        tx.first(BY_REMOTE_ID, [event.account.as_str(), remote_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((id, conversation)) = found else {
        return Ok(false);
    };
    if message.kind == Kind::Call {
        return end_call(tx, MessageId(id), message).map(|()| true);
    }
    // Content that was unsupported is replaced; otherwise only what was missing is filled in.
    let sql = "UPDATE messages SET text = iif(kind = 'unsupported' OR text = '', ?2, text), \
               media = iif(kind = 'unsupported' OR media IS NULL, ?3, media), \
               payload = iif(kind = 'unsupported' OR payload IS NULL, ?4, payload), \
               kind = iif(kind = 'unsupported', ?5, kind) WHERE id = ?1 AND (kind = 'unsupported' AND ?5 <> kind \
               OR text = '' AND ?2 <> '' OR media IS NULL AND ?3 IS NOT NULL OR payload IS NULL AND ?4 IS NOT NULL)";
    let media = message.media.as_ref().map(media::reported).transpose()?;
    let payload = message.payload.as_ref().map(ToString::to_string);
    let values = params![id, message.text, media, payload, message.kind.as_str()];
    if tx.run(sql, values)? > 0 {
        if let Some(file) = &message.media {
            media::announce(tx, MessageId(id), file, event.arrival)?;
        }
        index::add_to_backlog(tx, MessageId(id))?;
        message_changed(tx, ConversationId(conversation), MessageId(id))?;
    }
    Ok(true)
}

/// Replaces what is known of a call that was ringing by how it ended.
fn end_call(tx: &Tx<'_>, id: MessageId, message: &InboundMessage) -> DbResult<()> {
    let state = |payload: Option<&Value>| payload.and_then(|p| p.get("state")?.as_str().map(str::to_owned));
    let is_ringing = |payload: Option<&Value>| state(payload).as_deref() == Some("ringing");
    let Some(known) = page::find(tx.conn, id)? else { return Ok(()) };
    let (Some(payload), true) = (&message.payload, is_ringing(known.payload.as_ref())) else { return Ok(()) };
    if is_ringing(Some(payload)) {
        return Ok(());
    }
    tx.run("UPDATE messages SET payload = ?2 WHERE id = ?1", params![id.0, payload.to_string()])?;
    message_changed(tx, known.conversation, id)
}
