//! The queue: adding messages to the outbox, again after a failure, and taking them out.

use rusqlite::params;

use crate::domain::inbound::Peer;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Content, ConversationId, Delivery, Direction, Failure, Kind, Message, MessageId,
    Outgoing, Recipient, Status, Timestamp,
};
use crate::store::conversations::summary::{message_changed, refresh_waiting};
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::delivery::{DeliveryUpdate, advance, own_message};
use crate::store::identity::{self, PeerScope};
use crate::store::messages::insert::{NewRow, insert};
use crate::store::messages::order;
use crate::store::messages::page;
use crate::store::outbox::heads::{refresh_head, remove};
use crate::store::outbox::lease::{Lease, LeaseOwner};
use crate::store::requests::RequestId;
use crate::store::{drafts, requests, row};

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
}

impl Store {
    /// Adds a message (`queued`) and its outbox row, creates its conversation if there is none, and clears the
    /// conversation's draft, all in one transaction.
    pub fn enqueue(&self, new: NewMessage, now: Timestamp) -> Pending<Message> {
        self.write(move |tx| {
            let (id, conversation) = insert_message(tx, &new, now, None)?;
            add_to_outbox(tx, &new_row(&new, id, conversation), now)?;
            drafts::clear(tx, conversation)?;
            page::find(tx.conn, id)?.ok_or(DbError::NotFound)
        })
    }

    /// Sends a message now because a person asked for it. A failed or unsure one is queued as a new attempt, behind what
    /// its conversation has queued, and goes out whatever the window; a queued one waits no longer, and the pause of its
    /// account ends. `NotFound` when it is in another state.
    pub fn send_again(&self, message: MessageId, now: Timestamp) -> Pending<Message> {
        self.write(
            move |tx| if send_now(tx, message, now)? { found(tx, message) } else { send_again(tx, message, now) },
        )
    }

    /// Takes a queued message out of the outbox: it fails with the code `cancelled`. `NotFound` when it is not queued
    /// or is being sent.
    pub fn cancel(&self, message: MessageId) -> Pending<Message> {
        self.write(move |tx| {
            if !tx.any("SELECT 1 FROM outbox WHERE message = ?1 AND owner IS NULL", [message.0])? {
                return Err(DbError::NotFound);
            }
            let own = own_message(tx, message)?;
            remove(tx, message, own.conversation)?;
            let delivery = Delivery { stage: Status::Failed, ..own.delivery };
            let failure = Failure::new("cancelled", "");
            advance(tx, message, &DeliveryUpdate { delivery, failure: Some(&failure), inferred: false })?;
            page::find(tx.conn, message)?.ok_or(DbError::NotFound)
        })
    }
}

/// Queues an automatic reply of a rule, or, where `in_webhook` sends it in the response to a webhook, leases it to that:
/// then it is `sending`, and its attempt counts toward no limit, for it is no request of ours. Drafts stay.
pub(crate) fn add_reply(
    tx: &Tx<'_>,
    new: NewMessage,
    in_webhook: Option<&LeaseOwner>,
    now: Timestamp,
) -> DbResult<Option<Lease>> {
    let (id, conversation) = insert_message(tx, &new, now, in_webhook.map(|_| now))?;
    add_to_outbox(tx, &new_row(&new, id, conversation), now)?;
    let Some(owner) = in_webhook else {
        return Ok(None);
    };
    let lease = Lease {
        message: id,
        conversation,
        account: new.account,
        attempt: 1,
        outgoing: new.outgoing,
        anyway: false,
        owner: owner.clone(),
        epoch: 1,
        request: RequestId::UNCOUNTED,
    };
    lease.write(tx, now)?;
    refresh_head(tx, conversation)?;
    Ok(Some(lease))
}

fn new_row(new: &NewMessage, message: MessageId, conversation: ConversationId) -> NewQueueRow<'_> {
    NewQueueRow {
        message,
        conversation,
        account: &new.account,
        by_rule: new.author.kind == AuthorKind::Rule,
        anyway: false,
        attempt: 1,
        outgoing: &new.outgoing,
    }
}

fn insert_message(
    tx: &Tx<'_>,
    new: &NewMessage,
    now: Timestamp,
    started_at: Option<Timestamp>,
) -> DbResult<(MessageId, ConversationId)> {
    let Outgoing { channel, to, content } = &new.outgoing;
    let peer = Peer { id: to.peer.clone(), group: to.group, aliases: Vec::new() };
    let scope = PeerScope { account: &new.account, channel: *channel };
    let conversation = identity::find_or_create(tx, scope, &peer, new.window, now)?;
    if let Some(name) = &new.name {
        identity::set_name(tx, conversation, name, true)?;
    }
    let order = order::of_own(tx, conversation, now)?;
    let is_text = matches!(content, Content::Text { .. });
    let stored_content = if is_text { None } else { Some(serde_json::to_string(content)?) };
    let (media, payload) = (content.media(), content.payload());
    let row = NewRow {
        id: None,
        conversation,
        account: &new.account,
        order,
        at: now,
        direction: Direction::Out,
        author: &new.author,
        kind: content.kind(),
        text: content.text(),
        media: media.as_ref(),
        payload: payload.as_ref(),
        remote_id: None,
        attempt: 1,
        status: if started_at.is_some() { Status::Sending } else { Status::Queued },
        error: None,
        inferred: false,
        started_at,
        content: stored_content,
        arrived: Some(now),
    };
    Ok((insert(tx, &row)?, conversation))
}

