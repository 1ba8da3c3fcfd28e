//! Making sure that what was deleted has left the file, and not only its tables.
//!
//! Cells are overwritten when they are deleted (`secure_delete`, see `database::connection`). What is left are words in
//! the search index, pages that became free, and the log. `VACUUM` would do it all by writing the whole file anew, but
//! nobody could write meanwhile, which takes minutes where there are years of messages. So each of the three is done in
//! short transactions, between which webhooks are taken as always.
//!
//! Invariant: an interruption at any moment leaves a sound store and something that the next run removes.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::store::database::{DbResult, RunSql, Store, StoreError, connect};

/// Pages of the search index that are merged in one transaction.
const MERGE_PAGES: i64 = 250;
/// Free pages that are overwritten in one transaction.
const FREE_PAGES: i64 = 250;
/// Between two transactions, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(2);
/// How often emptying the log is tried, while others read from it.
const LOG_ATTEMPTS: u32 = 200;
/// Between two attempts to empty the log.
const LOG_PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// Removes the bytes of everything that was deleted from the database's file and its log, while others use it.
    /// Returns whether the log could be emptied: not while somebody reads from it without end. Blocks, for as long as it
    /// takes to write the search index and the free pages anew.
    pub(crate) fn erase_deleted(&self) -> Result<bool, StoreError> {
        let erase = || -> DbResult<bool> {
            let mut conn = connect(self.path())?;
            merge_search_index(&mut conn)?;
            overwrite_free_pages(&mut conn)?;
            empty_log(&conn)
        };
        erase().map_err(|error| error.at(self.path()))
    }
}

fn short_transaction<T>(conn: &mut Connection, work: impl FnOnce(&Connection) -> DbResult<T>) -> DbResult<T> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let result = work(&tx)?;
    tx.commit()?;
    std::thread::sleep(PAUSE);
    Ok(result)
}

/// Merges the index into one segment, in which the words of deleted messages are missing.
fn merge_search_index(conn: &mut Connection) -> DbResult<()> {
    // The first step gathers all segments; the following ones go on with that merge only.
    let mut pages = -MERGE_PAGES;
    loop {
        let changed = short_transaction(conn, |conn| {
            let total = |conn: &Connection| conn.one("SELECT total_changes()", [], |row| row.get::<_, i64>(0));
            let before = total(conn)?;
            conn.run("INSERT INTO search (search, rank) VALUES ('merge', ?1)", [pages])?;
            Ok(total(conn)? - before)
        })?;
        // As FTS5's documentation has it: a step that changes less has found nothing to do.
        if changed < 2 {
            return Ok(());
        }
        pages = MERGE_PAGES;
    }
}

/// Takes every free page for a table of zeros, and gives them back.
fn overwrite_free_pages(conn: &mut Connection) -> DbResult<()> {
    let page_size: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let free = |conn: &Connection| conn.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    conn.execute_batch("CREATE TABLE IF NOT EXISTS free_pages (zeros BLOB)")?;
    // Others may free pages meanwhile, of what is no longer the person's.
    let mut left = free(conn)?;
    while left > 0 {
        let taken = short_transaction(conn, |conn| {
            let pages = free(conn)?.min(FREE_PAGES);
            if pages > 0 {
                conn.run("INSERT INTO free_pages (zeros) VALUES (zeroblob(?1))", [pages * page_size])?;
            }
            Ok(pages)
        })?;
        left = if taken == 0 { 0 } else { left - taken };
    }
    let sql = "DELETE FROM free_pages WHERE rowid IN (SELECT rowid FROM free_pages LIMIT 4)";
    while short_transaction(conn, |conn| conn.run(sql, []))? > 0 {}
    conn.execute_batch("DROP TABLE free_pages")?;
    Ok(())
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
