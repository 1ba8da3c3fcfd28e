//! Searching messages by the words of a query: `from:budi label:komplain after:2026-11-01 rusak`.
//!
//! Invariant: whole messages are read only of what is found. A search that gives up before the oldest message says so.

use std::cmp::Reverse;
use std::collections::HashMap;

use rusqlite::{Connection, Params, Row, params, params_from_iter};

use super::{index, query};
use crate::domain::{
    ConversationFilter, ConversationId, ConversationRange, Direction, Message, MessageId, SearchResults, Timestamp,
};
use crate::store::conversations::{find, list};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::messages::page;
use crate::store::row;

/// What decides whether a message is found, of those that match the text `?1`, the newest first.
pub(crate) const OF_TEXT: &str = "SELECT m.id, m.conversation, m.order_ms, m.direction, m.author_name \
    FROM search s CROSS JOIN messages m ON m.id = s.rowid WHERE s.text MATCH ?1 ORDER BY s.rowid DESC";
/// The same of the account `?1`, from `?2` to before `?3`.
pub(crate) const OF_ACCOUNT: &str = "SELECT id, conversation, order_ms, direction, author_name FROM messages \
    WHERE account = ?1 AND order_ms >= ?2 AND order_ms < ?3 ORDER BY order_ms DESC, id DESC";
/// The same of the conversation `?1`.
pub(crate) const OF_CONVERSATION: &str = "SELECT id, conversation, order_ms, direction, author_name FROM messages \
    WHERE conversation = ?1 AND order_ms >= ?2 AND order_ms < ?3 ORDER BY order_ms DESC, id DESC";
const ACCOUNTS: &str = "SELECT name FROM accounts";

/// Where no more conversations than this fit, their messages are read instead of everybody's.
const FEW_CONVERSATIONS: usize = 200;

impl Store {
    /// Messages that a filter finds, newest first: its text is searched for in their texts as [`Store::search`] does,
    /// `from` in the names and numbers of who wrote them; the days are those of the messages, and everything else is
    /// asked of their conversations. At most `most` messages are looked at.
    pub fn find_messages(
        &self,
        filter: &ConversationFilter,
        limit: usize,
        most: usize,
    ) -> Result<SearchResults, StoreError> {
        let plain = ConversationFilter {
            text: filter.text.clone(),
            account: filter.account.clone(),
            order: filter.order,
            ..ConversationFilter::default()
        };
        if let Some(text) = filter.text.as_ref().filter(|_| plain == *filter) {
            return self.search(text, filter.account.as_ref(), limit);
        }
        if filter.text.is_some() {
            self.index_newest();
        }
        self.read(|conn| {
            let mut search = Search { conn, filter, limit, left: most, cut: false, known: HashMap::new() };
            let mut messages = search.messages()?;
            messages.sort_by_key(|message| Reverse(message.order));
            messages.dedup_by_key(|message| message.id);
            messages.truncate(limit);
            let unindexed = if filter.text.is_some() { index::backlog(conn)? } else { 0 };
            Ok(SearchResults { messages, unindexed, cut: search.cut })
        })
    }
}

/// A message that may be found.
struct Candidate {
    id: i64,
    conversation: i64,
    order: i64,
    direction: Direction,
    author: String,
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        id: row.get(0)?,
        conversation: row.get(1)?,
        order: row.get(2)?,
        direction: row::direction(row, 3)?,
        author: row.get(4)?,
    })
}

/// What is known of a conversation.
#[derive(Clone, Copy)]
struct Known {
    /// Everything that is asked of a conversation is true of it.
    fits: bool,
    /// Its customer is who must have written.
    is_from: bool,
}

/// A search under way.
struct Search<'a> {
    conn: &'a Connection,
    filter: &'a ConversationFilter,
    limit: usize,
    /// How many further messages are looked at.
    left: usize,
    /// It gave up before it had looked at everything.
    cut: bool,
    known: HashMap<i64, Known>,
}

