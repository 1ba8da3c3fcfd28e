//! Applying what a gateway claims: all claims of an event at once, and only once.
//!
//! Invariant: no claim here decides anything that a person decides, and no claim that cannot be placed stops
//! the others of its event.

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value, json};

use super::db::Store;
use super::error::{Fault, Work};
use super::identity::{self, PeerKey};
use super::incoming::{self, Event};
use super::journal::Applied;
use super::progress::on_wire;
use super::standing::message_changed;
use super::writer::{Pending, Tx};
use super::{accounts, messages, receipts, search};
use crate::domain::inbound::Peer;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, ConversationId, EventId, Inbound, MessageId, Timestamp};

impl Store {
    /// Applies an event's claims and marks it interpreted, in one transaction; a second call for the same event
    /// does nothing. `channel`: the account's, for claims that name none. `window`: the account's rule.
    ///
    /// The time of arrival is the event's own; `now` is not before it.
    pub fn apply(
        &self,
        event: EventId,
        account: &AccountName,
        channel: Channel,
        window: WindowRule,
        claims: Vec<Inbound>,
        _now: Timestamp,
    ) -> Pending<Applied> {
        let account = account.clone();
        self.write(move |tx| {
            let sql = "SELECT received_at, made FROM events WHERE id = ?1 AND state = 0";
            let waiting: Option<(i64, Option<String>)> =
                tx.conn.prepare_cached(sql)?.query_row([event.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((received_at, made)) = waiting else {
                let known = tx.conn.prepare_cached("SELECT 1 FROM events WHERE id = ?1")?.exists([event.0])?;
                return if known { Ok(Applied::default()) } else { Err(Fault::NotFound) };
            };
            let made: Vec<i64> = made.and_then(|made| serde_json::from_str(&made).ok()).unwrap_or_default();
            let context = Event { account: &account, channel, window, arrival: Timestamp(received_at) };
            apply(tx, event, &context, made, &claims)
        })
    }
}

fn apply(tx: &Tx<'_>, id: EventId, event: &Event<'_>, made: Vec<i64>, claims: &[Inbound]) -> Work<Applied> {
    let mut applied = Applied::default();
    let mut unknown: Vec<&str> = Vec::new();
    let mut earlier = messages_of(tx, &made)?;
    let mut ids = made;
    for claim in claims {
        match claim {
            Inbound::Message(message) => {
                if let Some(added) = incoming::receive(tx, event, message, &mut earlier)? {
                    ids.push(added.0);
                    applied.messages.extend(messages::find(tx.conn, added)?);
                }
            }
            Inbound::Receipt(receipt) => {
                applied.orphans += usize::from(!receipts::receive(tx, event.account, receipt, event.arrival)?);
            }
            Inbound::Edited { remote_id, text } => edit(tx, event.account, remote_id, text)?,
            Inbound::Revoked { remote_id } => revoke(tx, event.account, remote_id)?,
            Inbound::Named { channel, peer, name } => named(tx, &event.place(*channel), peer, name)?,
            Inbound::Session { state, detail } => {
                match accounts::observe(tx, event.account, *state, detail, event.arrival) {
                    // An account without a row has nobody who looks at it.
                    Ok(()) | Err(Fault::NotFound) => {}
                    Err(fault) => return Err(fault),
                }
            }
            Inbound::Moved { channel, from, to } => moved(tx, &event.place(*channel), from, to)?,
            Inbound::Nothing { .. } => {}
            Inbound::Unknown { event } => unknown.push(event),
        }
    }
    let words = (!unknown.is_empty()).then(|| unknown.join(", "));
    let ids = (!ids.is_empty()).then(|| json!(ids).to_string());
    let sql = "UPDATE events SET state = 1, unknown = ?2, made = ?3 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![id.0, words, ids])?;
    accounts::heard(tx, event.account, event.arrival)?;
    Ok(applied)
}

/// The messages that an earlier reading of the same event made.
fn messages_of(tx: &Tx<'_>, ids: &[i64]) -> Work<Vec<crate::domain::Message>> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(messages::find(tx.conn, MessageId(*id))?);
    }
    Ok(found)
}

fn named(tx: &Tx<'_>, place: &PeerKey<'_>, peer: &Peer, name: &str) -> Work<()> {
    if name.trim().is_empty() {
        return Ok(());
    }
    if let Some(id) = identity::meet(tx, *place, peer)? {
        identity::name(tx, id, name, false)?;
    }
    // An address book's own name is somebody's choice; only a missing one is filled.
    let sql = "UPDATE contacts SET name = ?3, place = ?4 WHERE account = ?1 AND phone = ?2 \
               AND coalesce(name, '') = ''";
    for phone in std::iter::once(&peer.id).chain(&peer.aliases) {
        let place_in_list = super::contacts::place(Some(name), Some(phone), None);
        tx.conn.prepare_cached(sql)?.execute(params![place.account.as_str(), phone, name, place_in_list])?;
    }
    Ok(())
}

fn moved(tx: &Tx<'_>, place: &PeerKey<'_>, from: &Peer, to: &Peer) -> Work<()> {
    let ids = [&from.id].into_iter().chain(&from.aliases).chain([&to.id]).chain(&to.aliases);
    let all = Peer { id: from.id.clone(), group: from.group, aliases: ids.cloned().collect() };
    let Some(id) = identity::meet(tx, *place, &all)? else {
        return Ok(());
    };
    let aliases: Vec<&str> = std::iter::once(&to.id).chain(&to.aliases).map(String::as_str).collect();
    match identity::phone_of(place.channel, to.group, &aliases) {
        Some(phone) => identity::show(tx, id, phone),
        // A phone number that is known is a better name than an id.
        None if identity::phone_of(place.channel, false, &[from.id.as_str()]).is_some() => Ok(()),
        None => identity::show(tx, id, &to.id),
    }
}

/// A message by any id that its gateway uses for it.
fn by_remote_id(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> Work<Option<(MessageId, ConversationId)>> {
    let sql = "SELECT id, conversation FROM messages WHERE account = ?1 AND remote_id = ?2 ORDER BY id DESC LIMIT 1";
    let found = tx
        .conn
        .prepare_cached(sql)?
        .query_row([account.as_str(), remote_id], |row| Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?))))
        .optional()?;
    if found.is_some() {
        return Ok(found);
    }
    match on_wire(tx, account, remote_id)? {
        Some((id, _)) => Ok(messages::find(tx.conn, id)?.map(|message| (id, message.conversation))),
        None => Ok(None),
    }
}

