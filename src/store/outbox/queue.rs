//! The queue: adding messages to the outbox, again after a failure, and taking them out.

use rusqlite::params;

use super::add::{NewQueueRow, add_to_outbox, content_of};
use super::heads::{refresh_head, remove};
use super::lease::{Lease, LeaseOwner};
use super::new_message::{NewMessage, insert_message, new_row, schedule};
use super::scheduled;
use crate::domain::{Cancelled, ConversationId, Delivery, Failure, Kind, Message, MessageId, Status, Timestamp};
use crate::store::conversations::summary::{message_changed, refresh_waiting};
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::delivery::{DeliveryUpdate, advance, own_message};
use crate::store::media::{self, StagedFile};
use crate::store::messages::page;
use crate::store::requests::RequestId;
use crate::store::{begun, drafts, requests, row};

impl Store {
    /// Adds a message (`queued`) and its outbox row, creates its conversation if there is none, and clears its author's
    /// draft there, all in one transaction. One with a time is scheduled instead: it comes into the outbox at that time.
    pub fn enqueue(&self, new: NewMessage, now: Timestamp) -> Pending<Message> {
        self.enqueue_with_file(new, None, now)
    }

    /// The same with the file that the message carries, which is put into the store of files in the same transaction.
    pub(crate) fn enqueue_with_file(
        &self,
        new: NewMessage,
        file: Option<StagedFile>,
        now: Timestamp,
    ) -> Pending<Message> {
        self.write(move |tx| {
            let (id, conversation) = if let Some(at) = new.options.at {
                schedule(tx, &new, at, now)?
            } else {
                let (id, conversation) = insert_message(tx, &new, now, None)?;
                add_to_outbox(tx, &new_row(&new, id, conversation), now)?;
                (id, conversation)
            };
            if let Some(file) = &file {
                media::attach_own(tx, id, file, now)?;
            }
            // A reaction is no answer: what is being written stays.
            if new.outgoing.content.kind() != Kind::Reaction {
                drafts::clear(tx, conversation, &new.author.name)?;
                if new.outgoing.quote.is_some() {
                    begun::clear_quote(tx, conversation, &new.author.name)?;
                }
            }
            page::find(tx.conn, id)?.ok_or(DbError::NotFound)
        })
    }

    /// Sends a message now because a person asked for it. A failed or unsure one is queued as a new attempt, behind what
    /// its conversation has queued, and goes out whatever the window; a queued one waits no longer, and the pause of its
    /// account ends. `NotFound` when it is in another state.
    pub fn send_again(&self, message: MessageId, now: Timestamp) -> Pending<Message> {
        self.write(move |tx| {
            if scheduled::is_scheduled(tx, message)? {
                scheduled::queue(tx, message, now)?;
                return found(tx, message);
            }
            if send_now(tx, message, now)? { found(tx, message) } else { send_again(tx, message, now) }
        })
    }

    /// Takes a queued or scheduled message back: it fails with the code `cancelled`, but a scheduled text becomes a draft
    /// of `agent`. `NotFound` when it is not queued or is being sent.
    pub fn cancel(&self, message: MessageId, agent: &str, now: Timestamp) -> Pending<Cancelled> {
        let agent = agent.to_owned();
        self.write(move |tx| {
            if scheduled::is_scheduled(tx, message)? {
                return scheduled::cancel(tx, message, &agent, now);
            }
            if !tx.any("SELECT 1 FROM outbox WHERE message = ?1 AND owner IS NULL", [message.0])? {
                return Err(DbError::NotFound);
            }
            let own = own_message(tx, message)?;
            remove(tx, message, own.conversation)?;
            let delivery = Delivery { stage: Status::Failed, ..own.delivery };
            let failure = Failure::new("cancelled", "");
            advance(tx, message, &DeliveryUpdate { delivery, failure: Some(&failure), inferred: false })?;
            Ok(Cancelled { message: found(tx, message)?, draft: None })
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
    // A message that a receipt has failed may still be leased.
    let in_outbox = tx.any("SELECT 1 FROM outbox WHERE message = ?1", [id.0])?;
    let (message, outgoing) = content_of(tx, id)?.ok_or(DbError::NotFound)?;
    if in_outbox || !matches!(message.status, Status::Failed | Status::Unsure) {
        return Err(DbError::NotFound);
    }
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
