//! Importing messages.

use super::conversations::{find_or_create, is_usable_id};
use crate::domain::inbound::Peer;
use crate::domain::{ConversationId, Direction, Failure, Message, MessageId, Status, phone};
use crate::store::database::{DbResult, Pending, RunSql, Store, Tx};
use crate::store::delivery::record_remote_id;
use crate::store::identity::PeerScope;
use crate::store::messages::insert::{NewRow, insert};
use crate::store::row;
use rusqlite::params;

/// How many messages an import added, and how many were known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    pub added: usize,
    pub known: usize,
}

impl Store {
    /// Imports messages in one transaction: pass a few hundred at a time, in the order of their ids. A message keeps
    /// its id and its conversation's if these are free, and its place in the conversation.
    ///
    /// A message that was still to be sent becomes unsure (code `interrupted`): it is in no outbox.
    pub fn import_messages(&self, messages: Vec<Message>) -> Pending<ImportCounts> {
        self.write(move |tx| {
            let mut counts = ImportCounts::default();
            let mut imported = Vec::new();
            for message in &messages {
                let conversation = conversation_of(tx, message)?;
                let id = if let Some(known) = find_equal(tx, conversation, message, &imported)? {
                    counts.known += 1;
                    known
                } else {
                    counts.added += 1;
                    add(tx, conversation, message)?
                };
                imported.push(id);
            }
            Ok(counts)
        })
    }
}

fn conversation_of(tx: &Tx<'_>, message: &Message) -> DbResult<ConversationId> {
    let group = phone::looks_like_group(&message.peer);
    let peer = Peer { id: message.peer.clone(), group, aliases: Vec::new() };
    let scope = PeerScope { account: &message.account, channel: message.channel };
    find_or_create(tx, scope, &peer, message.conversation, message.order.at).map(|(id, _)| id)
}

/// A known message equal to this one, other than those in `imported`: each of these stands for one line of the file.
fn find_equal(
    tx: &Tx<'_>,
    conversation: ConversationId,
    message: &Message,
    imported: &[MessageId],
) -> DbResult<Option<MessageId>> {
    // The range of two days around it finds it by index: `order_ms` is near `at`.
    let sql = "SELECT id FROM messages WHERE conversation = ?1 AND at = ?2 AND direction = ?3 AND kind = ?4 \
               AND text = ?5 AND remote_id IS ?6 AND order_ms BETWEEN ?2 - 172800000 AND ?2 + 172800000 ORDER BY id";
    let values = params![
        conversation.0,
        message.at.0,
        row::direction_name(message.direction),
        message.kind.as_str(),
        message.text,
        message.remote_id,
    ];
    let equal = tx.all(sql, values, |row| row.get(0).map(MessageId))?;
    Ok(equal.into_iter().find(|id| !imported.contains(id)))
}

fn add(tx: &Tx<'_>, conversation: ConversationId, message: &Message) -> DbResult<MessageId> {
    let id = message.id;
    let is_free = is_usable_id(id.0) && !tx.any("SELECT 1 FROM messages WHERE id = ?1", [id.0])?;
    let outgoing = message.direction == Direction::Out;
    let unsent = matches!(message.status, Status::Queued | Status::Sending);
    let interrupted = Failure::new("interrupted", "");
    let row = NewRow {
        id: is_free.then_some(id),
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
        status: if unsent { Status::Unsure } else { message.status },
        error: message.error.as_ref().or_else(|| unsent.then_some(&interrupted)),
        inferred: message.inferred,
        started_at: None,
        content: None,
        arrived: None,
    };
    let id = insert(tx, &row)?;
    if let (true, Some(remote_id)) = (outgoing, &message.remote_id) {
        record_remote_id(tx, &message.account, remote_id, id, 1)?;
    }
    Ok(id)
}