fn edit(tx: &Tx<'_>, account: &AccountName, remote_id: &str, text: &str) -> Work<()> {
    let Some((id, conversation)) = by_remote_id(tx, account, remote_id)? else {
        return Ok(());
    };
    let Some(message) = messages::find(tx.conn, id)?.filter(|message| message.text != text) else {
        return Ok(());
    };
    let mut payload = object(message.payload);
    payload.insert("edited".to_owned(), Value::Bool(true));
    // The first text is the original, however often it is edited.
    payload.entry("original").or_insert(Value::String(message.text));
    let sql = "UPDATE messages SET text = ?2, payload = ?3 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![id.0, text, Value::Object(payload).to_string()])?;
    search::enlist(tx, id)?;
    message_changed(tx, conversation, id)
}

fn revoke(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> Work<()> {
    let Some((id, conversation)) = by_remote_id(tx, account, remote_id)? else {
        return Ok(());
    };
    let Some(message) = messages::find(tx.conn, id)? else {
        return Ok(());
    };
    let mut payload = object(message.payload);
    if payload.insert("revoked".to_owned(), Value::Bool(true)) == Some(Value::Bool(true)) {
        return Ok(());
    }
    let sql = "UPDATE messages SET payload = ?2 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![id.0, Value::Object(payload).to_string()])?;
    message_changed(tx, conversation, id)
}

/// A payload as an object; what is none is kept in one.
fn object(payload: Option<Value>) -> Map<String, Value> {
    match payload {
        Some(Value::Object(map)) => map,
        None | Some(Value::Null) => Map::new(),
        Some(other) => Map::from_iter([("value".to_owned(), other)]),
    }
}
