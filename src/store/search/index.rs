//! The full-text index and the backlog of messages whose texts it does not hold yet.
//!
//! Invariant: a text and its entry in the backlog are written in one transaction, and the entry goes in the transaction
//! that indexes the text; so a crash at any moment leaves no text that neither the index nor the backlog knows.

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use crate::domain::MessageId;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::row;

/// The time that one slice of indexing takes, about, while writes come in: what a write waits longer for it.
const BUSY_SLICE: Duration = Duration::from_millis(4);
/// The same while nothing is queued. Longer slices make larger segments, which are cheaper to merge.
const IDLE_SLICE: Duration = Duration::from_millis(40);
/// Texts of the first slice, before the speed of this machine is known.
const FIRST: usize = 64;
const MIN: usize = 8;
const MAX: usize = 8192;
/// Texts that a search has indexed before it reads, at most.
const BEFORE_SEARCH: usize = 500;

/// The newest texts of the backlog, at most `?1`. Given back in ascending order of ids, for the index writes out a
/// segment of its own wherever an id is smaller than the one before.
const NEWEST: &str = "SELECT message FROM (SELECT message FROM search_backlog ORDER BY message DESC LIMIT ?1) \
    ORDER BY message";

/// What is searched of the message `?1`: its text, and what is said in a voice note.
const TEXT: &str = "SELECT text || iif(kind = 'audio', coalesce(char(10) || json_extract(payload, '$.transcript'), ''), '') \
    FROM messages WHERE id = ?1";

/// Adds a message to the backlog: its text is new, changed or gone.
pub(crate) fn add_to_backlog(tx: &Tx<'_>, message: MessageId) -> DbResult<()> {
    let sql = "INSERT INTO search_backlog (message) VALUES (?1) ON CONFLICT DO NOTHING";
    tx.run(sql, [message.0])?;
    Ok(())
}

/// Whether any message still waits to be indexed.
pub(crate) fn has_backlog(conn: &Connection) -> DbResult<bool> {
    conn.any("SELECT 1 FROM search_backlog LIMIT 1", [])
}

/// How many messages wait to be indexed.
pub(crate) fn backlog(conn: &Connection) -> DbResult<usize> {
    let count: i64 = conn.one("SELECT count(*) FROM search_backlog", [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Indexes the newest texts of the backlog inside the caller's transaction: as many as a search can wait for.
pub(crate) fn index_before_search(conn: &Connection) -> DbResult<()> {
    index_newest(conn, BEFORE_SEARCH)?;
    Ok(())
}

/// Indexes the text of a new message inside the caller's transaction. For imports, which nobody waits for.
pub(crate) fn index_now(tx: &Tx<'_>, message: MessageId, text: &str) -> DbResult<()> {
    tx.run("INSERT INTO search (rowid, text) VALUES (?1, ?2)", params![message.0, text])?;
    Ok(())
}

/// Takes a message, which is about to be deleted, out of the index and the backlog. Its words stay in the index's pages
/// until those are merged; no search finds them.
pub(crate) fn remove(tx: &Tx<'_>, message: MessageId) -> DbResult<()> {
    tx.run("DELETE FROM search WHERE rowid = ?1", [message.0])?;
    tx.run("DELETE FROM search_backlog WHERE message = ?1", [message.0])?;
    Ok(())
}

/// Fills the index from the backlog in slices of bounded time, so that steady traffic neither starves it nor waits for
/// it.
#[derive(Debug)]
pub(crate) struct Indexer {
    /// Texts of the next slice while writes come in.
    busy: usize,
    /// Texts of the next slice while nothing is queued.
    idle: usize,
}

impl Default for Indexer {
    fn default() -> Self {
        Indexer { busy: FIRST, idle: FIRST }
    }
}

impl Indexer {
    /// Indexes a slice in a transaction of its own. Returns whether texts are left.
    pub(crate) fn slice(&mut self, conn: &Connection, idle: bool) -> DbResult<bool> {
        let (size, budget) = if idle { (&mut self.idle, IDLE_SLICE) } else { (&mut self.busy, BUSY_SLICE) };
        let begun = Instant::now();
        let indexed = index_slice(conn, *size)?;
        let left = indexed == *size;
        if left {
            *size = next_size(indexed, begun.elapsed(), budget);
        }
        Ok(left)
    }
}

/// The number of texts that take `budget` if `indexed` took `elapsed`; at most twice and at least half as many.
fn next_size(indexed: usize, elapsed: Duration, budget: Duration) -> usize {
    let fits = indexed.saturating_mul(usize::try_from(budget.as_micros()).unwrap_or(usize::MAX))
        / usize::try_from(elapsed.as_micros()).unwrap_or(usize::MAX).max(1);
    fits.clamp(indexed / 2, indexed * 2).clamp(MIN, MAX)
}

/// A power cut may undo the newest slices, each whole with its entries in the backlog, so their commits need not wait
/// for the disk.
fn index_slice(conn: &Connection, size: usize) -> DbResult<usize> {
    conn.execute_batch("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE")?;
    let result = index_newest(conn, size).and_then(|indexed| {
        conn.execute_batch("COMMIT")?;
        Ok(indexed)
    });
    if result.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    let full = conn.execute_batch("PRAGMA synchronous = FULL");
    let indexed = result?;
    full?;
    Ok(indexed)
}

fn index_newest(conn: &Connection, size: usize) -> DbResult<usize> {
    let ids: Vec<i64> = conn.all(NEWEST, [row::sql_limit(size)], |row| row.get(0))?;
    for id in &ids {
        let text: Option<String> = conn.first(TEXT, [id], |row| row.get(0))?;
        match text.filter(|text| !text.is_empty()) {
            Some(text) => conn.run("INSERT OR REPLACE INTO search (rowid, text) VALUES (?1, ?2)", params![id, text])?,
            None => conn.run("DELETE FROM search WHERE rowid = ?1", [id])?,
        };
        conn.run("DELETE FROM search_backlog WHERE message = ?1", [id])?;
    }
    Ok(ids.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_grows_and_shrinks_towards_its_time() {
        let size = |indexed, millis| next_size(indexed, Duration::from_millis(millis), BUSY_SLICE);
        assert_eq!(size(64, 1), 128);
        assert_eq!(size(64, 4), 64);
        assert_eq!(size(64, 6), 42);
        assert_eq!(size(64, 900), 32);
        assert_eq!(size(8, 900), MIN);
        assert_eq!(size(MAX, 0), MAX);
    }
}