/// A row for `outbox`.
struct NewQueueRow<'a> {
    message: MessageId,
    conversation: ConversationId,
    account: &'a AccountName,
    /// A rule wrote it: people's messages are sent first.
    by_rule: bool,
    /// A person wants it to go out whatever the window.
    anyway: bool,
    attempt: u32,
    outgoing: &'a Outgoing,
}

fn add_to_outbox(tx: &Tx<'_>, new: &NewQueueRow<'_>, now: Timestamp) -> DbResult<()> {
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

/// Ends the waiting of a queued message and the pause of its account. Returns whether the message is queued.
fn send_now(tx: &Tx<'_>, id: MessageId, now: Timestamp) -> DbResult<bool> {
    let sql = "SELECT account, conversation FROM outbox WHERE message = ?1 AND owner IS NULL";
    let queued = tx.first(sql, [id.0], |row| Ok((row::account(row, 0)?, ConversationId(row.get(1)?))))?;
    let Some((account, conversation)) = queued else {
        return Ok(false);
    };
    tx.run("UPDATE outbox SET queued_at = ?2 WHERE message = ?1", params![id.0, now.0])?;
    let sql = "UPDATE outbox SET not_before = ?2 WHERE account = ?1 AND head = 1 AND owner IS NULL AND not_before > ?2";
    tx.run(sql, params![account.as_str(), now.0])?;
    tx.run("UPDATE messages SET retry_at = NULL WHERE id = ?1", [id.0])?;
    requests::resume(tx, &account)?;
    message_changed(tx, conversation, id)?;
    Ok(true)
}

fn found(tx: &Tx<'_>, id: MessageId) -> DbResult<Message> {
    page::find(tx.conn, id)?.ok_or(DbError::NotFound)
}

fn send_again(tx: &Tx<'_>, id: MessageId, now: Timestamp) -> DbResult<Message> {
    let before = own_message(tx, id)?;
    let message = page::find(tx.conn, id)?.ok_or(DbError::NotFound)?;
    // A message that a receipt has failed may still be leased.
    let in_outbox = tx.any("SELECT 1 FROM outbox WHERE message = ?1", [id.0])?;
    if in_outbox || !matches!(message.status, Status::Failed | Status::Unsure) {
        return Err(DbError::NotFound);
    }
    let sql =
        "SELECT m.content, c.is_group FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?1";
    let (content, group): (Option<Content>, bool) = tx.one(sql, [id.0], |row| Ok((row::json(row, 0)?, row.get(1)?)))?;
    let text = || (message.kind == Kind::Text).then(|| Content::Text { body: message.text.clone() });
    let content = content.or_else(text).ok_or(DbError::NotFound)?;
    let to = Recipient { peer: message.peer.clone(), group };
    let outgoing = Outgoing { channel: message.channel, to, content };
    let attempt = before.delivery.attempt + 1;
    mark_queued(tx, id, attempt, None, None)?;
    let row = NewQueueRow {
        message: id,
        conversation: message.conversation,
        account: &message.account,
        by_rule: false,
        anyway: true,
        attempt,
        outgoing: &outgoing,
    };
    add_to_outbox(tx, &row, now)?;
    if before.by_agent {
        refresh_waiting(tx, message.conversation)?;
    }
    page::find(tx.conn, id)?.ok_or(DbError::NotFound)
}

/// Makes a message `queued` for a new attempt, of which nothing is known yet. `failure` is the earlier attempt's, for
/// people to see while the message waits.
pub(super) fn mark_queued(
    tx: &Tx<'_>,
    id: MessageId,
    attempt: u32,
    failure: Option<&Failure>,
    retry_at: Option<Timestamp>,
) -> DbResult<()> {
    let sql = "UPDATE messages SET attempt = ?2, status = 'queued', error_code = ?3, error_message = ?4, \
               retry_at = ?5, remote_id = NULL, inferred = 0, started_at = NULL, receipted = 0 WHERE id = ?1";
    let values = params![
        id.0,
        attempt,
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| failure.message.as_str()),
        retry_at.map(|at| at.0),
    ];
    tx.run(sql, values)?;
    message_changed(tx, own_message(tx, id)?.conversation, id)
}
