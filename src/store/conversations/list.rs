//! The conversation list, its counts, and the next unread conversation.

use crate::domain::conversation::{ConversationFilter, ConversationKey, Counts};
use crate::domain::{Conversation, ConversationId, SearchText};
use crate::store::database::{RunSql, Store, StoreError};
use crate::store::row::{self, conversation_columns};
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql, params_from_iter};

/// The next unread conversation other than `?1`: first those in which a customer waits, then the others.
pub(crate) const NEXT_UNREAD: [&str; 2] = [
    "SELECT id FROM conversations WHERE unread > 0 AND waiting_since IS NOT NULL AND id <> ?1 \
     ORDER BY waiting_since, last_order LIMIT 1",
    "SELECT id FROM conversations WHERE unread > 0 AND waiting_since IS NULL AND id <> ?1 \
     ORDER BY last_order DESC, id DESC LIMIT 1",
];

impl Store {
    /// A page of the list, newest activity first: at most `limit` conversations after the key `after`. The key of
    /// the last one leads to the next page.
    pub fn conversations(
        &self,
        filter: &ConversationFilter,
        after: Option<ConversationKey>,
        limit: usize,
    ) -> Result<Vec<(ConversationKey, Conversation)>, StoreError> {
        let (sql, values) = page_sql(filter, after);
        self.read(|conn| {
            let mut statement = conn.prepared(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut page = Vec::new();
            while page.len() < limit {
                let Some(row) = rows.next()? else { break };
                if filter.text.as_ref().is_none_or(|text| matches_text(row, text)) {
                    page.push((row::conversation_key(row)?, row::conversation(row)?));
                }
            }
            Ok(page)
        })
    }

    /// Counts over all conversations, which triggers keep up to date with each commit.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|conn| {
            let sql = "SELECT unread_messages, unread_conversations, waiting, conversations FROM totals WHERE one = 1";
            let number = |value: i64| u64::try_from(value).unwrap_or_default();
            conn.one(sql, [], |row| {
                Ok(Counts {
                    unread_messages: number(row.get(0)?),
                    unread_conversations: number(row.get(1)?),
                    waiting: number(row.get(2)?),
                    total: number(row.get(3)?),
                })
            })
        })
    }

    /// The next conversation with unread messages: the longest waiting first, then the newest. `not` is skipped.
    pub fn next_unread(&self, not: Option<ConversationId>) -> Result<Option<ConversationId>, StoreError> {
        let not = not.map_or(0, |id| id.0);
        self.read(|conn| {
            for sql in NEXT_UNREAD {
                let next = conn.first(sql, [not], |row| row.get(0))?;
                if let Some(id) = next {
                    return Ok(Some(ConversationId(id)));
                }
            }
            Ok(None)
        })
    }
}

/// The list after a key, and the values of the query: one text per combination of filters, so that each has its index.
/// The filter's text is not part of it, because SQLite folds the case of ASCII only.
pub(crate) fn page_sql(filter: &ConversationFilter, after: Option<ConversationKey>) -> (String, Vec<Box<dyn ToSql>>) {
    let (at, id) = after.map_or((i64::MAX, i64::MAX), |key| (key.last_at.0, key.id.0));
    let mut sql =
        concat!("SELECT ", conversation_columns!(), " FROM conversations WHERE (last_order, id) < (?1, ?2)").to_owned();
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(at), Box::new(id)];
    if let Some(account) = &filter.account {
        sql.push_str(" AND account = ?3");
        values.push(Box::new(account.as_str().to_owned()));
    }
    if let Some(state) = filter.state {
        sql.push_str(if filter.account.is_some() { " AND state = ?4" } else { " AND state = ?3" });
        values.push(Box::new(state.as_str()));
    }
    if filter.unread {
        sql.push_str(" AND unread > 0");
    }
    sql.push_str(" ORDER BY last_order DESC, id DESC");
    (sql, values)
}

/// Whether a conversation's name, peer or newest message fits a text.
fn matches_text(row: &Row<'_>, text: &SearchText) -> bool {
    let value = |column| row.get_ref(column).ok().and_then(|value: ValueRef<'_>| value.as_str().ok());
    ["name", "peer"].into_iter().filter_map(value).any(|value| text.matches(value))
        || value("last_text").is_some_and(|value| text.is_in(value))
}
