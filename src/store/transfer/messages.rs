//! Importing messages.

use std::collections::{HashMap, HashSet};

use rusqlite::params;

use super::conversations::{find_or_create, is_usable_id};
use super::export::ExportedMessage;
use crate::domain::inbound::Peer;
use crate::domain::{
    AccountName, AuthorKind, Channel, ConversationId, Direction, Failure, Kind, Message, MessageId, Status, Timestamp,
    phone,
};
use crate::store::conversations::{find, summary};
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::record_remote_id;
use crate::store::identity::PeerScope;
use crate::store::media;
use crate::store::messages::insert::{NewRow, insert_row};
use crate::store::row;
use crate::store::search::index;

/// How many messages an import added, and how many were known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    pub added: usize,
    pub known: usize,
}

/// A peer as a file names it: account, channel, id and the file's conversation.
type FilePeer = (AccountName, Channel, String, ConversationId);

/// What an import has written so far.
#[derive(Debug, Default)]
pub(super) struct Imported {
    /// Conversations that only this import has written: every message in them is one of its own, so none is looked for.
    pub(super) created: HashSet<ConversationId>,
    conversations: HashMap<FilePeer, ConversationId>,
    added: HashMap<ConversationId, Added>,
}

/// What is known of the store within one transaction, in which nobody else writes.
struct Known {
    /// Conversations that were found to exist in it.
    conversations: HashSet<ConversationId>,
    /// The greatest id of a message: every greater one is free.
    newest: MessageId,
    /// Messages that stand for lines of the file.
    imported: HashSet<MessageId>,
}

impl Known {
    fn read(tx: &Tx<'_>) -> DbResult<Self> {
        let newest = tx.one("SELECT coalesce(max(id), 0) FROM messages", [], |row| row.get(0).map(MessageId))?;
        Ok(Known { conversations: HashSet::new(), newest, imported: HashSet::new() })
    }

    fn is_free(&self, tx: &Tx<'_>, id: MessageId) -> DbResult<bool> {
        Ok(is_usable_id(id.0) && (id > self.newest || !tx.any("SELECT 1 FROM messages WHERE id = ?1", [id.0])?))
    }
}

/// What was added to a conversation, which is recounted once instead of after every message.
#[derive(Debug, Default)]
struct Added {
    /// When the customer last wrote, of the added messages.
    customer_at: Option<Timestamp>,
    unread: bool,
    /// Somebody wrote who begins or ends the customer's waiting.
    waiting: bool,
}

impl Imported {
    /// How many conversations are still to be recounted.
    pub(super) fn to_recount(&self) -> usize {
        self.added.len()
    }

    /// Recounts at most `limit` conversations inside the caller's transaction.
    pub(super) fn recount(&mut self, tx: &Tx<'_>, limit: usize) -> DbResult<()> {
        let ids: Vec<ConversationId> = self.added.keys().copied().take(limit).collect();
        for id in ids {
            if let Some(added) = self.added.remove(&id) {
                // One that was merged into another meanwhile is counted there.
                refresh(tx, find::resolve(tx.conn, id)?, &added)?;
            }
        }
        Ok(())
    }

    /// The conversation of a message, found or created.
    fn conversation_of(&mut self, tx: &Tx<'_>, message: &Message, known: &mut Known) -> DbResult<ConversationId> {
        let peer = (message.account.clone(), message.channel, message.peer.clone(), message.conversation);
        if let Some(id) = self.conversations.get(&peer)
            && (known.conversations.contains(id) || tx.any("SELECT 1 FROM conversations WHERE id = ?1", [id.0])?)
        {
            known.conversations.insert(*id);
            return Ok(*id);
        }
        let id = find_conversation(tx, message, &mut self.created)?;
        // Finding it may have merged others into it.
        known.conversations.clear();
        self.conversations.insert(peer, id);
        Ok(id)
    }
}

/// Imports messages inside the caller's transaction. Their conversations are left to be recounted.
pub(super) fn import(tx: &Tx<'_>, messages: &[ExportedMessage], done: &mut Imported) -> DbResult<ImportCounts> {
    let mut counts = ImportCounts::default();
    let mut known = Known::read(tx)?;
    let mut texts: Vec<(MessageId, &str)> = Vec::new();
    for exported in messages {
        let message = &exported.message;
        let conversation = done.conversation_of(tx, message, &mut known)?;
        let is_own = done.created.contains(&conversation);
        let equal = if is_own { None } else { find_equal(tx, conversation, message, &known.imported)? };
        // Also for one that is there already: an earlier import may have ended before it recounted.
        note(exported, done.added.entry(conversation).or_default());
        if let Some(equal) = equal {
            counts.known += 1;
            known.imported.insert(equal);
            adopt_media(tx, equal, message)?;
        } else {
            counts.added += 1;
            let is_free = known.is_free(tx, message.id)?;
            let id = add(tx, conversation, exported, is_free)?;
            adopt_media(tx, id, message)?;
            known.newest = known.newest.max(id);
            known.imported.insert(id);
            if !message.words().is_empty() {
                texts.push((id, message.words()));
            }
        }
    }
    // Last and in ascending order: the index writes out what it has collected whenever another statement with a
    // savepoint of its own runs, and wherever an id is smaller than the one before.
    texts.sort_unstable();
    for (id, text) in texts {
        index::index_now(tx, id, text)?;
    }
    Ok(counts)
}

