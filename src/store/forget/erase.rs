//! Making sure that what was deleted has left the file, and not only its tables.
//!
//! Three things keep it: the search index, whose pages still hold the words; unused parts of pages, where SQLite leaves
//! copies of rows that it once moved (`secure_delete` does not reach those); and the log. The index is merged in short
//! transactions. Then `VACUUM` writes the file anew, the only way to be rid of the rest: about a second for every
//! 100 MB, in which nobody else writes; webhooks are answered 503 meanwhile, and gateways send them again.
//!
//! Invariant: an interruption at any moment leaves a sound store.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::store::database::{DbResult, RunSql, Store, StoreError, connect};

/// Pages of the search index that are merged in one transaction.
const MERGE_PAGES: i64 = 250;
/// Between two transactions, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(2);
/// How often emptying the log is tried, while others read from it.
const LOG_ATTEMPTS: u32 = 200;
/// Between two attempts to empty the log.
const LOG_PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// Removes the bytes of everything that was deleted from the database's file and its log, while others use it.
    /// Returns whether the log could be emptied: not while somebody reads from it without end. Needs as much free space as
    /// the store takes. Blocks, for as long as it takes to write all anew.
    pub(crate) fn erase_deleted(&self) -> Result<bool, StoreError> {
        let erase = || -> DbResult<bool> {
            let mut conn = connect(self.path())?;
            merge_search_index(&mut conn)?;
            // In a file rather than in memory, for it holds the whole store; a container may have no place for such files.
            conn.execute_batch("PRAGMA temp_store = FILE; VACUUM")
                .or_else(|_| conn.execute_batch("PRAGMA temp_store = MEMORY; VACUUM"))?;
            empty_log(&conn)
        };
        erase().map_err(|error| error.at(self.path()))
    }
}

/// Merges the index into one segment, in which the words of deleted messages are missing.
fn merge_search_index(conn: &mut Connection) -> DbResult<()> {
    // The first step gathers all segments; the following ones go on with that merge only.
    let mut pages = -MERGE_PAGES;
    loop {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = total_changes(&tx)?;
        tx.run("INSERT INTO search (search, rank) VALUES ('merge', ?1)", [pages])?;
        let changed = total_changes(&tx)? - before;
        tx.commit()?;
        // As FTS5's documentation has it: a step that changes less has found nothing to do.
        if changed < 2 {
            return Ok(());
        }
        pages = MERGE_PAGES;
        std::thread::sleep(PAUSE);
    }
}

fn total_changes(conn: &Connection) -> DbResult<i64> {
    conn.one("SELECT total_changes()", [], |row| row.get(0))
}

/// Writes the log into the file and truncates it; `false` when somebody kept it from that.
fn empty_log(conn: &Connection) -> DbResult<bool> {
    for _ in 0..LOG_ATTEMPTS {
        let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(true);
        }
        std::thread::sleep(LOG_PAUSE);
    }
    Ok(false)
}
