//! The conversation list, its counts, and the next conversation that waits for us.

use crate::domain::conversation::{
    ConversationFilter, ConversationKey, ConversationOrder, ConversationRange, Counts, WAITING_RANK,
};
use crate::domain::{Conversation, ConversationId, SearchText};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::row::{self, conversation_columns};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, ToSql, params, params_from_iter};

/// The next unread conversation other than `?1`: first those in which a customer waits, then the others.
pub(crate) const NEXT_UNREAD: [&str; 2] = [
    "SELECT id FROM conversations WHERE unread > 0 AND waiting_since IS NOT NULL AND id <> ?1 \
     ORDER BY waiting_since, last_order LIMIT 1",
    "SELECT id FROM conversations WHERE unread > 0 AND waiting_since IS NULL AND id <> ?1 \
     ORDER BY last_order DESC, id DESC LIMIT 1",
];
/// The place of the conversation `?1` in the queue.
const PLACE: &str = "SELECT queue FROM conversations WHERE id = ?1";
/// The first of those who wait behind the place `(?1, ?2)` in the queue; `?3` is before all who do not wait.
pub(crate) const NEXT_WAITING: &str = "SELECT id FROM conversations WHERE state = 'open' AND (queue, id) < (?1, ?2) \
    AND queue > ?3 ORDER BY queue DESC, id DESC LIMIT 1";

impl Store {
    /// A part of a list from top to bottom: at most `limit` conversations. The keys of the first and the last one lead
    /// to the parts before and after it.
    pub fn conversations(
        &self,
        filter: &ConversationFilter,
        range: ConversationRange,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        let (sql, values) = page_sql(filter, range);
        self.read(|conn| {
            let mut statement = conn.prepared(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut page = Vec::new();
            while page.len() < limit {
                let Some(row) = rows.next()? else { break };
                if filter.text.as_ref().is_none_or(|text| matches_text(row, text)) {
                    page.push(row::conversation(row)?);
                }
            }
            if is_upwards(range) {
                page.reverse();
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

    /// The next conversation that waits for us, other than `open`: an unread one, the longest waiting first, then the
    /// newest; else one that was read and not answered, the longest waiting first, beginning behind `open`.
    pub fn next_waiting(&self, open: Option<ConversationId>) -> Result<Option<ConversationId>, StoreError> {
        let not = open.map_or(0, |id| id.0);
        self.read(|conn| {
            for sql in NEXT_UNREAD {
                let next = conn.first(sql, [not], |row| row.get(0))?;
                if let Some(id) = next {
                    return Ok(Some(ConversationId(id)));
                }
            }
            let place = conn.first(PLACE, [not], |row| row.get(0))?;
            let place = place.filter(|rank| ConversationKey { rank: *rank, id: ConversationId(not) }.is_waiting());
            let mut next = None;
            if let Some(rank) = place {
                next = waiting_behind(conn, rank, not)?;
            }
            if next.is_none() {
                next = waiting_behind(conn, i64::MAX, i64::MAX)?.filter(|id| id.0 != not);
            }
            Ok(next)
        })
    }
}

fn waiting_behind(conn: &Connection, rank: i64, id: i64) -> DbResult<Option<ConversationId>> {
    conn.first(NEXT_WAITING, params![rank, id, WAITING_RANK / 2], |row| row.get(0).map(ConversationId))
}

/// Whether a part of a list is read from its end.
fn is_upwards(range: ConversationRange) -> bool {
    matches!(range, ConversationRange::Before(_) | ConversationRange::Bottom)
}

/// A part of a list, and the values of the query: one text per combination of filters, so that each has its index.
/// The filter's text is not part of it, because SQLite folds the case of ASCII only.
pub(crate) fn page_sql(filter: &ConversationFilter, range: ConversationRange) -> (String, Vec<Box<dyn ToSql>>) {
    let rank = match filter.order {
        ConversationOrder::Activity => "last_order",
        ConversationOrder::Queue => "queue",
    };
    let (rank_bound, id_bound) = match range {
        ConversationRange::Top => (i64::MAX, i64::MAX),
        ConversationRange::Bottom => (i64::MIN, i64::MIN),
        ConversationRange::After(key) | ConversationRange::Before(key) => (key.rank, key.id.0),
    };
    let (side, direction) = if is_upwards(range) { (">", "ASC") } else { ("<", "DESC") };
    let mut sql = format!("SELECT {COLUMNS} FROM conversations WHERE ({rank}, id) {side} (?1, ?2)");
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(rank_bound), Box::new(id_bound)];
    if let Some(account) = &filter.account {
        // Of an account's conversations in every state no index is in the order of the queue: they are picked out of all.
        let by_index = filter.order == ConversationOrder::Activity || filter.state.is_some();
        sql.push_str(if by_index { " AND account = ?3" } else { " AND +account = ?3" });
        values.push(Box::new(account.as_str().to_owned()));
    }
    if let Some(state) = filter.state {
        sql.push_str(if filter.account.is_some() { " AND state = ?4" } else { " AND state = ?3" });
        values.push(Box::new(state.as_str()));
    }
    if filter.unread {
        sql.push_str(" AND unread > 0");
    }
    (sql + &format!(" ORDER BY {rank} {direction}, id {direction}"), values)
}

const COLUMNS: &str = conversation_columns!();

/// Whether a conversation's name, peer or newest message fits a text.
fn matches_text(row: &Row<'_>, text: &SearchText) -> bool {
    let value = |column| row.get_ref(column).ok().and_then(|value: ValueRef<'_>| value.as_str().ok());
    ["name", "peer"].into_iter().filter_map(value).any(|value| text.matches(value))
        || ["last_text", "waiting_text"].into_iter().filter_map(value).any(|value| text.is_in(value))
}
