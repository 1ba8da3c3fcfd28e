//! Counting what views of the conversation list would show.
//!
//! Invariant: no count reads more than a limited number of rows; one that ends there says so.

use rusqlite::{Connection, params_from_iter};

use super::list;
use crate::domain::conversation::{ConversationFilter, ConversationRange, ViewCount};
use crate::domain::{AccountName, ConversationState};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::row;

/// Conversations in the state `?1`, at most `?2`.
const OF_STATE: &str =
    "SELECT count(*) FROM (SELECT 1 FROM conversations INDEXED BY conversations_state WHERE state = ?1 LIMIT ?2)";
/// Conversations of the account `?3` in the state `?1`, at most `?2`.
const OF_ACCOUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM conversations \
    INDEXED BY conversations_account_state WHERE account = ?3 AND state = ?1 LIMIT ?2)";

/// Entries of an index that are counted, at most.
const INDEXED: usize = 100_000;
/// Conversations that are looked at for all filters of a state, the latest activity first.
const LOOKED_AT: usize = 10_000;

impl Store {
    /// How many conversations each of some filters finds.
    pub fn count_conversations(&self, filters: &[ConversationFilter]) -> Result<Vec<ViewCount>, StoreError> {
        self.read(|conn| {
            let mut counts: Vec<Option<ViewCount>> = Vec::new();
            for filter in filters {
                counts.push(by_index(conn, filter)?);
            }
            let mut left: Vec<(usize, &ConversationFilter)> =
                filters.iter().enumerate().filter(|(at, _)| counts.get(*at) == Some(&None)).collect();
            while let Some(state) = left.first().map(|(_, filter)| filter.state) {
                let (same, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, f)| f.state == state);
                let found = walk(conn, state, &same.iter().map(|(_, filter)| *filter).collect::<Vec<_>>())?;
                for ((at, _), count) in same.into_iter().zip(found) {
                    if let Some(place) = counts.get_mut(at) {
                        *place = Some(count);
                    }
                }
                left = others;
            }
            Ok(counts.into_iter().flatten().collect())
        })
    }
}

/// The count of a filter that asks for nothing but a state and perhaps an account.
fn by_index(conn: &Connection, filter: &ConversationFilter) -> DbResult<Option<ViewCount>> {
    let plain = ConversationFilter {
        account: filter.account.clone(),
        state: filter.state,
        order: filter.order,
        ..ConversationFilter::default()
    };
    let Some(state) = filter.state.filter(|_| plain == *filter) else { return Ok(None) };
    let account = filter.account.as_ref().map(AccountName::as_str);
    let sql = if account.is_some() { OF_ACCOUNT } else { OF_STATE };
    let mut values: Vec<Box<dyn rusqlite::ToSql>> = vec![Box::new(state.as_str()), Box::new(row::sql_limit(INDEXED))];
    values.extend(account.map(|account| Box::new(account.to_owned()) as Box<dyn rusqlite::ToSql>));
    let count: i64 = conn.one(sql, params_from_iter(values), |row| row.get(0))?;
    let count = usize::try_from(count).unwrap_or_default();
    Ok(Some(ViewCount { count, more: count == INDEXED }))
}

/// The counts of filters that ask for more, over the conversations in a state.
fn walk(
    conn: &Connection,
    state: Option<ConversationState>,
    filters: &[&ConversationFilter],
) -> DbResult<Vec<ViewCount>> {
    let all = ConversationFilter { state, ..ConversationFilter::default() };
    let (sql, values) = list::page_sql(&all, ConversationRange::Top);
    let mut statement = conn.prepared(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut counts = vec![ViewCount::default(); filters.len()];
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        if looked_at == LOOKED_AT {
            for count in &mut counts {
                count.more = true;
            }
            break;
        }
        looked_at += 1;
        let conversation = row::conversation(row)?;
        for (count, filter) in counts.iter_mut().zip(filters) {
            count.count += usize::from(filter.shows(&conversation));
        }
    }
    Ok(counts)
}
