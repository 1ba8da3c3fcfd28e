//! Claims: taking the next message to send out of the queue.

use crate::domain::{AccountName, ConversationId, Delivery, Failure, MessageId, Outgoing, Status, Timestamp};
use crate::store::conversations::find::resolve;
use crate::store::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::store::delivery::{DeliveryUpdate, advance};
use crate::store::outbox::heads::remove;
use crate::store::outbox::lease::{Lease, LeaseOwner};
use crate::store::outbox::outcome;
use crate::store::requests::{self, PAUSE_MAX, Purpose, RequestLimit, Reservation};
use crate::store::row;
use rusqlite::{Row, params};
use std::time::Duration;

/// A message that has waited longer is not sent without a person's word: its conversation has gone on meanwhile.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);

/// Whose messages are claimed, by whom, and how many requests are allowed.
#[derive(Debug, Clone)]
pub struct Claimant {
    pub account: AccountName,
    /// Only this conversation's messages.
    pub only: Option<ConversationId>,
    pub owner: LeaseOwner,
    pub limit: RequestLimit,
}

/// What a claim found.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    Leased(Box<Lease>),
    /// A message is due, but the account may make no request before this time.
    Wait(Timestamp),
    /// No message is due, or only behind one that is being sent.
    Nothing,
}

/// What a sender has to know before it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// When the next message becomes due, possibly in the past; `None` when none waits, or only behind one that is being
    /// sent.
    pub next_due: Option<Timestamp>,
    /// How often a person has ended a pause of the account.
    pub resumed: i64,
}

/// A query of the heads of the account `?1` that are not leased, given what it selects and a further condition.
macro_rules! select_heads {
    ($columns:literal, $rest:literal) => {
        concat!("SELECT ", $columns, " FROM outbox WHERE account = ?1 AND head = 1 AND owner IS NULL", $rest)
    };
}

/// The next row due at `?2`. The plus sign keeps it on the index in the order of the result.
pub(crate) const NEXT: &str = select_heads!(
    "message, conversation, attempt, outgoing, queued_at, epoch, anyway",
    " AND +not_before <= ?2 ORDER BY priority, position LIMIT 1"
);
/// The next row of the conversation `?3` due at `?2`.
pub(crate) const NEXT_OF_CONVERSATION: &str = select_heads!(
    "message, conversation, attempt, outgoing, queued_at, epoch, anyway",
    " AND not_before <= ?2 AND conversation = ?3 LIMIT 1"
);
/// When the next row becomes due.
pub(crate) const NEXT_DUE: &str = select_heads!("not_before", " ORDER BY not_before LIMIT 1");
/// When the next row of the conversation `?2` becomes due.
pub(crate) const NEXT_DUE_OF_CONVERSATION: &str = select_heads!("not_before", " AND conversation = ?2 LIMIT 1");
/// Rows that would wait longer than any wait may be.
pub(crate) const BOUND: &str =
    "UPDATE outbox SET not_before = ?2 WHERE account = ?1 AND head = 1 AND owner IS NULL AND not_before > ?3";
/// Rows of the account `?1` whose leases by others than `?2` have ended at `?3`.
pub(crate) const ENDED: &str = "SELECT message FROM outbox WHERE account = ?1 AND owner IS NOT NULL AND owner <> ?2 \
    AND leased_until <= ?3";

impl Store {
    /// Leases the next due message, people's before rules', else the oldest first, and begins an attempt: the message is
    /// `sending` and its request counted, durably, when this resolves. A message waits for the earlier ones of its
    /// conversation; failed and unsure ones have left the queue and block nothing.
    pub fn claim_due(&self, claimant: &Claimant, now: Timestamp) -> Pending<Claim> {
        let claimant = claimant.clone();
        self.write(move |tx| claim(tx, &claimant, now))
    }

    /// What waits in the outbox of an account, or of one conversation of it.
    pub fn queue(
        &self,
        account: &AccountName,
        only: Option<ConversationId>,
        now: Timestamp,
    ) -> Result<Queue, StoreError> {
        self.read(|conn| {
            let read = |row: &Row<'_>| row.get(0).map(Timestamp);
            let next = match only {
                Some(id) => {
                    let values = params![account.as_str(), resolve(conn, id)?.0];
                    conn.first(NEXT_DUE_OF_CONVERSATION, values, read)?
                }
                None => conn.first(NEXT_DUE, [account.as_str()], read)?,
            };
            let resumed = conn.first(requests::RESUMED, [account.as_str()], |row| row.get(0))?.unwrap_or_default();
            // One that would wait longer than any wait may be was written by another clock; the claim mends it.
            let next_due = next.map(|at| if at > now.plus(PAUSE_MAX) { now } else { at });
            Ok(Queue { next_due, resumed })
        })
    }
}

