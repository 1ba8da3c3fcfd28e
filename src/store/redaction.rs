//! The events that an earlier version stored with the credentials in them.

use rusqlite::params;

use super::Event;
use super::database::{Pending, RunSql, Store, StoreError};
use super::{journal, row};
use crate::domain::EventId;

/// At most `?1` events of which nobody has taken the credentials out, in the order of their arrival.
const TO_REDACT: &str = "SELECT id, account, key, ack, received_at, headers, body FROM events NOT INDEXED \
    WHERE id > (SELECT redacted FROM readers) AND id <= (SELECT redact_until FROM readers) ORDER BY id LIMIT ?1";

/// What is stored of an event instead of what was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedactedEvent {
    pub id: EventId,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Store {
    /// The next events to take credentials out of, at most `limit`; none when that is done.
    pub(crate) fn events_to_redact(&self, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.read(|conn| conn.all(TO_REDACT, [row::sql_limit(limit)], journal::event))
    }

    /// Stores events without their credentials, and that all up to `last` are done.
    pub(crate) fn redact_events(&self, events: Vec<RedactedEvent>, last: EventId) -> Pending<()> {
        self.write(move |tx| {
            for RedactedEvent { id, headers, body } in &events {
                let headers = serde_json::to_string(headers)?;
                tx.run("UPDATE events SET headers = ?2, body = ?3 WHERE id = ?1", params![id.0, headers, body])?;
            }
            tx.run("UPDATE readers SET redacted = ?1", [last.0])?;
            Ok(())
        })
    }
}
