//! The full-text index and the backlog of messages whose texts it does not hold yet.
use rusqlite::{Connection, params};

use crate::domain::MessageId;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::row;

/// Texts that are indexed in one transaction; a write waits for one such commit at most.
const BATCH: usize = 500;

/// Adds a message to the backlog: its text is new, changed or gone.
pub(crate) fn add_to_backlog(tx: &Tx<'_>, message: MessageId) -> DbResult<()> {
    let sql = "INSERT INTO search_backlog (message) VALUES (?1) ON CONFLICT DO NOTHING";
    tx.run(sql, [message.0])?;
    tx.count_unindexed();
    Ok(())
}

/// Whether any message still waits to be indexed.
pub(crate) fn has_backlog(conn: &Connection) -> DbResult<bool> {
    conn.any("SELECT 1 FROM search_backlog LIMIT 1", [])
}

/// Indexes a batch in a transaction of its own. Returns an upper bound of what is left for the next batch; 0 when the
/// backlog is empty.
pub(crate) fn index_batch(conn: &Connection) -> DbResult<usize> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let result = index_newest(conn).and_then(|left| {
        conn.execute_batch("COMMIT")?;
        Ok(left)
    });
    if result.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    result
}

/// Indexes the newest batch of the backlog; returns as [`index_batch`] does.
pub(crate) fn index_newest(conn: &Connection) -> DbResult<usize> {
    let sql = "SELECT message FROM search_backlog ORDER BY message DESC LIMIT ?1";
    let ids: Vec<i64> = conn.all(sql, [row::sql_limit(BATCH)], |row| row.get(0))?;
    for id in &ids {
        let text: Option<String> = conn.first("SELECT text FROM messages WHERE id = ?1", [id], |row| row.get(0))?;
        match text.filter(|text| !text.is_empty()) {
            Some(text) => conn.run("INSERT OR REPLACE INTO search (rowid, text) VALUES (?1, ?2)", params![id, text])?,
            None => conn.run("DELETE FROM search WHERE rowid = ?1", [id])?,
        };
        conn.run("DELETE FROM search_backlog WHERE message = ?1", [id])?;
    }
    Ok(if ids.len() == BATCH { BATCH } else { 0 })
}
