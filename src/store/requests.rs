//! The budget of requests of an account: one for every request of every process, sends before queries.
//!
//! It is a sliding window and not a token bucket: in no span of sixty seconds do more than the allowed number of requests
//! begin, which is how gateways count (providers.md, A18). A bucket of the same rate lets twice as many through in some
//! minute.
//!
//! Invariant: no wait that is computed here is longer than [`PAUSE_MAX`], whatever the clock did since it was written.

use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::domain::{AccountName, Timestamp};
use rusqlite::params;
use std::time::Duration;

/// A little more than a minute: a request reaches the gateway some time after it began here, and the gateway
/// counts from then.
const WINDOW: Duration = Duration::from_millis(60_500);
/// The longest that an account makes no request because its gateway asked for it.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(15 * 60);
/// Requests of a window that queries leave free for sends.
const RESERVED_FOR_SENDS: usize = 5;

/// What a request is for; sends come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Send,
    /// Everything else: syncs, checks, lists.
    Query,
}

/// How many requests an account may begin in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimit {
    pub per_minute: u32,
    /// Queries count too; otherwise only sends do.
    pub counts_queries: bool,
}

/// A request that is counted in its account's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(i64);

impl RequestId {
    /// A request that no budget counts.
    pub(super) const UNCOUNTED: RequestId = RequestId(0);
}

/// Whether a request may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    /// It may, and is counted.
    Granted(RequestId),
    /// Not before this time.
    Wait(Timestamp),
}

pub(super) const PAUSE: &str = "SELECT until FROM request_pauses WHERE account = ?1";
pub(super) const RESUMED: &str = "SELECT resumed FROM request_pauses WHERE account = ?1";
pub(super) const USED: &str = "SELECT count(*) FROM requests WHERE account = ?1 AND at > ?2";
/// The request of the account `?1` that, `?2` newer ones aside, is the newest.
pub(super) const NTH_NEWEST: &str = "SELECT at FROM requests WHERE account = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2";
pub(super) const FORGET: &str = "DELETE FROM requests WHERE account = ?1 AND at <= ?2";

impl Store {
    /// Counts a request that begins now, or returns when to try again.
    pub fn reserve_request(
        &self,
        account: &AccountName,
        limit: RequestLimit,
        purpose: Purpose,
        now: Timestamp,
    ) -> Pending<Reservation> {
        let account = account.clone();
        self.write(move |tx| reserve(tx, &account, limit, purpose, now))
    }

    /// Uncounts a request that never left.
    pub fn release_request(&self, request: RequestId) -> Pending<()> {
        self.write(move |tx| release(tx, request))
    }

    /// Lets an account begin no request before `until`; at most `PAUSE_MAX` from `now`.
    pub fn pause_requests(&self, account: &AccountName, until: Timestamp, now: Timestamp) -> Pending<()> {
        let account = account.clone();
        self.write(move |tx| {
            let sql = "INSERT INTO request_pauses (account, until) VALUES (?1, ?2) \
                       ON CONFLICT (account) DO UPDATE SET until = excluded.until \
                       WHERE until < excluded.until OR until > ?3";
            let latest = now.plus(PAUSE_MAX);
            tx.run(sql, params![account.as_str(), until.min(latest).0, latest.0])?;
            Ok(())
        })
    }

    /// Until when an account makes no request, if it is paused at `now`.
    pub fn requests_paused_until(
        &self,
        account: &AccountName,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| paused_until(conn, account, now))
    }

    /// How many requests an account has begun in the minute before `now`.
    pub fn requests_used(&self, account: &AccountName, now: Timestamp) -> Result<u32, StoreError> {
        self.read(|conn| conn.one(USED, params![account.as_str(), window_start(now)], |row| row.get(0)))
    }
}

/// Ends the pause of an account because a person wants it, and lets its waiting senders notice.
pub(super) fn resume(tx: &Tx<'_>, account: &AccountName) -> DbResult<()> {
    let sql = "INSERT INTO request_pauses (account, until, resumed) VALUES (?1, 0, 1) \
               ON CONFLICT (account) DO UPDATE SET until = 0, resumed = resumed + 1";
    tx.run(sql, [account.as_str()])?;
    Ok(())
}

/// Counts a request that begins now, or returns when to try again.
pub(super) fn reserve(
    tx: &Tx<'_>,
    account: &AccountName,
    limit: RequestLimit,
    purpose: Purpose,
    now: Timestamp,
) -> DbResult<Reservation> {
    if let Some(until) = paused_until(tx, account, now)? {
        return Ok(Reservation::Wait(until));
    }
    if purpose == Purpose::Query && !limit.counts_queries {
        return Ok(Reservation::Granted(RequestId::UNCOUNTED));
    }
    tx.run(FORGET, params![account.as_str(), window_start(now)])?;
    // The clock was set back: how long ago these began is not known, so they count from now.
    let sql = "UPDATE requests SET at = ?2 WHERE account = ?1 AND at > ?2";
    tx.run(sql, params![account.as_str(), now.0])?;
    let allowed = allowed(tx, account, limit, purpose)?;
    let blocking = tx.first(NTH_NEWEST, params![account.as_str(), allowed - 1], |row| row.get(0).map(Timestamp))?;
    if let Some(blocking) = blocking {
        // When the window has lost enough requests for one more.
        return Ok(Reservation::Wait(blocking.plus(WINDOW).max(Timestamp(now.0 + 1))));
    }
    tx.run("INSERT INTO requests (account, at) VALUES (?1, ?2)", params![account.as_str(), now.0])?;
    Ok(Reservation::Granted(RequestId(tx.conn.last_insert_rowid())))
}

/// How many requests of the window one of this purpose may find before it, at least 1.
fn allowed(tx: &Tx<'_>, account: &AccountName, limit: RequestLimit, purpose: Purpose) -> DbResult<i64> {
    let all = limit.per_minute.max(1) as usize;
    let allowed = match purpose {
        Purpose::Send => all,
        Purpose::Query => {
            let sql = "SELECT 1 FROM outbox WHERE account = ?1 AND head = 1 AND owner IS NULL";
            let reserved = if tx.any(sql, [account.as_str()])? { all / 2 } else { 0 };
            all.saturating_sub(reserved.max(RESERVED_FOR_SENDS))
        }
    };
    Ok(i64::try_from(allowed.max(1)).unwrap_or(i64::MAX))
}

/// Uncounts a request that never left.
pub(super) fn release(tx: &Tx<'_>, request: RequestId) -> DbResult<()> {
    tx.run("DELETE FROM requests WHERE id = ?1", [request.0])?;
    Ok(())
}

/// A pause that ends later than the longest pause was written by an older version or another clock, and is over.
fn paused_until(sql: &impl RunSql, account: &AccountName, now: Timestamp) -> DbResult<Option<Timestamp>> {
    let until = sql.first(PAUSE, [account.as_str()], |row| row.get(0).map(Timestamp))?;
    Ok(until.filter(|until| *until > now && *until <= now.plus(PAUSE_MAX)))
}

/// The newest time at which a request no longer counts at `now`, in milliseconds since 1970.
fn window_start(now: Timestamp) -> i64 {
    now.0.saturating_sub(i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX))
}
