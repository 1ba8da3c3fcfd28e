//! The journal: every genuine webhook as it came.
//!
//! Invariant: an event is in the journal before anything is derived from it, and one that was not understood stays.

use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use super::row;
use crate::domain::{AccountName, ChangeKind, EventId, Timestamp};
use rusqlite::{Connection, Row, params};
use sha2::{Digest as _, Sha256};
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
    /// It was interpreted before.
    pub interpreted: bool,
}

/// A webhook in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub account: AccountName,
    /// Identifies the event within its account.
    pub key: String,
    /// It came to the acknowledgement URL.
    pub ack: bool,
    pub received_at: Timestamp,
    /// Header names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The oldest event of the account `?1` with the key `?2` that came between `?3` and `?4`, and whether it is interpreted.
pub(super) const BY_KEY: &str = "SELECT id, state FROM events WHERE account = ?1 AND key = ?2 \
    AND received_at BETWEEN ?3 AND ?4 ORDER BY received_at LIMIT 1";

/// At most `?2` events of the account `?1` that are not interpreted yet: those that were never read, then those that
/// are read again, each oldest first. SQLite would take an index on the account, which would read its whole journal.
pub(super) const UNINTERPRETED: &str = "SELECT id, account, key, ack, received_at, headers, body FROM events \
    INDEXED BY events_turn WHERE account = ?1 AND state = 0 ORDER BY (unknown IS NOT NULL), id LIMIT ?2";

/// At most `?2` events after `?1` of which something was not understood, oldest first.
pub(super) const NOT_UNDERSTOOD: &str = "SELECT id, account FROM events INDEXED BY events_unknown WHERE unknown IS NOT NULL AND state = 1 AND id > ?1 \
    ORDER BY id LIMIT ?2";

/// How many of the first `?1` events wait to be interpreted.
pub(super) const COUNT_WAITING: &str =
    "SELECT count(*) FROM (SELECT 1 FROM events INDEXED BY events_turn WHERE state = 0 LIMIT ?1)";

/// How many of the first `?1` events were not understood.
pub(super) const COUNT_NOT_UNDERSTOOD: &str =
    "SELECT count(*) FROM (SELECT 1 FROM events INDEXED BY events_unknown WHERE unknown IS NOT NULL LIMIT ?1)";

/// At most `?2` events that came before `?1` and were understood, oldest first.
pub(super) const PRUNE: &str = "DELETE FROM events WHERE id IN (SELECT id FROM events \
    WHERE state = 1 AND unknown IS NULL AND received_at < ?1 ORDER BY received_at LIMIT ?2)";

/// The bodies of one reading of the journal, at most, in bytes: more than one only if it is the first.
pub(super) const BODIES_MAX: usize = 8 * 1024 * 1024;
/// What the keys of forgotten events begin with; the hash of the key follows.
const FORGOTTEN: &str = "forgotten:";

impl Store {
    /// Appends a webhook to the journal unless it is there already. Once it is durable, whoever interprets events is
    /// woken, for a duplicate too if the first one is not interpreted.
    pub fn append_event(&self, event: NewEvent) -> Pending<AppendOutcome> {
        let hooks = self.event_hooks();
        let wake = Box::new(move |outcome: &AppendOutcome| {
            if !outcome.interpreted {
                hooks.call();
            }
        });
        self.write_then(move |tx| append(tx, &event), Some(wake))
    }

    /// Events of these accounts that are not interpreted yet, at most `limit` of each, those that were never read
    /// before those that are read again, each oldest first. Events of an
    /// account that left the configuration wait until it returns, and do not hold up the others.
    pub fn uninterpreted(&self, accounts: &[AccountName], limit: usize) -> Result<Vec<Event>, StoreError> {
        self.read(|conn| {
            let (mut events, mut bytes) = (Vec::new(), 0);
            for account in accounts {
                let mut statement = conn.prepared(UNINTERPRETED)?;
                let mut rows = statement.query(params![account.as_str(), row::sql_limit(limit)])?;
                while let Some(row) = rows.next()? {
                    let event = event(row)?;
                    bytes += event.body.len();
                    events.push(event);
                    if bytes > BODIES_MAX {
                        break;
                    }
                }
            }
            Ok(events)
        })
    }

