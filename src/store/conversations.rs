//! Conversations: the list, its counts, and what people do with a conversation as a whole.
//!
//! Invariant: no reader scans the list to count it, and nothing a person does here makes a message unread
//! except his own wish.

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::db::Store;
use super::error::{Fault, StoreError, Work};
use super::row::{self, CONVERSATION};
use super::writer::{Pending, Tx};
use crate::domain::conversation::{ConversationFilter, ConversationKey, Counts};
use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, ChangeKind, Channel, Conversation, ConversationId, ConversationState, MessageId, Timestamp,
};

pub(super) const NEXT_UNREAD: [&str; 2] = [
    "SELECT id FROM conversations WHERE unread > 0 AND waiting_since IS NOT NULL AND id <> ?1 \
     ORDER BY waiting_since, last_order LIMIT 1",
    "SELECT id FROM conversations WHERE unread > 0 AND waiting_since IS NULL AND id <> ?1 \
     ORDER BY last_order DESC, id DESC LIMIT 1",
];
pub(super) const FIRST_UNREAD: &str =
    "SELECT order_ms, id FROM messages WHERE conversation = ?1 AND unread = 1 ORDER BY id LIMIT 1";
pub(super) const COUNT_UNREAD: &str = "SELECT count(*) FROM messages WHERE conversation = ?1 AND unread = 1";

