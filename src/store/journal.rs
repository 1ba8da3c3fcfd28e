//! The journal: every genuine webhook as it came.
//!
//! Invariant: an event is in the journal before anything is derived from it, and one that was not understood stays.

use super::database::{DbResult, Pending, RunSql, Store, StoreError};
use super::row;
use crate::domain::{AccountName, EventId, Timestamp};
use rusqlite::{Connection, params};
use std::time::Duration;

/// A webhook to append to the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub account: AccountName,
    /// Identifies the event within its account.
    pub key: String,
    /// Equal keys mean the same event only within this time, for gateways without event ids; `None`: always.
    pub within: Option<Duration>,
    /// It came to the acknowledgement URL.
    pub ack: bool,
    pub received_at: Timestamp,
    /// Header names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Whether an event is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendOutcome {
    /// The event's id; for a duplicate, that of the first one.
    pub id: EventId,
    /// The journal had it already; nothing was written.
    pub duplicate: bool,
}

/// A webhook in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub account: AccountName,
    /// It came to the acknowledgement URL.
    pub ack: bool,
    pub received_at: Timestamp,
    /// Header names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The oldest event of the account `?1` with the key `?2` that came between `?3` and `?4`.
pub(super) const BY_KEY: &str = "SELECT id FROM events WHERE account = ?1 AND key = ?2 \
    AND received_at BETWEEN ?3 AND ?4 ORDER BY received_at LIMIT 1";

/// At most `?1` events of the accounts in the JSON array `?2` that are not interpreted yet, oldest first. The `+`
/// keeps SQLite from using an index on the account, which would read the whole journal.
pub(super) const UNINTERPRETED: &str = "SELECT id, account, ack, received_at, headers, body FROM events \
    WHERE state = 0 AND +account IN (SELECT value FROM json_each(?2)) ORDER BY id LIMIT ?1";

impl Store {
    /// Appends a webhook to the journal unless it is there already.
    pub fn append_event(&self, event: NewEvent) -> Pending<AppendOutcome> {
        self.write(move |tx| {
            if let Some(id) = find_duplicate(tx.conn, &event)? {
                return Ok(AppendOutcome { id, duplicate: true });
            }
            let sql = "INSERT INTO events (account, key, ack, received_at, headers, body) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let headers = serde_json::to_string(&event.headers)?;
            tx.run(
                sql,
                params![event.account.as_str(), event.key, event.ack, event.received_at.0, headers, event.body],
            )?;
            Ok(AppendOutcome { id: EventId(tx.conn.last_insert_rowid()), duplicate: false })
        })
    }

    /// Events of these accounts that are not interpreted yet, oldest first, at most `limit`. Events of an account
    /// that left the configuration wait until it returns, and do not hold up the others.
    pub fn uninterpreted(&self, accounts: &[AccountName], limit: usize) -> Result<Vec<Event>, StoreError> {
        let names = serde_json::json!(accounts).to_string();
        self.read(|conn| {
            conn.all(UNINTERPRETED, params![row::sql_limit(limit), names], |row| {
                Ok(Event {
                    id: EventId(row.get(0)?),
                    account: row::account(row, 1)?,
                    ack: row.get(2)?,
                    received_at: Timestamp(row.get(3)?),
                    headers: row::json(row, 4)?.unwrap_or_default(),
                    body: row.get(5)?,
                })
            })
        })
    }

    /// Events of which something was not understood, with the gateway's names for it, newest first.
    pub fn unknown_events(&self, limit: usize) -> Result<Vec<(EventId, AccountName, String)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id, account, unknown FROM events WHERE unknown IS NOT NULL ORDER BY id DESC LIMIT ?1";
            conn.all(sql, [row::sql_limit(limit)], |row| Ok((EventId(row.get(0)?), row::account(row, 1)?, row.get(2)?)))
        })
    }

    /// Marks the events of which something was not understood as not interpreted, for a version that understands
    /// more. Returns how many. The messages that they have already produced are not added twice.
    pub fn replay_unknown(&self) -> Pending<usize> {
        self.write(|tx| {
            let sql = "UPDATE events SET state = 0, unknown = NULL WHERE unknown IS NOT NULL";
            tx.run(sql, [])
        })
    }

    /// Deletes events that came before `before` and were understood; returns how many. Keep them for longer than
    /// gateways redeliver, or a redelivery counts as new.
    pub fn prune_events(&self, before: Timestamp) -> Pending<usize> {
        self.write(move |tx| {
            let sql = "DELETE FROM events WHERE state = 1 AND unknown IS NULL AND received_at < ?1";
            tx.run(sql, [before.0])
        })
    }
}

fn find_duplicate(conn: &Connection, event: &NewEvent) -> DbResult<Option<EventId>> {
    let (from, to) = event.within.map_or((i64::MIN, i64::MAX), |within| {
        let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        (event.received_at.0.saturating_sub(within), event.received_at.0.saturating_add(within))
    });
    let values = params![event.account.as_str(), event.key, from, to];
    conn.first(BY_KEY, values, |row| row.get(0).map(EventId))
}
