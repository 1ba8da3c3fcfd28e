//! Searching messages.

use std::cmp::Reverse;

use rusqlite::{Connection, params};

use super::index;
use crate::domain::phone::NumberPattern;
use crate::domain::{AccountName, Message, SearchResults, SearchText};
use crate::store::conversations::find;
use crate::store::database::{DbResult, Store, StoreError};
use crate::store::messages::page;
use crate::store::row::{self, message_columns};

/// The newest messages that match `?1`, of the account `?2` unless it is null.
pub(crate) const SEARCH: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM search s CROSS JOIN messages m ON m.id = s.rowid CROSS JOIN conversations c ON c.id = m.conversation \
     WHERE s.text MATCH ?1 AND (?2 IS NULL OR m.account = ?2) ORDER BY s.rowid DESC LIMIT ?3"
);
/// Digits with which the messages of a person are found; fewer fit too many people.
const FEWEST_DIGITS: usize = 4;
/// Conversations whose messages are found by the person's number, at most.
const CONVERSATIONS: usize = 20;

impl Store {
    /// Messages that contain every word of the query, newest first. The last word also matches as a prefix, unless
    /// white space follows it. Case and accents are ignored. A query that can be a phone number also finds texts that
    /// write it differently, and the messages of people with such a number.
    pub fn search(
        &self,
        query: &SearchText,
        account: Option<&AccountName>,
        limit: usize,
    ) -> Result<SearchResults, StoreError> {
        let number = number_of(query);
        let Some(expression) = match_expression(query.text(), number) else {
            return Ok(SearchResults { messages: Vec::new(), unindexed: 0, cut: false });
        };
        self.index_newest();
        self.read(|conn| {
            let unindexed = index::backlog(conn)?;
            let values = params![expression, account.map(AccountName::as_str), row::sql_limit(limit)];
            let mut messages = page::query(conn, SEARCH, values)?;
            if let Some(number) = number {
                messages.extend(messages_of_number(conn, number, account, limit)?);
            }
            messages.sort_by_key(|message| Reverse(message.order));
            messages.dedup_by_key(|message| message.id);
            messages.truncate(limit);
            Ok(SearchResults { messages, unindexed, cut: false })
        })
    }

    /// Indexes the newest texts that are not indexed yet; a long backlog is left to the writer. A store that cannot
    /// write can still be searched.
    pub(super) fn index_newest(&self) {
        if self.read(index::has_backlog).unwrap_or(false) {
            let _ = self.write(|tx| index::index_before_search(tx.conn)).wait();
        }
    }
}

/// The phone number that a query can be, if it has enough digits to tell people apart.
pub(super) fn number_of(query: &SearchText) -> Option<&NumberPattern> {
    query.number().filter(|_| query.text().chars().filter(char::is_ascii_digit).count() >= FEWEST_DIGITS)
}

/// The newest messages of people whose number fits.
pub(super) fn messages_of_number(
    conn: &Connection,
    number: &NumberPattern,
    account: Option<&AccountName>,
    limit: usize,
) -> DbResult<Vec<Message>> {
    let mut messages = Vec::new();
    for id in find::of_number(conn, number, account, CONVERSATIONS)? {
        let values = params![id.0, i64::MAX, i64::MAX, row::sql_limit(limit)];
        messages.extend(page::query(conn, page::CONVERSATION_BEFORE, values)?);
    }
    Ok(messages)
}

/// The query as an FTS5 expression of quoted words, without any other syntax; `None` when it has no word. A number is
/// also looked for in its other spellings.
pub(super) fn match_expression(query: &str, number: Option<&NumberPattern>) -> Option<String> {
    let quote = |word: &str| format!("\"{}\"", word.replace('"', "\"\"").replace('\0', ""));
    let words = query.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    let quoted: Vec<_> = words.map(quote).collect();
    let prefix = if query.ends_with(char::is_whitespace) { "" } else { " *" };
    let typed = (!quoted.is_empty()).then(|| format!("{}{prefix}", quoted.join(" AND ")))?;
    let spellings = number.map(NumberPattern::spellings).unwrap_or_default();
    let others = spellings.iter().map(|spelling| format!(" OR {}{prefix}", quote(spelling)));
    Some(others.fold(format!("({typed})"), |all, other| all + &other))
}

#[cfg(test)]
mod tests {
    use crate::text::fold::fold;
    use rusqlite::Connection;

    #[test]
    fn what_is_highlighted_is_folded_as_the_index_does() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE VIRTUAL TABLE search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
             CREATE VIRTUAL TABLE words USING fts5vocab (search, row);",
        )
        .unwrap();
        let all = ('\u{c0}'..='\u{24f}').chain('\u{300}'..='\u{331}').chain('\u{1e00}'..='\u{1eff}');
        let mut different = Vec::new();
        for c in all.filter(|c| c.is_alphanumeric() || ('\u{300}'..='\u{331}').contains(c)) {
            conn.execute("DELETE FROM search", []).unwrap();
            conn.execute("INSERT INTO search (text) VALUES (?1)", [format!("x{c}")]).unwrap();
            let indexed: String = conn.query_row("SELECT term FROM words", [], |row| row.get(0)).unwrap();
            let folded: String = std::iter::once('x').chain(fold(c)).collect();
            if folded != indexed {
                different.push((c, folded, indexed));
            }
        }
        assert_eq!(different, []);
    }
}
