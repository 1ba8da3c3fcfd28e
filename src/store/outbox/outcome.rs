//! The outcome of an attempt: what the gateway answered, or that nobody knows.
//!
//! Invariant: an outcome of an attempt that is not the newest changes nothing, and an unsure message is never queued
//! again by itself.

use rusqlite::params;

use super::queue::mark_queued;
use crate::domain::{AccountName, Delivery, Failure, Message, MessageId, Status, Timestamp};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::delivery::{DeliveryUpdate, OwnMessage, advance, find_attempt, own_message, record_remote_id};
use crate::store::inbound::echo::merge_echo;
use crate::store::inbound::edit;
use crate::store::messages::page;
use crate::store::{receipts, row};

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The gateway accepted the message. Its receipts may name it by `remote_id`.
    Accepted { remote_id: Option<String> },
    /// The gateway processed nothing. A new attempt follows by itself, not before `not_before`; people see `failure`
    /// meanwhile.
    Later { failure: Failure, not_before: Timestamp },
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
            AttemptOutcome::Refused { .. } => "refused",
            AttemptOutcome::Unsure { .. } => "unsure",
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            AttemptOutcome::Accepted { .. } => None,
            AttemptOutcome::Later { failure, .. }
            | AttemptOutcome::Refused { failure }
            | AttemptOutcome::Unsure { failure } => Some(failure),
        }
    }
}

impl Store {
    /// Ends an attempt and returns the message. Receipts that came before the message's remote id was known are
    /// matched now. The outcome of an attempt that is not the newest is ignored.
    pub fn finish_attempt(
        &self,
        message: MessageId,
        attempt: u32,
        outcome: AttemptOutcome,
        now: Timestamp,
    ) -> Pending<Message> {
        self.write(move |tx| {
            let own = own_message(tx, message)?;
            if own.delivery.attempt == attempt {
                finish(tx, message, &own, &outcome, now)?;
            }
            page::find(tx.conn, message)?.ok_or(DbError::NotFound)
        })
    }

    /// Ends the attempts that the previous run of the engine left unfinished: their messages become unsure (code
    /// `interrupted`), for nobody knows whether the requests left. Returns those messages.
    pub fn recover_leases(&self, now: Timestamp) -> Pending<Vec<MessageId>> {
        self.write(move |tx| {
            let sql = "SELECT message FROM outbox WHERE leased = 1 ORDER BY position";
            let leased = tx.all(sql, [], |row| row.get(0).map(MessageId))?;
            for message in &leased {
                let outcome = AttemptOutcome::Unsure { failure: Failure::new("interrupted", "") };
                finish(tx, *message, &own_message(tx, *message)?, &outcome, now)?;
            }
            Ok(leased)
        })
    }
}

fn finish(tx: &Tx<'_>, id: MessageId, own: &OwnMessage, outcome: &AttemptOutcome, now: Timestamp) -> DbResult<()> {
    let attempt = own.delivery.attempt;
    let sql = "SELECT m.account, o.leased FROM messages m LEFT JOIN outbox o ON o.message = m.id WHERE m.id = ?1";
    let (account, leased): (AccountName, Option<bool>) =
        tx.one(sql, [id.0], |row| Ok((row::account(row, 0)?, row.get(1)?)))?;
    // Queued without a lease: no attempt has begun that could end.
    if leased == Some(false) {
        return Ok(());
    }
    let sql = "UPDATE attempts SET ended_at = ?3, outcome = ?4, code = ?5 WHERE message = ?1 AND attempt = ?2";
    let code = outcome.failure().map(|failure| failure.code.as_str());
    tx.run(sql, params![id.0, attempt, now.0, outcome.name(), code])?;
    if let AttemptOutcome::Later { failure, not_before } = outcome {
        if leased.is_some() {
            retry_later(tx, id, attempt + 1, failure, *not_before)?;
        }
        return Ok(());
    }
    tx.run("DELETE FROM outbox WHERE message = ?1", [id.0])?;
    let stage = match outcome {
        AttemptOutcome::Accepted { remote_id } => {
            if let Some(remote_id) = remote_id.as_deref().filter(|id| !id.is_empty()) {
                record_accepted_id(tx, &account, id, own, remote_id)?;
            }
            Status::Sent
        }
        AttemptOutcome::Refused { .. } => Status::Failed,
        AttemptOutcome::Unsure { .. } | AttemptOutcome::Later { .. } => Status::Unsure,
    };
    let delivery = Delivery { attempt, stage };
    advance(tx, id, &DeliveryUpdate { delivery, failure: outcome.failure(), inferred: false })?;
    receipts::match_orphans(tx, &account, id, now)
}

/// Returns a leased message to its old position in the queue, for a new attempt.
fn retry_later(tx: &Tx<'_>, id: MessageId, attempt: u32, failure: &Failure, not_before: Timestamp) -> DbResult<()> {
    let sql = "UPDATE outbox SET leased = 0, attempt = ?2, not_before = ?3 WHERE message = ?1";
    tx.run(sql, params![id.0, attempt, not_before.0])?;
    mark_queued(tx, id, attempt, Some(failure), Some(not_before))
}

/// Records the remote id of the gateway's answer.
fn record_accepted_id(
    tx: &Tx<'_>,
    account: &AccountName,
    id: MessageId,
    own: &OwnMessage,
    remote_id: &str,
) -> DbResult<()> {
    let attempt = own.delivery.attempt;
    merge_echo(tx, account, remote_id, (id, own.conversation, attempt))?;
    if find_attempt(tx, account, remote_id)? == Some((id, attempt)) {
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