impl Store {
    /// A conversation by its id.
    pub fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.read(|conn| find(conn, id))
    }

    /// A conversation with its place in the list.
    pub fn conversation_with_key(
        &self,
        id: ConversationId,
    ) -> Result<Option<(ConversationKey, Conversation)>, StoreError> {
        self.read(|conn| {
            let sql = format!("SELECT {CONVERSATION}, last_order FROM conversations WHERE id = ?1");
            let mut statement = conn.prepare_cached(&sql)?;
            let found = statement.query_row([id.0], |row| {
                Ok((ConversationKey { last_at: Timestamp(row.get(18)?), id }, row::conversation(row)?))
            });
            Ok(found.optional()?)
        })
    }

    /// The conversation that this one turned out to be part of, when it exists no more.
    pub fn merged_into(&self, id: ConversationId) -> Result<Option<ConversationId>, StoreError> {
        self.read(|conn| merged_into(conn, id))
    }

    /// A conversation by any id that its other side is known by; on any channel of the account when none is
    /// named, the oldest first.
    pub fn find_conversation(
        &self,
        account: &AccountName,
        channel: Option<Channel>,
        peer: &str,
    ) -> Result<Option<Conversation>, StoreError> {
        self.read(|conn| {
            let mut ids = Vec::new();
            for channel in channel.map_or_else(|| Channel::ALL.to_vec(), |channel| vec![channel]) {
                let sql = "SELECT conversation FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3";
                let found: Option<i64> = conn
                    .prepare_cached(sql)?
                    .query_row([account.as_str(), channel.as_str(), peer], |row| row.get(0))
                    .optional()?;
                ids.extend(found);
            }
            ids.into_iter().min().map_or(Ok(None), |id| find(conn, ConversationId(id)))
        })
    }

    /// A page of the list, newest activity first: what stands after `after`. The key of the last row leads to
    /// the next page.
    pub fn conversations(
        &self,
        filter: &ConversationFilter,
        after: Option<ConversationKey>,
        limit: usize,
    ) -> Result<Vec<(ConversationKey, Conversation)>, StoreError> {
        self.read(|conn| page(conn, filter, after, limit))
    }

    /// Counts over all conversations, kept up to date with each commit.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|conn| {
            let sql = "SELECT unread_messages, unread_conversations, waiting, conversations FROM totals WHERE one = 1";
            let number = |value: i64| u64::try_from(value).unwrap_or_default();
            Ok(conn.prepare_cached(sql)?.query_row([], |row| {
                Ok(Counts {
                    unread_messages: number(row.get(0)?),
                    unread_conversations: number(row.get(1)?),
                    waiting: number(row.get(2)?),
                    total: number(row.get(3)?),
                })
            })?)
        })
    }

    /// The next conversation with unread messages: the longest waiting first, then the newest. `not` is skipped.
    pub fn next_unread(&self, not: Option<ConversationId>) -> Result<Option<ConversationId>, StoreError> {
        let not = not.map_or(0, |id| id.0);
        self.read(|conn| {
            for sql in NEXT_UNREAD {
                let found = conn.prepare_cached(sql)?.query_row([not], |row| row.get(0)).optional()?;
                if let Some(id) = found {
                    return Ok(Some(ConversationId(id)));
                }
            }
            Ok(None)
        })
    }

    /// Marks a conversation seen up to and including `upto` in the order of arrival (the greatest id that was
    /// on the screen); what came later stays unread.
    pub fn mark_seen(&self, id: ConversationId, upto: MessageId, _now: Timestamp) -> Pending<()> {
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let sql = "UPDATE messages SET unread = 0 WHERE conversation = ?1 AND unread = 1 AND id <= ?2";
            tx.conn.prepare_cached(sql)?.execute([id.0, upto.0])?;
            count_unread(tx, id)
        })
    }

    /// Makes a conversation unread: at least one message counts as not seen, the newest one of the customer.
    pub fn mark_unread(&self, id: ConversationId) -> Pending<()> {
        self.write(move |tx| mark_unread(tx, id))
    }

    /// Sets what is to be done with a conversation; `until`: when a snoozed one wakes by itself.
    pub fn set_state(&self, id: ConversationId, state: ConversationState, until: Option<Timestamp>) -> Pending<()> {
        let until = until.filter(|_| state == ConversationState::Snoozed).map(|until| until.0);
        self.write(move |tx| {
            let sql = "UPDATE conversations SET state = ?2, until = ?3 WHERE id = ?1 \
                       AND (state <> ?2 OR until IS NOT ?3)";
            change(tx, id, sql, &[&state.as_str(), &until])
        })
    }

    /// Opens snoozed conversations whose time has come, and returns them.
    pub fn wake_snoozed(&self, now: Timestamp) -> Pending<Vec<ConversationId>> {
        self.write(move |tx| {
            let sql = "UPDATE conversations SET state = 'open', until = NULL \
                       WHERE state = 'snoozed' AND until IS NOT NULL AND until <= ?1 RETURNING id";
            let mut statement = tx.conn.prepare_cached(sql)?;
            let ids = statement.query_map([now.0], |row| row.get(0).map(ConversationId))?;
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            for id in &ids {
                touch(tx, *id)?;
            }
            Ok(ids)
        })
    }

    /// When the next snoozed conversation wakes by itself.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT min(until) FROM conversations WHERE state = 'snoozed' AND until IS NOT NULL";
            let next: Option<i64> = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(next.map(Timestamp))
        })
    }

    /// Replaces the labels; they are kept sorted, each once.
    pub fn set_labels(&self, id: ConversationId, mut labels: Vec<String>) -> Pending<()> {
        labels.sort();
        labels.dedup();
        self.write(move |tx| {
            let labels = serde_json::to_string(&labels)?;
            let sql = "UPDATE conversations SET labels = ?2 WHERE id = ?1 AND labels <> ?2";
            change(tx, id, sql, &[&labels])
        })
    }

    /// Names a conversation by hand; no gateway changes the name any more, until it is emptied.
    pub fn set_name(&self, id: ConversationId, name: &str) -> Pending<()> {
        let name = name.to_owned();
        self.write(move |tx| {
            let sql = "UPDATE conversations SET name = ?2, by_hand = (?2 <> '') WHERE id = ?1 \
                       AND (name <> ?2 OR by_hand <> (?2 <> ''))";
            change(tx, id, sql, &[&name])
        })
    }

    /// When the customer last wrote (for the 24-hour window).
    pub fn last_customer_message(&self, id: ConversationId) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT customer_at FROM conversations WHERE id = ?1";
            let at: Option<Option<i64>> = conn.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
            Ok(at.flatten().map(Timestamp))
        })
    }

    /// The place of the unread message that came first (for the divider), if any.
    pub fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, StoreError> {
        self.read(|conn| {
            let key =
                |row: &rusqlite::Row<'_>| Ok(MessageKey { at: Timestamp(row.get(0)?), id: MessageId(row.get(1)?) });
            Ok(conn.prepare_cached(FIRST_UNREAD)?.query_row([id.0], key).optional()?)
        })
    }
}

fn page(
    conn: &Connection,
    filter: &ConversationFilter,
    after: Option<ConversationKey>,
    limit: usize,
) -> Work<Vec<(ConversationKey, Conversation)>> {
    let (sql, values) = page_sql(filter, after);
    let text = filter.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        if let Some(text) = &text
            && ![4, 3, 9].iter().any(|column| row.get_ref(*column).is_ok_and(|value| holds(value, text)))
        {
            continue;
        }
        let conversation = row::conversation(row)?;
        found.push((ConversationKey { last_at: Timestamp(row.get(18)?), id: conversation.id }, conversation));
    }
    Ok(found)
}

