//! The outcome of an attempt: what the gateway answered, or that nobody knows.
//!
//! Invariant: an outcome of a lease that is no longer held changes nothing, and an unsure message is never queued again
//! by itself.

use rusqlite::params;

use super::heads::{refresh_head, remove};
use super::lease::Lease;
use super::queue::mark_queued;
use crate::domain::{AccountName, ConversationId, Delivery, Failure, Message, MessageId, Status, Timestamp};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::delivery::{DeliveryUpdate, advance, own_message, record_remote_id};
use crate::store::inbound::echo::merge_echo;
use crate::store::inbound::edit;
use crate::store::messages::page;
use crate::store::{receipts, requests, row};

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The gateway accepted the message. Its receipts may name it by `remote_id`.
    Accepted { remote_id: Option<String> },
    /// The gateway processed nothing. A new attempt follows by itself, not before `not_before`; people see `failure`
    /// meanwhile.
    Later { failure: Failure, not_before: Timestamp },
    /// The request never left. The same attempt is made again by itself, not before `not_before`.
    NotSent { failure: Failure, not_before: Timestamp },
    /// No request was made, for the message needs a person's word first.
    Withheld { failure: Failure },
    /// The gateway refused the message, and would again.
    Refused { failure: Failure },
    /// Nobody knows whether the gateway processed the message.
    Unsure { failure: Failure },
}

impl AttemptOutcome {
    /// The value of `attempts.outcome`.
    fn name(&self) -> &'static str {
        match self {
            AttemptOutcome::Accepted { .. } => "accepted",
            AttemptOutcome::Later { .. } => "later",
            AttemptOutcome::NotSent { .. } => "not_sent",
            AttemptOutcome::Withheld { .. } => "withheld",
            AttemptOutcome::Refused { .. } => "refused",
            AttemptOutcome::Unsure { .. } => "unsure",
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            AttemptOutcome::Accepted { .. } => None,
            AttemptOutcome::Later { failure, .. }
            | AttemptOutcome::NotSent { failure, .. }
            | AttemptOutcome::Withheld { failure }
            | AttemptOutcome::Refused { failure }
            | AttemptOutcome::Unsure { failure } => Some(failure),
        }
    }
}

impl Store {
    /// Ends an attempt and returns the message. Receipts that came before the message's remote id was known are
    /// matched now. The outcome of a lease that is no longer held is ignored.
    pub fn finish_attempt(&self, lease: &Lease, outcome: AttemptOutcome, now: Timestamp) -> Pending<Message> {
        let lease = lease.clone();
        self.write(move |tx| {
            let sql = "SELECT 1 FROM outbox WHERE message = ?1 AND owner = ?2 AND epoch = ?3";
            if tx.any(sql, params![lease.message.0, lease.owner.name(), lease.epoch])? {
                finish(tx, lease.message, &lease.account, &outcome, now)?;
                if matches!(outcome, AttemptOutcome::NotSent { .. } | AttemptOutcome::Withheld { .. }) {
                    requests::release(tx, lease.request)?;
                }
            }
            page::find(tx.conn, lease.message)?.ok_or(DbError::NotFound)
        })
    }
}

/// Ends an attempt whose outcome nobody will report: its message is unsure (code `interrupted`), for nobody knows
/// whether the request left.
pub(super) fn abandon(tx: &Tx<'_>, message: MessageId, now: Timestamp) -> DbResult<()> {
    let sql = "SELECT account FROM messages WHERE id = ?1";
    let account = tx.one(sql, [message.0], |row| row::account(row, 0))?;
    let outcome = AttemptOutcome::Unsure { failure: Failure::new("interrupted", "") };
    finish(tx, message, &account, &outcome, now)
}