/// Gives a message the file that it had where it was exported, if that is here.
fn adopt_media(tx: &Tx<'_>, id: MessageId, message: &Message) -> DbResult<()> {
    message.media.as_ref().map_or(Ok(()), |file| media::adopt(tx, id, file, message.at))
}

/// Notes what of its conversation has to be recounted for a message.
fn note(exported: &ExportedMessage, added: &mut Added) {
    let message = &exported.message;
    let from_customer = message.direction == Direction::In
        && message.author.kind == AuthorKind::Contact
        && !matches!(message.kind, Kind::Reaction | Kind::System);
    if from_customer {
        added.customer_at = added.customer_at.max(Some(message.at));
    }
    added.unread |= exported.unread;
    added.waiting |= from_customer || message.author.kind == AuthorKind::Agent;
}

fn find_conversation(
    tx: &Tx<'_>,
    message: &Message,
    created: &mut HashSet<ConversationId>,
) -> DbResult<ConversationId> {
    let group = phone::looks_like_group(&message.peer);
    let peer = Peer { id: message.peer.clone(), group, aliases: Vec::new() };
    let scope = PeerScope { account: &message.account, channel: message.channel };
    let (id, is_new) = find_or_create(tx, scope, &peer, message.conversation, message.order.at)?;
    if is_new {
        created.insert(id);
    }
    Ok(id)
}

/// Recomputes the summary of a conversation after messages were added.
fn refresh(tx: &Tx<'_>, conversation: ConversationId, added: &Added) -> DbResult<()> {
    if let Some(at) = added.customer_at {
        let sql = "UPDATE conversations SET customer_at = max(coalesce(customer_at, ?2), ?2) WHERE id = ?1";
        tx.run(sql, [conversation.0, at.0])?;
    }
    summary::refresh_newest(tx, conversation)?;
    if added.waiting {
        summary::refresh_waiting(tx, conversation)?;
    }
    if added.unread {
        summary::refresh_unread(tx, conversation)?;
    }
    summary::touch(tx, conversation)
}

/// A known message equal to this one, other than those in `imported`: each of these stands for one line of the file.
fn find_equal(
    tx: &Tx<'_>,
    conversation: ConversationId,
    message: &Message,
    imported: &HashSet<MessageId>,
) -> DbResult<Option<MessageId>> {
    // Found by the gateway's id, or by the range of two days around it: `order_ms` is near `at`.
    let sql = if message.remote_id.is_some() {
        "SELECT id FROM messages WHERE account = ?7 AND remote_id = ?6 AND conversation = ?1 AND at = ?2 \
         AND direction = ?3 AND kind = ?4 AND text = ?5 ORDER BY id"
    } else {
        "SELECT id FROM messages WHERE conversation = ?1 AND at = ?2 AND direction = ?3 AND kind = ?4 AND text = ?5 \
         AND remote_id IS ?6 AND order_ms BETWEEN ?2 - 172800000 AND ?2 + 172800000 AND account = ?7 ORDER BY id"
    };
    let values = params![
        conversation.0,
        message.at.0,
        row::direction_name(message.direction),
        message.kind.as_str(),
        message.text,
        message.remote_id,
        message.account.as_str(),
    ];
    let equal = tx.all(sql, values, |row| row.get(0).map(MessageId))?;
    Ok(equal.into_iter().find(|id| !imported.contains(id)))
}

/// Adds a message, with its id if that is free.
fn add(tx: &Tx<'_>, conversation: ConversationId, exported: &ExportedMessage, is_free: bool) -> DbResult<MessageId> {
    let message = &exported.message;
    let outgoing = message.direction == Direction::Out;
    let unsent = matches!(message.status, Status::Queued | Status::Sending);
    let interrupted = Failure::new("interrupted", "");
    let row = NewRow {
        id: is_free.then_some(message.id),
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
        content: exported.content.as_ref().filter(|_| outgoing).map(ToString::to_string),
        arrived: None,
    };
    let id = insert_row(tx, &row, exported.unread && !outgoing)?;
    if let (true, Some(remote_id)) = (outgoing, &message.remote_id) {
        // Most ids are new, and the row has its own already.
        let sql = "INSERT INTO wire_ids (account, remote_id, message, attempt) VALUES (?1, ?2, ?3, 1) \
                   ON CONFLICT DO NOTHING";
        if tx.run(sql, params![message.account.as_str(), remote_id, id.0])? == 0 {
            record_remote_id(tx, &message.account, remote_id, id, 1)?;
        }
    }
    Ok(id)
}
