//! The end of an attempt: what the gateway answered, or that nobody knows.
//!
//! Invariant: a word on an attempt that is not the newest changes nothing, and an unsure message is never
//! queued again by itself.

use rusqlite::{OptionalExtension, params};

use super::db::Store;
use super::error::{Fault, Work};
use super::incoming::take_echo;
use super::outbox::requeue;
use super::progress::{Known, Step, advance, known, name_on_wire, on_wire};
use super::writer::{Pending, Tx};
use super::{messages, receipts, row};
use crate::domain::{AccountName, Delivery, Failure, Message, MessageId, Status, Timestamp};

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The gateway took it.
    Accepted {
        /// The id by which its receipts may name it.
        remote_id: Option<String>,
    },
    /// Nothing was processed; it is tried again by itself, as a new attempt.
    Later {
        /// Why; kept in sight while it waits.
        failure: Failure,
        /// Not before this time.
        not_before: Timestamp,
    },
    /// It was not taken and never will be as it is.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// Nobody knows whether it was processed.
    Unsure {
        /// What happened.
        failure: Failure,
    },
}

impl AttemptOutcome {
    fn word(&self) -> &'static str {
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

/// The code of a message whose request was cut off by the end of the program.
const INTERRUPTED: &str = "interrupted";

impl Store {
    /// Ends an attempt and returns the message as it is then. Receipts that came before their message's id was
    /// known find it now. A late word on an attempt that is not the newest changes nothing.
    pub fn settle(
        &self,
        message: MessageId,
        attempt: u32,
        settled: AttemptOutcome,
        now: Timestamp,
    ) -> Pending<Message> {
        self.write(move |tx| {
            let before = known(tx, message)?;
            if before.delivery.attempt == attempt {
                settle(tx, message, &before, &settled, now)?;
            }
            messages::find(tx.conn, message)?.ok_or(Fault::NotFound)
        })
    }

    /// At the start of an engine: every message that was on its way becomes unsure (code `interrupted`), for
    /// nobody knows whether its request left. Returns those messages.
    pub fn recover_leases(&self, now: Timestamp) -> Pending<Vec<MessageId>> {
        self.write(move |tx| {
            let sql = "SELECT message FROM outbox WHERE leased = 1 ORDER BY position";
            let mut statement = tx.conn.prepare_cached(sql)?;
            let leased = statement.query_map([], |row| row.get(0).map(MessageId))?;
            let leased = leased.collect::<Result<Vec<_>, _>>()?;
            for message in &leased {
                let settled = AttemptOutcome::Unsure { failure: Failure::new(INTERRUPTED, "") };
                settle(tx, *message, &known(tx, *message)?, &settled, now)?;
            }
            Ok(leased)
        })
    }
}

fn settle(tx: &Tx<'_>, id: MessageId, before: &Known, settled: &AttemptOutcome, now: Timestamp) -> Work<()> {
    let attempt = before.delivery.attempt;
    let sql = "SELECT m.account, o.leased FROM messages m LEFT JOIN outbox o ON o.message = m.id WHERE m.id = ?1";
    let (account, leased): (AccountName, Option<bool>) =
        tx.conn.prepare_cached(sql)?.query_row([id.0], |row| Ok((row::account(row, 0)?, row.get(1)?)))?;
    // Queued and in nobody's hand: there is no attempt that could end.
    if leased == Some(false) {
        return Ok(());
    }
    let sql = "UPDATE attempts SET ended_at = ?3, outcome = ?4, code = ?5 WHERE message = ?1 AND attempt = ?2";
    let code = settled.failure().map(|failure| failure.code.as_str());
    tx.conn.prepare_cached(sql)?.execute(params![id.0, attempt, now.0, settled.word(), code])?;
    if let AttemptOutcome::Later { failure, not_before } = settled {
        if leased.is_some() {
            wait(tx, id, attempt + 1, failure, *not_before)?;
        }
        return Ok(());
    }
    tx.conn.prepare_cached("DELETE FROM outbox WHERE message = ?1")?.execute([id.0])?;
    let stage = match settled {
        AttemptOutcome::Accepted { remote_id } => {
            if let Some(remote_id) = remote_id.as_deref().filter(|id| !id.is_empty()) {
                accept(tx, &account, id, before, remote_id)?;
            }
            Status::Sent
        }
        AttemptOutcome::Refused { .. } => Status::Failed,
        AttemptOutcome::Unsure { .. } | AttemptOutcome::Later { .. } => Status::Unsure,
    };
    let delivery = Delivery { attempt, stage };
    advance(tx, id, &Step { delivery, failure: settled.failure(), inferred: false })?;
    receipts::look_again(tx, &account, id, now)
}

/// Gives the message back to the queue in its old place.
fn wait(tx: &Tx<'_>, id: MessageId, attempt: u32, failure: &Failure, not_before: Timestamp) -> Work<()> {
    let sql = "UPDATE outbox SET leased = 0, attempt = ?2, not_before = ?3 WHERE message = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![id.0, attempt, not_before.0])?;
    requeue(tx, id, attempt, Some(failure), Some(not_before))
}

/// Notes the id of the gateway's answer.
fn accept(tx: &Tx<'_>, account: &AccountName, id: MessageId, before: &Known, remote_id: &str) -> Work<()> {
    let attempt = before.delivery.attempt;
    take_echo(tx, account, remote_id, (id, before.conversation, attempt))?;
    if on_wire(tx, account, remote_id)? == Some((id, attempt)) {
        // What was tied to it by a guess is now proved by the id.
        let sql = "UPDATE messages SET inferred = 0 WHERE id = ?1 AND inferred = 1 AND remote_id = ?2";
        if tx.conn.prepare_cached(sql)?.execute(params![id.0, remote_id])? > 0 {
            super::standing::message_changed(tx, before.conversation, id)?;
        }
    }
    name_on_wire(tx, account, remote_id, id, attempt)?;
    // Readers see the id even when the status is not new.
    let sql = "SELECT 1 FROM messages WHERE id = ?1 AND status <> 'sending'";
    if tx.conn.prepare_cached(sql)?.query_row([id.0], |_| Ok(())).optional()?.is_some() {
        super::standing::message_changed(tx, before.conversation, id)?;
    }
    Ok(())
}