/// Ends the attempt of a message that is leased.
fn finish(tx: &Tx<'_>, id: MessageId, account: &AccountName, outcome: &AttemptOutcome, now: Timestamp) -> DbResult<()> {
    let sql = "SELECT attempt, conversation FROM outbox WHERE message = ?1";
    let (attempt, conversation) = tx.one(sql, [id.0], |row| Ok((row.get(0)?, ConversationId(row.get(1)?))))?;
    if !matches!(outcome, AttemptOutcome::Accepted { .. } | AttemptOutcome::Unsure { .. }) {
        receipts::forget_guess(tx, id, attempt)?;
    }
    let sql = "UPDATE attempts SET ended_at = ?3, outcome = ?4, code = ?5 WHERE message = ?1 AND attempt = ?2";
    let code = outcome.failure().map(|failure| failure.code.as_str());
    tx.run(sql, params![id.0, attempt, now.0, outcome.name(), code])?;
    let stage = match outcome {
        AttemptOutcome::Later { failure, not_before } => {
            retry(tx, id, conversation, attempt + 1, failure, *not_before)?;
            return receipts::rematch(tx, account, conversation, now);
        }
        AttemptOutcome::NotSent { failure, not_before } => {
            retry(tx, id, conversation, attempt, failure, *not_before)?;
            return receipts::rematch(tx, account, conversation, now);
        }
        AttemptOutcome::Accepted { .. } => Status::Sent,
        AttemptOutcome::Refused { .. } | AttemptOutcome::Withheld { .. } => Status::Failed,
        AttemptOutcome::Unsure { .. } => Status::Unsure,
    };
    remove(tx, id, conversation)?;
    if let AttemptOutcome::Accepted { remote_id: Some(remote_id) } = outcome
        && !remote_id.is_empty()
    {
        record_accepted_id(tx, account, id, attempt, remote_id)?;
    }
    let delivery = Delivery { attempt, stage };
    advance(tx, id, &DeliveryUpdate { delivery, failure: outcome.failure(), inferred: false })?;
    receipts::match_orphans(tx, account, id, now)
}

/// Returns a leased message to its old position in the queue, for a new attempt, unless a receipt has come for the one
/// that was made.
fn retry(
    tx: &Tx<'_>,
    id: MessageId,
    conversation: ConversationId,
    attempt: u32,
    failure: &Failure,
    not_before: Timestamp,
) -> DbResult<()> {
    if own_message(tx, id)?.delivery.stage != Status::Sending {
        remove(tx, id, conversation)?;
        return Ok(());
    }
    let sql = "UPDATE outbox SET owner = NULL, leased_until = NULL, attempt = ?2, not_before = ?3 WHERE message = ?1";
    tx.run(sql, params![id.0, attempt, not_before.0])?;
    refresh_head(tx, conversation)?;
    mark_queued(tx, id, attempt, Some(failure), Some(not_before))
}

/// Records the remote id of the gateway's answer.
fn record_accepted_id(
    tx: &Tx<'_>,
    account: &AccountName,
    id: MessageId,
    attempt: u32,
    remote_id: &str,
) -> DbResult<()> {
    let own = own_message(tx, id)?;
    merge_echo(tx, account, remote_id, (id, own.conversation, attempt))?;
    let sql = "SELECT 1 FROM wire_ids WHERE account = ?1 AND remote_id = ?2 AND message = ?3 AND attempt = ?4";
    if tx.any(sql, params![account.as_str(), remote_id, id.0, attempt])? {
        // The id proves a match that was made by evidence.
        let sql = "UPDATE messages SET inferred = 0 WHERE id = ?1 AND inferred = 1 AND remote_id = ?2";
        if tx.run(sql, params![id.0, remote_id])? > 0 {
            message_changed(tx, own.conversation, id)?;
        }
    }
    record_remote_id(tx, account, remote_id, id, attempt)?;
    edit::apply_early(tx, account, remote_id)?;
    // When the status will not change, readers learn the id by this change.
    let sql = "SELECT 1 FROM messages WHERE id = ?1 AND status <> 'sending'";
    if tx.any(sql, [id.0])? {
        message_changed(tx, own.conversation, id)?;
    }
    Ok(())
}
