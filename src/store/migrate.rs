//! Schema migrations: one SQL text per version, all that are missing in one transaction. The version is SQLite's
//! `user_version`.
//!
//! Own code rather than a crate (`refinery`, `rusqlite_migration`): what it takes is this one loop, and it must check
//! the version again under the write lock, because several processes may open an old file at once, and must refuse a
//! newer file with [`StoreError::TooNew`] without touching it.
//!
//! Invariant: the statements of a released version are never changed, and a newer database is never written to.

use super::database::{DbError, DbResult, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The migrations in order; the first leads from an empty file to version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2_search.sql"),
    include_str!("schema/3_totals.sql"),
    include_str!("schema/4_turns.sql"),
    include_str!("schema/5_sending.sql"),
    include_str!("schema/6_edits.sql"),
    include_str!("schema/7_history.sql"),
    include_str!("schema/8_arrival.sql"),
    include_str!("schema/9_inbound.sql"),
    include_str!("schema/10_evidence.sql"),
    include_str!("schema/11_team.sql"),
    include_str!("schema/12_agents.sql"),
    include_str!("schema/13_templates.sql"),
    include_str!("schema/14_customers.sql"),
    include_str!("schema/15_redaction.sql"),
    include_str!("schema/16_queue.sql"),
    include_str!("schema/17_labels.sql"),
    include_str!("schema/18_scheduled.sql"),
    include_str!("schema/19_begun.sql"),
    include_str!("schema/20_media.sql"),
    include_str!("schema/21_resolved.sql"),
    include_str!("schema/22_media_links.sql"),
    include_str!("schema/23_audit.sql"),
    include_str!("schema/24_transcriptions.sql"),
];

/// The database's version and this program's.
pub(super) fn versions(conn: &Connection) -> DbResult<(u32, u32)> {
    Ok((schema_version(conn)?, latest()))
}

/// Brings the schema up to date in one transaction, also while other processes do the same.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let fail = |error: DbError| error.at(path);
    let found = schema_version(conn).map_err(fail)?;
    if found > latest() {
        return Err(StoreError::TooNew { found, known: latest() });
    }
    if found < latest() {
        run_migrations(conn).map_err(fail)?;
    }
    Ok(())
}

fn run_migrations(conn: &mut Connection) -> DbResult<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let found = schema_version(&tx)?;
    for sql in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        tx.execute_batch(sql)?;
    }
    if found < latest() {
        tx.pragma_update(None, "user_version", latest())?;
    }
    tx.commit()?;
    Ok(())
}

/// The version of the schema that this program works with.
fn latest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn schema_version(conn: &Connection) -> DbResult<u32> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