/// The list from a place on, and its values. The text of a filter is compared here, whatever the case.
pub(super) fn page_sql(filter: &ConversationFilter, after: Option<ConversationKey>) -> (String, Vec<Box<dyn ToSql>>) {
    let (at, id) = after.map_or((i64::MAX, i64::MAX), |key| (key.last_at.0, key.id.0));
    let mut conditions = vec!["(last_order, id) < (?1, ?2)".to_owned()];
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(at), Box::new(id)];
    if let Some(account) = &filter.account {
        values.push(Box::new(account.as_str().to_owned()));
        conditions.push(format!("account = ?{}", values.len()));
    }
    if let Some(state) = filter.state {
        values.push(Box::new(state.as_str()));
        conditions.push(format!("state = ?{}", values.len()));
    }
    if filter.unread {
        conditions.push("unread > 0".to_owned());
    }
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT {CONVERSATION} FROM conversations WHERE {conditions} ORDER BY last_order DESC, id DESC");
    (sql, values)
}

/// Whether a text contains `needle` (lower case), whatever the case.
fn holds(value: rusqlite::types::ValueRef<'_>, needle: &str) -> bool {
    value.as_str().is_ok_and(|text| text.to_lowercase().contains(needle))
}

/// A conversation by its id.
pub(super) fn find(conn: &Connection, id: ConversationId) -> Work<Option<Conversation>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {CONVERSATION} FROM conversations WHERE id = ?1"))?;
    Ok(statement.query_row([id.0], row::conversation).optional()?)
}

/// The conversation of that id, or the one into which it was merged.
pub(super) fn resolve(conn: &Connection, id: ConversationId) -> Work<ConversationId> {
    let sql = "SELECT 1 FROM conversations WHERE id = ?1";
    if conn.prepare_cached(sql)?.exists([id.0])? {
        return Ok(id);
    }
    merged_into(conn, id)?.ok_or(Fault::NotFound)
}

fn merged_into(conn: &Connection, id: ConversationId) -> Work<Option<ConversationId>> {
    let sql = "SELECT older FROM merged WHERE younger = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id.0], |row| row.get(0).map(ConversationId)).optional()?)
}

/// Notes that a conversation's own facts changed.
pub(super) fn touch(tx: &Tx<'_>, id: ConversationId) -> Work<()> {
    let sql = "UPDATE conversations SET revision = revision + 1 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute([id.0])?;
    tx.changed(ChangeKind::ConversationChanged { conversation: id });
    Ok(())
}

/// Runs an update whose `?1` is the conversation, and notes the change when it changed something.
fn change(tx: &Tx<'_>, id: ConversationId, sql: &str, values: &[&dyn ToSql]) -> Work<()> {
    let id = resolve(tx.conn, id)?;
    let mut all: Vec<&dyn ToSql> = vec![&id.0];
    all.extend_from_slice(values);
    if tx.conn.prepare_cached(sql)?.execute(all.as_slice())? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Counts a conversation's unread messages anew.
pub(super) fn count_unread(tx: &Tx<'_>, id: ConversationId) -> Work<()> {
    let unread: i64 = tx.conn.prepare_cached(COUNT_UNREAD)?.query_row([id.0], |row| row.get(0))?;
    let sql = "UPDATE conversations SET unread = ?2 WHERE id = ?1 AND unread <> ?2";
    if tx.conn.prepare_cached(sql)?.execute([id.0, unread])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

fn mark_unread(tx: &Tx<'_>, id: ConversationId) -> Work<()> {
    let id = resolve(tx.conn, id)?;
    let sql = "UPDATE messages SET unread = 1 WHERE id = (SELECT id FROM messages WHERE conversation = ?1 \
               AND direction = 'in' AND author = 'contact' AND kind NOT IN ('reaction', 'system') \
               ORDER BY order_ms DESC, id DESC LIMIT 1) \
               AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation = ?1 AND unread = 1)";
    tx.conn.prepare_cached(sql)?.execute([id.0])?;
    count_unread(tx, id)?;
    // A conversation without any customer message has none that could carry the mark.
    let sql = "UPDATE conversations SET unread = 1 WHERE id = ?1 AND unread = 0";
    if tx.conn.prepare_cached(sql)?.execute(params![id.0])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}
