//! The journal's events that concern a person.
//!
//! An event of one person is emptied rather than deleted: its hashed key and the time of its arrival stay, so that a
//! gateway that delivers it again does not bring the person back. They go with the other old events.

use std::sync::Arc;

use rusqlite::params;

use crate::domain::{AccountName, EventId};
use crate::store::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::store::journal::{BODIES_MAX, event, forgotten_key};
use crate::store::{Event, row};

/// At most `?3` events of the account `?2` after `?1` in the order of their arrival.
pub(super) const AFTER: &str = "SELECT id, account, key, ack, received_at, headers, body, state FROM events NOT INDEXED \
    WHERE id > ?1 AND account = ?2 ORDER BY id LIMIT ?3";

/// What becomes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventChange {
    /// It does not concern the person.
    Keep,
    /// It holds others too; this is left of its body.
    Rewrite(Vec<u8>),
    /// Nothing of it is left.
    Empty,
}

/// Decides what becomes of an event; the second argument says whether it is interpreted.
pub(crate) type JudgeEvent = Arc<dyn Fn(&Event, bool) -> EventChange + Send + Sync>;

impl Store {
    /// Events of an account after `after`, at most `limit`, in the order of their arrival, and whether each is
    /// interpreted.
    pub(crate) fn events_after(
        &self,
        account: &AccountName,
        after: EventId,
        limit: usize,
    ) -> Result<Vec<(Event, bool)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepared(AFTER)?;
            let mut rows = statement.query(params![after.0, account.as_str(), row::sql_limit(limit)])?;
            let (mut events, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let event = event(row)?;
                bytes += event.body.len();
                events.push((event, row.get::<_, i64>(7)? != 0));
                if bytes > BODIES_MAX {
                    break;
                }
            }
            Ok(events)
        })
    }

    /// Changes events, all or none of them.
    pub(crate) fn change_events(&self, changes: Vec<(EventId, EventChange)>) -> Pending<()> {
        self.write(move |tx| changes.iter().try_for_each(|(id, change)| change_event(tx, *id, change)))
    }
}

/// Changes the events that came after `after`; returns how many.
pub(super) fn change_after(tx: &Tx<'_>, account: &AccountName, after: EventId, judge: &JudgeEvent) -> DbResult<usize> {
    let (mut after, mut changed) = (after, 0);
    loop {
        // One by one, for bodies may be large; there are few.
        let next = tx
            .first(AFTER, params![after.0, account.as_str(), 1], |row| Ok((event(row)?, row.get::<_, i64>(7)? != 0)))?;
        let Some((event, interpreted)) = next else { return Ok(changed) };
        let change = judge(&event, interpreted);
        changed += usize::from(change != EventChange::Keep);
        change_event(tx, event.id, &change)?;
        after = event.id;
    }
}

fn change_event(tx: &Tx<'_>, id: EventId, change: &EventChange) -> DbResult<()> {
    if *change == EventChange::Keep {
        return Ok(());
    }
    let key: Option<String> = tx.first("SELECT key FROM events WHERE id = ?1", [id.0], |row| row.get(0))?;
    let Some(key) = key.map(|key| forgotten_key(&key)) else { return Ok(()) };
    match change {
        EventChange::Keep => {}
        EventChange::Rewrite(body) => {
            tx.run("UPDATE events SET key = ?2, body = ?3 WHERE id = ?1", params![id.0, key, body])?;
        }
        EventChange::Empty => {
            let sql = "UPDATE events SET key = ?2, headers = '[]', body = x'', state = 1, unknown = NULL, made = NULL \
                       WHERE id = ?1";
            tx.run(sql, params![id.0, key])?;
        }
    }
    Ok(())
}
