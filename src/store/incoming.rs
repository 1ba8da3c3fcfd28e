//! Messages that gateways bring: customers' own, and echoes of what was sent on our side elsewhere.
//!
//! Invariant: a message that is there already is never added again, and an echo of an own message is that
//! message.

use rusqlite::{OptionalExtension, params};

use super::error::Work;
use super::identity::{self, PeerKey};
use super::progress::{Step, advance, name_on_wire, on_wire};
use super::standing::{self, Entry, message_changed};
use super::writer::Tx;
use super::{receipts, row, search};
use crate::domain::inbound::InboundMessage;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, ConversationId, Delivery, Direction, Kind, Message, MessageId, Status,
    Timestamp,
};

/// The event that is being applied.
pub(super) struct Event<'a> {
    pub(super) account: &'a AccountName,
    pub(super) channel: Channel,
    pub(super) window: WindowRule,
    pub(super) arrival: Timestamp,
}

impl<'a> Event<'a> {
    /// Where a claim was made that names this channel, or none.
    pub(super) fn place(&self, channel: Option<Channel>) -> PeerKey<'a> {
        PeerKey { account: self.account, channel: channel.unwrap_or(self.channel) }
    }
}

/// Adds a message unless it is there; returns the id of an added one. `earlier`: what an earlier reading of
/// the same event made; each of those stands for one equal claim.
pub(super) fn receive(
    tx: &Tx<'_>,
    event: &Event<'_>,
    message: &InboundMessage,
    earlier: &mut Vec<Message>,
) -> Work<Option<MessageId>> {
    if let Some(at) = earlier.iter().position(|known| equal(known, message)) {
        earlier.swap_remove(at);
        return Ok(None);
    }
    let place = event.place(message.channel);
    let order = order(message.at, event.arrival);
    let conversation = identity::meet_or_make(tx, place, &message.peer, event.window, order)?;
    if let Some(name) = &message.name {
        identity::name(tx, conversation, name, message.direction == Direction::Out)?;
    }
    let known = match message.direction {
        Direction::In => known_incoming(tx, event, message)?,
        Direction::Out => known_echo(tx, event, conversation, message)?,
    };
    if known {
        return Ok(None);
    }
    add(tx, event, conversation, order, message).map(Some)
}

fn equal(known: &Message, message: &InboundMessage) -> bool {
    known.direction == message.direction
        && known.remote_id == message.remote_id
        && known.kind == message.kind
        && known.text == message.text
}

/// A gateway's whole seconds may name a time up to 999 ms too early; within them, arrival orders.
fn order(at: Option<Timestamp>, arrival: Timestamp) -> Timestamp {
    let Some(at) = at else { return arrival };
    let latest = if at.0 % 1000 == 0 { at.0.saturating_add(999) } else { at.0 };
    Timestamp(latest.min(arrival.0))
}