impl Search<'_> {
    fn messages(&mut self) -> DbResult<Vec<Message>> {
        let Some(text) = &self.filter.text else { return self.without_text() };
        let number = query::number_of(text);
        let Some(expression) = query::match_expression(text.text(), number) else { return Ok(Vec::new()) };
        let mut found = self.take(OF_TEXT, [expression])?;
        if let Some(number) = number {
            for message in query::messages_of_number(self.conn, number, self.filter.account.as_ref(), self.limit)? {
                let candidate = Candidate {
                    id: message.id.0,
                    conversation: message.conversation.0,
                    order: message.order.at.0,
                    direction: message.direction,
                    author: message.author.name.clone(),
                };
                if self.fits(&candidate)? {
                    found.push(message);
                }
            }
        }
        Ok(found)
    }

    /// The newest messages of whatever text.
    fn without_text(&mut self) -> DbResult<Vec<Message>> {
        let bound = |at: Option<Timestamp>, else_at| at.map_or(else_at, |at| at.0);
        let (after, before) = (bound(self.filter.after, i64::MIN), bound(self.filter.before, i64::MAX));
        let mut found = Vec::new();
        if let Some(conversations) = self.few_conversations()? {
            for id in conversations {
                found.extend(self.take(OF_CONVERSATION, params![id.0, after, before])?);
            }
            return Ok(found);
        }
        let accounts: Vec<String> = match &self.filter.account {
            Some(account) => vec![account.as_str().to_owned()],
            None => self.conn.all(ACCOUNTS, [], |row| row.get(0))?,
        };
        for account in accounts {
            found.extend(self.take(OF_ACCOUNT, params![account, after, before])?);
        }
        Ok(found)
    }

    /// Every conversation of which something is asked, if that is true of few.
    fn few_conversations(&self) -> DbResult<Option<Vec<ConversationId>>> {
        let asked = of_conversation(self.filter);
        if asked == ConversationFilter::default() {
            return Ok(None);
        }
        let (sql, values) = list::page_sql(&asked, ConversationRange::Top);
        let mut statement = self.conn.prepared(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            if ids.len() == FEW_CONVERSATIONS {
                return Ok(None);
            }
            ids.push(ConversationId(row.get(0)?));
        }
        Ok(Some(ids))
    }

    /// The first messages of a query that fit, at most as many as are wanted.
    fn take(&mut self, sql: &str, values: impl Params) -> DbResult<Vec<Message>> {
        let conn = self.conn;
        let mut statement = conn.prepared(sql)?;
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while found.len() < self.limit {
            let Some(row) = rows.next()? else { break };
            if self.left == 0 {
                self.cut = true;
                break;
            }
            self.left -= 1;
            let candidate = candidate(row)?;
            if self.fits(&candidate)? {
                found.extend(page::find(conn, MessageId(candidate.id))?);
            }
        }
        Ok(found)
    }

    fn fits(&mut self, message: &Candidate) -> DbResult<bool> {
        let filter = self.filter;
        if filter.after.is_some_and(|after| message.order < after.0)
            || filter.before.is_some_and(|before| message.order >= before.0)
        {
            return Ok(false);
        }
        let known = self.conversation(message.conversation)?;
        let from = filter.from.as_ref().is_none_or(|from| match message.direction {
            Direction::In => known.is_from || from.matches(&message.author),
            Direction::Out | Direction::Internal => from.is_in(&message.author),
        });
        Ok(known.fits && from)
    }

    fn conversation(&mut self, id: i64) -> DbResult<Known> {
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let conversation = find::find(self.conn, ConversationId(id))?;
        let asked = of_conversation(self.filter);
        let known = Known {
            fits: conversation.as_ref().is_some_and(|found| asked.shows(found)),
            is_from: conversation.zip(self.filter.from.as_ref()).is_some_and(|(found, from)| found.is_from(from)),
        };
        self.known.insert(id, known);
        Ok(known)
    }
}

/// What a filter asks of a conversation, apart from what its messages say.
fn of_conversation(filter: &ConversationFilter) -> ConversationFilter {
    ConversationFilter {
        text: None,
        from: None,
        after: None,
        before: None,
        order: ConversationFilter::default().order,
        ..filter.clone()
    }
}