fn claim(tx: &Tx<'_>, claimant: &Claimant, now: Timestamp) -> DbResult<Claim> {
    let account = &claimant.account;
    for message in tx.all(ENDED, params![account.as_str(), claimant.owner.name(), now.0], |row| row.get(0))? {
        outcome::abandon(tx, MessageId(message), now)?;
    }
    tx.run(BOUND, params![account.as_str(), now.0, now.plus(PAUSE_MAX).0])?;
    let only = claimant.only.map(|id| resolve(tx.conn, id)).transpose()?;
    while let Some(next) = next(tx, account, only, now)? {
        let Some(outgoing) = next.outgoing.clone() else {
            // A later version wrote it in another form. It must not block the queue for ever.
            withdraw(tx, &next, &Failure::new("unreadable", "queued by a newer version"))?;
            continue;
        };
        if now.since(next.queued_at) > WAIT_MAX {
            withdraw(tx, &next, &Failure::new("expired", ""))?;
            continue;
        }
        return match requests::reserve(tx, account, claimant.limit, Purpose::Send, now)? {
            Reservation::Wait(at) => Ok(Claim::Wait(at)),
            Reservation::Granted(request) => {
                let lease = Lease {
                    message: next.message,
                    conversation: next.conversation,
                    account: account.clone(),
                    attempt: next.attempt,
                    outgoing,
                    anyway: next.anyway,
                    owner: claimant.owner.clone(),
                    epoch: next.epoch + 1,
                    request,
                };
                begin(tx, &lease, now)?;
                Ok(Claim::Leased(Box::new(lease)))
            }
        };
    }
    Ok(Claim::Nothing)
}

/// A row of the queue.
struct NextRow {
    message: MessageId,
    conversation: ConversationId,
    attempt: u32,
    /// `None` when a later version wrote it in another form.
    outgoing: Option<Outgoing>,
    queued_at: Timestamp,
    epoch: i64,
    anyway: bool,
}

fn next(tx: &Tx<'_>, account: &AccountName, only: Option<ConversationId>, now: Timestamp) -> DbResult<Option<NextRow>> {
    let read = |row: &Row<'_>| {
        Ok(NextRow {
            message: MessageId(row.get(0)?),
            conversation: ConversationId(row.get(1)?),
            attempt: row.get(2)?,
            outgoing: row::json(row, 3)?,
            queued_at: Timestamp(row.get(4)?),
            epoch: row.get(5)?,
            anyway: row.get(6)?,
        })
    };
    match only {
        Some(id) => tx.first(NEXT_OF_CONVERSATION, params![account.as_str(), now.0, id.0], read),
        None => tx.first(NEXT, params![account.as_str(), now.0], read),
    }
}

/// Takes a row out of the queue that is not sent: its message fails.
fn withdraw(tx: &Tx<'_>, next: &NextRow, failure: &Failure) -> DbResult<()> {
    remove(tx, next.message, next.conversation)?;
    let delivery = Delivery { attempt: next.attempt, stage: Status::Failed };
    advance(tx, next.message, &DeliveryUpdate { delivery, failure: Some(failure), inferred: false })?;
    Ok(())
}

/// Writes a lease and its attempt.
fn begin(tx: &Tx<'_>, lease: &Lease, now: Timestamp) -> DbResult<()> {
    let id = lease.message.0;
    lease.write(tx, now)?;
    let sql = "UPDATE messages SET started_at = ?2, receipted = 0 WHERE id = ?1";
    tx.run(sql, params![id, now.0])?;
    let sql = "INSERT INTO attempts (message, attempt, account, started_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (message, attempt) DO UPDATE SET started_at = excluded.started_at, ended_at = NULL, \
               outcome = NULL, code = NULL";
    tx.run(sql, params![id, lease.attempt, lease.account.as_str(), now.0])?;
    let delivery = Delivery { attempt: lease.attempt, stage: Status::Sending };
    advance(tx, lease.message, &DeliveryUpdate { delivery, failure: None, inferred: false })?;
    Ok(())
}