fn add(
    tx: &Tx<'_>,
    event: &Event<'_>,
    conversation: ConversationId,
    order: Timestamp,
    message: &InboundMessage,
) -> Work<MessageId> {
    let outgoing = message.direction == Direction::Out;
    let id = standing::add(
        tx,
        &Entry {
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
            fresh: true,
        },
    )?;
    if let (true, Some(remote_id)) = (outgoing, &message.remote_id) {
        name_on_wire(tx, event.account, remote_id, id, 1)?;
        receipts::look_again(tx, event.account, id, event.arrival)?;
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

/// Whether a customer's message is there already; facts that were missing are filled.
fn known_incoming(tx: &Tx<'_>, event: &Event<'_>, message: &InboundMessage) -> Work<bool> {
    let Some(remote_id) = message.remote_id.as_deref().filter(|_| message.unique) else {
        return Ok(false);
    };
    let sql =
        "SELECT id, conversation FROM messages WHERE account = ?1 AND remote_id = ?2 AND direction = 'in' LIMIT 1";
    let found: Option<(i64, i64)> = tx
        .conn
        .prepare_cached(sql)?
        .query_row([event.account.as_str(), remote_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, conversation)) = found else {
        return Ok(false);
    };
    // What could not be shown before gives way to what can; else only what was missing is filled.
    let sql = "UPDATE messages SET text = iif(kind = 'unsupported' OR text = '', ?2, text), \
               media = iif(kind = 'unsupported' OR media IS NULL, ?3, media), \
               payload = iif(kind = 'unsupported' OR payload IS NULL, ?4, payload), \
               kind = iif(kind = 'unsupported', ?5, kind) WHERE id = ?1 AND (kind = 'unsupported' AND ?5 <> kind \
               OR text = '' AND ?2 <> '' OR media IS NULL AND ?3 IS NOT NULL OR payload IS NULL AND ?4 IS NOT NULL)";
    let media = message.media.as_ref().map(serde_json::to_string).transpose()?;
    let payload = message.payload.as_ref().map(ToString::to_string);
    let values = params![id, message.text, media, payload, message.kind.as_str()];
    if tx.conn.prepare_cached(sql)?.execute(values)? > 0 {
        search::enlist(tx, MessageId(id))?;
        message_changed(tx, ConversationId(conversation), MessageId(id))?;
    }
    Ok(true)
}

/// Whether an echo tells of a message that is there already: by its id, else by the cautious guess.
fn known_echo(tx: &Tx<'_>, event: &Event<'_>, conversation: ConversationId, message: &InboundMessage) -> Work<bool> {
    if let Some(remote_id) = &message.remote_id
        && let Some((id, attempt)) = on_wire(tx, event.account, remote_id)?
    {
        let delivery = Delivery { attempt, stage: Status::Sent };
        advance(tx, id, &Step { delivery, failure: None, inferred: false })?;
        return Ok(true);
    }
    let said = (message.kind, message.text.as_str());
    let Some((id, attempt)) = receipts::only_echoed(tx, event.account, conversation, said, event.arrival)? else {
        return Ok(false);
    };
    let delivery = Delivery { attempt, stage: Status::Sent };
    advance(tx, id, &Step { delivery, failure: None, inferred: true })?;
    if let Some(remote_id) = &message.remote_id {
        name_on_wire(tx, event.account, remote_id, id, attempt)?;
        receipts::look_again(tx, event.account, id, event.arrival)?;
    }
    Ok(true)
}

/// Takes an echo that was added as a message of its own before its id was known to be an own message's, into
/// that message: how far it came is joined, the echo goes.
pub(super) fn take_echo(
    tx: &Tx<'_>,
    account: &AccountName,
    remote_id: &str,
    own: (MessageId, ConversationId, u32),
) -> Work<()> {
    let (id, conversation, attempt) = own;
    let sql = "SELECT id, status FROM messages WHERE account = ?1 AND remote_id = ?2 AND direction = 'out' \
               AND started_at IS NULL AND conversation = ?3 AND id <> ?4 LIMIT 1";
    let echo = tx
        .conn
        .prepare_cached(sql)?
        .query_row(params![account.as_str(), remote_id, conversation.0, id.0], |row| {
            Ok((MessageId(row.get(0)?), row::word(row, 1, Status::Sent)?))
        })
        .optional()?;
    let Some((echo, stage)) = echo else {
        return Ok(());
    };
    let sql = "UPDATE wire_ids SET message = ?2, attempt = ?3 WHERE message = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![echo.0, id.0, attempt])?;
    search::enlist(tx, echo)?;
    tx.conn.prepare_cached("DELETE FROM messages WHERE id = ?1")?.execute([echo.0])?;
    tx.changed(crate::domain::ChangeKind::MessageChanged { conversation, message: echo });
    advance(tx, id, &Step { delivery: Delivery { attempt, stage }, failure: None, inferred: false })?;
    standing::reckon_newest(tx, conversation)?;
    standing::reckon_waiting(tx, conversation)?;
    super::conversations::touch(tx, conversation)
}
