//! The journal of raw events.
//!
//! Invariant: an event is in the journal before anything is concluded from it, and what could not be
//! understood stays there.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::db::Store;
use super::error::{StoreError, Work};
use super::row;
use super::writer::Pending;
use crate::domain::{AccountName, EventId, Message, Timestamp};

/// A raw event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Whose webhook it came to.
    pub account: AccountName,
    /// Equal keys of one account are the same event.
    pub key: String,
    /// The key says so only for this long, because the gateway gives no event id.
    pub within: Option<Duration>,
    /// It came to the acknowledgement URL.
    pub ack: bool,
    /// When it came.
    pub received_at: Timestamp,
    /// Header names in lower case and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// Where an event stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its id; for a duplicate, that of the event that was there.
    pub id: EventId,
    /// It was there already; nothing was written.
    pub duplicate: bool,
}

/// An event of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id.
    pub id: EventId,
    /// Whose webhook it came to.
    pub account: AccountName,
    /// It came to the acknowledgement URL.
    pub ack: bool,
    /// When it came.
    pub received_at: Timestamp,
    /// Header names in lower case and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// What applying an event's claims did (for rules, notices and figures).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applied {
    /// Messages that are new, in the order of the claims.
    pub messages: Vec<Message>,
    /// Receipts whose message is not known.
    pub orphans: usize,
}

impl Store {
    /// Journals a raw event. An account's keys are unique: all of them, or with `within` those of that span.
    pub fn append_event(&self, event: NewEvent) -> Pending<Appended> {
        self.write(move |tx| {
            if let Some(id) = known(tx.conn, &event)? {
                return Ok(Appended { id, duplicate: true });
            }
            let sql = "INSERT INTO events (account, key, ack, received_at, headers, body) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let headers = serde_json::to_string(&event.headers)?;
            tx.conn.prepare_cached(sql)?.execute(params![
                event.account.as_str(),
                event.key,
                event.ack,
                event.received_at.0,
                headers,
                event.body
            ])?;
            Ok(Appended { id: EventId(tx.conn.last_insert_rowid()), duplicate: false })
        })
    }

    /// Events of these accounts that are not interpreted yet, oldest first, at most `limit`. Those of an account that
    /// has left the configuration wait for it to come back, and must not stand in the others' way.
    pub fn uninterpreted(&self, accounts: &[AccountName], limit: usize) -> Result<Vec<StoredEvent>, StoreError> {
        let names = serde_json::json!(accounts).to_string();
        self.read(|conn| {
            let sql = "SELECT id, account, ack, received_at, headers, body FROM events \
                       WHERE state = 0 AND account IN (SELECT value FROM json_each(?2)) ORDER BY id LIMIT ?1";
            let mut statement = conn.prepare_cached(sql)?;
            let events = statement.query_map(params![row::limit(limit), names], |row| {
                Ok(StoredEvent {
                    id: EventId(row.get(0)?),
                    account: row::account(row, 1)?,
                    ack: row.get(2)?,
                    received_at: Timestamp(row.get(3)?),
                    headers: row::json(row, 4)?.unwrap_or_default(),
                    body: row.get(5)?,
                })
            })?;
            Ok(events.collect::<Result<_, _>>()?)
        })
    }

    /// Events of which something was not understood, with the gateway's words for it, newest first.
    pub fn unknown_events(&self, limit: usize) -> Result<Vec<(EventId, AccountName, String)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id, account, unknown FROM events WHERE unknown IS NOT NULL ORDER BY id DESC LIMIT ?1";
            let mut statement = conn.prepare_cached(sql)?;
            let events = statement
                .query_map([row::limit(limit)], |row| Ok((EventId(row.get(0)?), row::account(row, 1)?, row.get(2)?)))?;
            Ok(events.collect::<Result<_, _>>()?)
        })
    }

    /// Offers events of which something was not understood for interpretation again, for a version that
    /// understands more. Returns how many. Messages that came of them already are not doubled.
    pub fn replay_unknown(&self) -> Pending<usize> {
        self.write(|tx| {
            let sql = "UPDATE events SET state = 0, unknown = NULL WHERE unknown IS NOT NULL";
            Ok(tx.conn.prepare_cached(sql)?.execute([])?)
        })
    }

    /// How many receipts of an account wait for a message that is not known (for `doctor`).
    pub fn orphan_receipts(&self, account: &AccountName) -> Result<usize, StoreError> {
        self.read(|conn| {
            let sql = "SELECT count(*) FROM orphan_receipts WHERE account = ?1";
            let count: i64 = conn.prepare_cached(sql)?.query_row([account.as_str()], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or_default())
        })
    }

    /// Forgets raw events that came before a time and were understood; returns how many. Keep them for longer
    /// than gateways redeliver.
    pub fn prune_events(&self, before: Timestamp) -> Pending<usize> {
        self.write(move |tx| {
            let sql = "DELETE FROM events WHERE state = 1 AND unknown IS NULL AND received_at < ?1";
            Ok(tx.conn.prepare_cached(sql)?.execute([before.0])?)
        })
    }
}

fn known(conn: &Connection, event: &NewEvent) -> Work<Option<EventId>> {
    let (from, to) = event.within.map_or((i64::MIN, i64::MAX), |span| {
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        (event.received_at.0.saturating_sub(span), event.received_at.0.saturating_add(span))
    });
    let sql = "SELECT id FROM events WHERE account = ?1 AND key = ?2 AND received_at BETWEEN ?3 AND ?4 \
               ORDER BY received_at LIMIT 1";
    let values = params![event.account.as_str(), event.key, from, to];
    Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0).map(EventId)).optional()?)
}
