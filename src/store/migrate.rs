//! Brings a database's schema up to date: one SQL text per number, each in its own transaction.
//!
//! Invariant: a text that was released is never changed, and a newer database is never touched.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Fault, StoreError, Work};

/// The texts; the first leads from an empty file to number 1.
const STEPS: &[&str] =
    &[include_str!("schema/1.sql"), include_str!("schema/2_search.sql"), include_str!("schema/3_totals.sql")];

/// The number that this version writes.
pub(super) fn known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Brings the schema up to date, whatever other process does the same at the same time.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let fail = |fault: Fault| fault.at(path);
    loop {
        let found = number(conn).map_err(fail)?;
        if found > known() {
            return Err(StoreError::TooNew { found, known: known() });
        }
        let Some(step) = usize::try_from(found).ok().and_then(|n| STEPS.get(n)) else {
            return Ok(());
        };
        take(conn, found, step).map_err(fail)?;
    }
}

fn take(conn: &mut Connection, from: u32, step: &str) -> Work<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster while this one waited for the lock.
    if number(&tx)? == from {
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", from + 1)?;
    }
    tx.commit()?;
    Ok(())
}

fn number(conn: &Connection) -> Work<u32> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
