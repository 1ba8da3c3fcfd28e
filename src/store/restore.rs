//! Taking messages back that were exported, here or elsewhere.
//!
//! Invariant: nothing that is taken back is sent, becomes unread, or is there twice.

use rusqlite::{OptionalExtension, params};

use super::db::Store;
use super::error::Work;
use super::identity::{self, PeerKey};
use super::progress::name_on_wire;
use super::row;
use super::standing::{self, Entry};
use super::writer::{Pending, Tx};
use crate::domain::inbound::Peer;
use crate::domain::{ConversationId, Direction, Failure, Message, MessageId, Status, Timestamp, phone};

/// What became of messages that were taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// So many were added.
    pub added: usize,
    /// So many were there already.
    pub known: usize,
}

impl Store {
    /// Takes exported messages back, in one transaction; hand in a few hundred at a time, in the order of
    /// their ids. A message keeps its id and its conversation's where these are free. `order` says its place.
    ///
    /// A message that was still to be sent comes back as unsure (code `interrupted`): it is in no outbox.
    pub fn restore(&self, messages: Vec<Message>) -> Pending<Restored> {
        self.write(move |tx| {
            let mut restored = Restored::default();
            let mut taken = Vec::new();
            for message in &messages {
                let conversation = conversation(tx, message)?;
                let known = find(tx, conversation, message, &taken)?;
                if known.is_some() {
                    restored.known += 1;
                } else {
                    restored.added += 1;
                }
                taken.push(known.map_or_else(|| add(tx, conversation, message), Ok)?.0);
            }
            Ok(restored)
        })
    }
}

/// An id of a file is kept only when it leaves room for all that come after it.
fn keepable(id: i64) -> bool {
    (1..1 << 53).contains(&id)
}

fn conversation(tx: &Tx<'_>, message: &Message) -> Work<ConversationId> {
    let group = phone::looks_like_group(&message.peer);
    let peer = Peer { id: message.peer.clone(), group, aliases: Vec::new() };
    let place = PeerKey { account: &message.account, channel: message.channel };
    home(tx, place, &peer, message.conversation, message.order.at).map(|(id, _)| id)
}

/// The conversation with `peer`, and whether it was made just now; with the wanted id where that is free.
pub(super) fn home(
    tx: &Tx<'_>,
    place: PeerKey<'_>,
    peer: &Peer,
    wanted: ConversationId,
    at: Timestamp,
) -> Work<(ConversationId, bool)> {
    if let Some(id) = identity::meet(tx, place, peer)? {
        return Ok((id, false));
    }
    let sql = "SELECT 1 FROM conversations WHERE id = ?1 UNION ALL SELECT 1 FROM merged WHERE younger = ?1";
    let free = keepable(wanted.0) && !tx.conn.prepare_cached(sql)?.exists([wanted.0])?;
    Ok((identity::make(tx, place, peer, at, free.then_some(wanted.0))?, true))
}

/// The message that is there already; each stands for one that is taken back.
fn find(tx: &Tx<'_>, conversation: ConversationId, message: &Message, taken: &[i64]) -> Work<Option<MessageId>> {
    let sql = "SELECT id FROM messages WHERE conversation = ?1 AND at = ?2 AND direction = ?3 AND kind = ?4 \
               AND text = ?5 AND remote_id IS ?6 AND order_ms BETWEEN ?2 - 172800000 AND ?2 + 172800000 ORDER BY id";
    let mut statement = tx.conn.prepare_cached(sql)?;
    let values = params![
        conversation.0,
        message.at.0,
        row::direction_word(message.direction),
        message.kind.as_str(),
        message.text,
        message.remote_id,
    ];
    for id in statement.query_map(values, |row| row.get(0))? {
        let id = id?;
        if !taken.contains(&id) {
            return Ok(Some(MessageId(id)));
        }
    }
    Ok(None)
}

fn add(tx: &Tx<'_>, conversation: ConversationId, message: &Message) -> Work<MessageId> {
    let id = message.id.0;
    let sql = "SELECT 1 FROM messages WHERE id = ?1";
    let there = tx.conn.prepare_cached(sql)?.query_row([id], |_| Ok(())).optional()?.is_some();
    let outgoing = message.direction == Direction::Out;
    let in_flight = matches!(message.status, Status::Queued | Status::Sending);
    let interrupted = Failure::new("interrupted", "");
    let id = standing::add(
        tx,
        &Entry {
            id: (keepable(id) && !there).then_some(message.id),
            conversation,
            account: &message.account,
            order: message.order.at,
            at: message.at,
            direction: message.direction,
            author: &message.author,
            kind: message.kind,
            text: &message.text,
            media: message.media.as_ref(),
            payload: message.payload.as_ref(),
            remote_id: message.remote_id.as_deref(),
            attempt: u32::from(outgoing),
            status: if in_flight { Status::Unsure } else { message.status },
            error: message.error.as_ref().or_else(|| in_flight.then_some(&interrupted)),
            inferred: message.inferred,
            started_at: None,
            content: None,
            fresh: false,
        },
    )?;
    if let (true, Some(remote_id)) = (outgoing, &message.remote_id) {
        name_on_wire(tx, &message.account, remote_id, id, 1)?;
    }
    Ok(id)
}
