//! Full-text search.
//!
//! Invariant: the index is never filled inside a commit that somebody waits for, and no text that a person
//! types is read as a query language.

use rusqlite::{Connection, OptionalExtension, params};

use super::db::Store;
use super::error::{StoreError, Work};
use super::messages;
use super::row::{self, MESSAGE};
use super::writer::{Pending, Tx};
use crate::domain::{AccountName, Message, MessageId};

/// Texts that are indexed in one transaction; its commit is all that a write may have to wait for.
const BATCH: usize = 500;

impl Store {
    /// Messages that contain every word of the query, the last one also as a beginning; newest first. Case and
    /// accents do not matter.
    pub fn search(&self, query: &str, account: Option<&AccountName>, limit: usize) -> Result<Vec<Message>, StoreError> {
        let Some(expression) = expression(query) else {
            return Ok(Vec::new());
        };
        if self.read(has_backlog)? {
            // What came just now is to be found; a long backlog (an import) is worked off when it is idle. A
            // store that cannot write can still be searched.
            let _ = self.index_now().wait();
        }
        self.read(|conn| {
            let account = account.map(AccountName::as_str);
            let mut found = messages::list(conn, &search_sql(), params![expression, account, row::limit(limit)])?;
            found.sort_by_key(|message| std::cmp::Reverse(message.order));
            Ok(found)
        })
    }

    /// Indexes the newest texts that wait for it, a batch of them; returns how many still wait or may wait.
    pub fn index_now(&self) -> Pending<usize> {
        self.write(|tx| fill(tx.conn))
    }
}

/// The newest messages that match `?1`, of the account `?2` if it is not null.
pub(super) fn search_sql() -> String {
    format!(
        "SELECT {MESSAGE} FROM search s CROSS JOIN messages m ON m.id = s.rowid \
         CROSS JOIN conversations c ON c.id = m.conversation \
         WHERE s.text MATCH ?1 AND (?2 IS NULL OR m.account = ?2) ORDER BY s.rowid DESC LIMIT ?3"
    )
}

/// A person's words as an expression that has no syntax left; nothing when there is no word.
fn expression(query: &str) -> Option<String> {
    let words: Vec<_> = query.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    let quoted = |word: &&str| format!("\"{}\"", word.replace('"', "\"\"").replace('\0', ""));
    let all: Vec<_> = words.iter().map(quoted).collect();
    // A white space after the last word says that it is whole.
    let open = !query.ends_with(char::is_whitespace);
    (!all.is_empty()).then(|| format!("{}{}", all.join(" AND "), if open { " *" } else { "" }))
}

/// Notes that a message's text is to be indexed, or indexed anew.
pub(super) fn enlist(tx: &Tx<'_>, message: MessageId) -> Work<()> {
    let sql = "INSERT INTO search_backlog (message) VALUES (?1) ON CONFLICT DO NOTHING";
    tx.conn.prepare_cached(sql)?.execute([message.0])?;
    tx.text_waits();
    Ok(())
}

/// Whether texts wait for the index.
pub(super) fn has_backlog(conn: &Connection) -> Work<bool> {
    Ok(conn.prepare_cached("SELECT 1 FROM search_backlog LIMIT 1")?.exists([])?)
}

/// Indexes a batch in a transaction of its own. Returns how many still wait or may wait.
pub(super) fn index_batch(conn: &Connection) -> Work<usize> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = fill(conn).and_then(|left| {
        conn.execute_batch("COMMIT")?;
        Ok(left)
    });
    if done.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    done
}

fn fill(conn: &Connection) -> Work<usize> {
    let sql = "SELECT message FROM search_backlog ORDER BY message DESC LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map([row::limit(BATCH)], |row| row.get::<_, i64>(0))?;
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    for id in &ids {
        let mut statement = conn.prepare_cached("SELECT text FROM messages WHERE id = ?1")?;
        let text: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
        match text.filter(|text| !text.is_empty()) {
            Some(text) => conn
                .prepare_cached("INSERT OR REPLACE INTO search (rowid, text) VALUES (?1, ?2)")?
                .execute(params![id, text])?,
            None => conn.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([id])?,
        };
        conn.prepare_cached("DELETE FROM search_backlog WHERE message = ?1")?.execute([id])?;
    }
    Ok(if ids.len() == BATCH { BATCH } else { 0 })
}