    /// Events of which something was not understood, with the gateway's names for it, newest first.
    pub fn unknown_events(&self, limit: usize) -> Result<Vec<(EventId, AccountName, String)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id, account, unknown FROM events INDEXED BY events_unknown WHERE unknown IS NOT NULL \
                       ORDER BY id DESC LIMIT ?1";
            conn.all(sql, [row::sql_limit(limit)], |row| Ok((EventId(row.get(0)?), row::account(row, 1)?, row.get(2)?)))
        })
    }

    /// How many events wait to be interpreted, and how many were not understood; at most `limit` of each.
    pub fn count_events(&self, limit: usize) -> Result<(usize, usize), StoreError> {
        self.read(|conn| {
            let count = |sql| conn.one(sql, [row::sql_limit(limit)], |row| row.get::<_, i64>(0));
            let number = |count: i64| usize::try_from(count).unwrap_or_default();
            Ok((number(count(COUNT_WAITING)?), number(count(COUNT_NOT_UNDERSTOOD)?)))
        })
    }

    /// Marks at most `limit` events after `after` of which something was not understood as not interpreted, for a
    /// version that understands more. Returns how many, and the last of them. The messages that they have already
    /// produced are not added twice, and none is answered by a rule.
    pub fn read_again(&self, after: Option<EventId>, limit: usize) -> Pending<(usize, Option<EventId>)> {
        self.write(move |tx| {
            let values = params![after.map_or(0, |id| id.0), row::sql_limit(limit)];
            let events = tx.all(NOT_UNDERSTOOD, values, |row| Ok((row.get::<_, i64>(0)?, row::account(row, 1)?)))?;
            for (id, account) in &events {
                tx.run("UPDATE events SET state = 0 WHERE id = ?1", [id])?;
                // Wakes the engine, which may be another process.
                tx.record_change(ChangeKind::AccountChanged { account: account.clone() });
            }
            Ok((events.len(), events.last().map(|(id, _)| EventId(*id))))
        })
    }

    /// The version of the readers that last interpreted what was not understood; empty when that is not known.
    pub fn readers_version(&self) -> Result<String, StoreError> {
        self.read(|conn| conn.one("SELECT version FROM readers WHERE one = 1", [], |row| row.get(0)))
    }

    /// Records that everything that was not understood is read, or will be, by this version.
    pub fn set_readers_version(&self, version: &str) -> Pending<()> {
        let version = version.to_owned();
        self.write(move |tx| {
            tx.run("UPDATE readers SET version = ?1 WHERE one = 1", [version])?;
            Ok(())
        })
    }

    /// Deletes at most `limit` events that came before `before` and were understood; returns how many. Keep them for
    /// longer than gateways redeliver, or a redelivery counts as new.
    pub fn prune_events(&self, before: Timestamp, limit: usize) -> Pending<usize> {
        self.write(move |tx| tx.run(PRUNE, params![before.0, row::sql_limit(limit)]))
    }
}

fn append(tx: &Tx<'_>, event: &NewEvent) -> DbResult<AppendOutcome> {
    if let Some(outcome) = find_duplicate(tx.conn, event, &event.key)? {
        return Ok(outcome);
    }
    // One that was forgotten does not come back when its gateway delivers it again.
    if let Some(outcome) = find_duplicate(tx.conn, event, &forgotten_key(&event.key))? {
        return Ok(outcome);
    }
    let sql = "INSERT INTO events (account, key, ack, received_at, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let headers = serde_json::to_string(&event.headers)?;
    tx.run(sql, params![event.account.as_str(), event.key, event.ack, event.received_at.0, headers, event.body])?;
    Ok(AppendOutcome { id: EventId(tx.conn.last_insert_rowid()), duplicate: false, interpreted: false })
}

/// The key that an event keeps when it is forgotten: it names nobody (a WhatsApp id holds the phone number), and tells
/// all the same that a delivery is not new.
pub(super) fn forgotten_key(key: &str) -> String {
    if key.starts_with(FORGOTTEN) {
        return key.to_owned();
    }
    format!("{FORGOTTEN}{}", hex::encode(Sha256::digest(key)))
}

fn find_duplicate(conn: &Connection, event: &NewEvent, key: &str) -> DbResult<Option<AppendOutcome>> {
    let (from, to) = event.within.map_or((i64::MIN, i64::MAX), |within| {
        let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        (event.received_at.0.saturating_sub(within), event.received_at.0.saturating_add(within))
    });
    let values = params![event.account.as_str(), key, from, to];
    conn.first(BY_KEY, values, |row| {
        Ok(AppendOutcome { id: EventId(row.get(0)?), duplicate: true, interpreted: row.get::<_, i64>(1)? != 0 })
    })
}

/// Reads the columns id, account, key, ack, `received_at`, headers and body.
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: EventId(row.get(0)?),
        account: row::account(row, 1)?,
        key: row.get(2)?,
        ack: row.get(3)?,
        received_at: Timestamp(row.get(4)?),
        headers: row::json(row, 5)?.unwrap_or_default(),
        body: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::window::WindowRule;
    use crate::domain::{Channel, Inbound};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn an_event_wakes_the_interpreter_until_it_is_interpreted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let woken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&woken);
        store.on_event(Box::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        let account = AccountName::new("toko").unwrap();
        let append = || {
            let new = NewEvent {
                account: account.clone(),
                key: "k".to_owned(),
                within: None,
                ack: false,
                received_at: Timestamp(1),
                headers: Vec::new(),
                body: b"{}".to_vec(),
            };
            // Nobody waits for the result.
            drop(store.append_event(new));
            store.flush().wait().unwrap();
            woken.load(Ordering::SeqCst)
        };
        assert_eq!(append(), 1);
        assert_eq!(append(), 2, "a duplicate of an event that is not interpreted");
        let id = store.uninterpreted(std::slice::from_ref(&account), 1).unwrap()[0].id;
        let nothing = vec![Inbound::Nothing { event: "ping".to_owned() }];
        store.apply_event(id, &account, Channel::WhatsApp, WindowRule::None, nothing).wait().unwrap();
        assert_eq!(append(), 2, "a duplicate of an event that is interpreted");
    }
}
