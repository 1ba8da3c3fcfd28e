//! Searching messages.

use rusqlite::params;

use super::index;
use crate::domain::{AccountName, Message};
use crate::store::database::{Store, StoreError};
use crate::store::messages::page;
use crate::store::row::{self, message_columns};

/// The newest messages that match `?1`, of the account `?2` unless it is null.
pub(crate) const SEARCH: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM search s CROSS JOIN messages m ON m.id = s.rowid CROSS JOIN conversations c ON c.id = m.conversation \
     WHERE s.text MATCH ?1 AND (?2 IS NULL OR m.account = ?2) ORDER BY s.rowid DESC LIMIT ?3"
);

impl Store {
    /// Messages that contain every word of the query, newest first. The last word also matches as a prefix, unless
    /// white space follows it. Case and accents are ignored.
    pub fn search(&self, query: &str, account: Option<&AccountName>, limit: usize) -> Result<Vec<Message>, StoreError> {
        let Some(expression) = match_expression(query) else {
            return Ok(Vec::new());
        };
        if self.read(index::has_backlog)? {
            // The newest texts are indexed first; a long backlog (an import) is left to idle time. A store that
            // cannot write can still be searched.
            let _ = self.write(|tx| index::index_newest(tx.conn)).wait();
        }
        self.read(|conn| {
            let account = account.map(AccountName::as_str);
            let mut messages = page::query(conn, SEARCH, params![expression, account, row::sql_limit(limit)])?;
            messages.sort_by_key(|message| std::cmp::Reverse(message.order));
            Ok(messages)
        })
    }
}

/// The query as an FTS5 expression of quoted words, without any other syntax; `None` when it has no word.
fn match_expression(query: &str) -> Option<String> {
    let words = query.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    let quoted: Vec<_> = words.map(|word| format!("\"{}\"", word.replace('"', "\"\"").replace('\0', ""))).collect();
    let prefix = if query.ends_with(char::is_whitespace) { "" } else { " *" };
    (!quoted.is_empty()).then(|| format!("{}{prefix}", quoted.join(" AND ")))
}
