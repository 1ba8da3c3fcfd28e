//! Reading messages, a page at a time.
//!
//! Invariant: every page is found by its key; nothing is counted or skipped.

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::db::Store;
use super::error::{StoreError, Work};
use super::row::{self, MESSAGE};
use crate::domain::message::{MessageKey, Window};
use crate::domain::{AccountName, ConversationId, Message, MessageId};

const FROM: &str = "FROM messages m JOIN conversations c ON c.id = m.conversation";

impl Store {
    /// Messages of a conversation, oldest first, at most `limit`.
    pub fn messages(
        &self,
        conversation: ConversationId,
        window: Window,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let (at, id) = match window {
            Window::Newest => (i64::MAX, i64::MAX),
            Window::Before(key) | Window::After(key) => (key.at.0, key.id.0),
        };
        let forward = matches!(window, Window::After(_));
        self.read(|conn| {
            let values = params![conversation.0, at, id, row::limit(limit)];
            let mut found = list(conn, &page_sql("conversation", forward), values)?;
            if !forward {
                found.reverse();
            }
            Ok(found)
        })
    }

    /// A message by its id.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.read(|conn| find(conn, id))
    }

    /// Messages of all conversations of an account directly before a place, oldest first, at most `limit`.
    pub fn account_messages(
        &self,
        account: &AccountName,
        before: Option<MessageKey>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let (at, id) = before.map_or((i64::MAX, i64::MAX), |key| (key.at.0, key.id.0));
        self.read(|conn| {
            let mut found =
                list(conn, &page_sql("account", false), params![account.as_str(), at, id, row::limit(limit)])?;
            found.reverse();
            Ok(found)
        })
    }

    /// Messages of all accounts in the order of their ids, after one of them (for `export`).
    pub fn all_messages(&self, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>, StoreError> {
        let sql = format!("SELECT {MESSAGE} {FROM} WHERE m.id > ?1 ORDER BY m.id LIMIT ?2");
        self.read(|conn| list(conn, &sql, params![after.map_or(0, |id| id.0), row::limit(limit)]))
    }
}

/// A page of the messages whose `column` is `?1`, from the place `(?2, ?3)` on, at most `?4`.
pub(super) fn page_sql(column: &str, forward: bool) -> String {
    let (sign, order) = if forward { (">", "ASC") } else { ("<", "DESC") };
    format!(
        "SELECT {MESSAGE} {FROM} WHERE m.{column} = ?1 AND (m.order_ms, m.id) {sign} (?2, ?3) \
         ORDER BY m.order_ms {order}, m.id {order} LIMIT ?4"
    )
}

/// The messages that a query finds.
pub(super) fn list(conn: &Connection, sql: &str, params: impl Params) -> Work<Vec<Message>> {
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map(params, row::message)?.collect::<Result<_, _>>()?)
}

/// A message by its id.
pub(super) fn find(conn: &Connection, id: MessageId) -> Work<Option<Message>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {MESSAGE} {FROM} WHERE m.id = ?1"))?;
    Ok(statement.query_row([id.0], row::message).optional()?)
}
