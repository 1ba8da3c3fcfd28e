//! Reading messages, a page at a time.
//!
//! Invariant: every page is found by its key; nothing is counted or skipped.
use crate::domain::message::{MessageKey, MessageRange};
use crate::domain::{AccountName, ConversationId, Message, MessageId, Quote};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::media;
use crate::store::row::{self, select_messages, sql_limit};
use rusqlite::{Connection, Params, params};

/// At most `?4` messages of the conversation `?1` before the key `(?2, ?3)`, newest first.
pub(crate) const CONVERSATION_BEFORE: &str = select_messages!(
    "WHERE m.conversation = ?1 AND (m.order_ms, m.id) < (?2, ?3) ORDER BY m.order_ms DESC, m.id DESC LIMIT ?4"
);
/// At most `?4` messages of the conversation `?1` after the key `(?2, ?3)`, oldest first.
pub(crate) const CONVERSATION_AFTER: &str = select_messages!(
    "WHERE m.conversation = ?1 AND (m.order_ms, m.id) > (?2, ?3) ORDER BY m.order_ms ASC, m.id ASC LIMIT ?4"
);
/// At most `?4` messages of the account `?1` before the key `(?2, ?3)`, newest first.
pub(crate) const ACCOUNT_BEFORE: &str = select_messages!(
    "WHERE m.account = ?1 AND (m.order_ms, m.id) < (?2, ?3) ORDER BY m.order_ms DESC, m.id DESC LIMIT ?4"
);

/// What an answer or a reaction says of the message `?1`.
pub(crate) const QUOTE: &str =
    "SELECT remote_id, direction, member, text FROM messages WHERE id = ?1 AND remote_id IS NOT NULL";

impl Store {
    /// A message as an answer or a reaction names it; `None` if its gateway has given it no id.
    pub(crate) fn quote(&self, id: MessageId) -> Result<Option<Quote>, StoreError> {
        self.read(|conn| {
            conn.first(QUOTE, [id.0], |row| {
                let own: String = row.get(1)?;
                Ok(Quote { remote_id: row.get(0)?, own: own == "out", member: row.get(2)?, text: row.get(3)? })
            })
        })
    }

    /// Messages of a conversation, oldest first, at most `limit`.
    pub fn messages(
        &self,
        conversation: ConversationId,
        range: MessageRange,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let (sql, at, id) = match range {
            MessageRange::Newest => (CONVERSATION_BEFORE, i64::MAX, i64::MAX),
            MessageRange::Before(key) => (CONVERSATION_BEFORE, key.at.0, key.id.0),
            MessageRange::After(key) => (CONVERSATION_AFTER, key.at.0, key.id.0),
        };
        self.read(|conn| {
            let mut messages = query(conn, sql, params![conversation.0, at, id, sql_limit(limit)])?;
            if sql == CONVERSATION_BEFORE {
                messages.reverse();
            }
            Ok(messages)
        })
    }

    /// A message by its id.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.read(|conn| find(conn, id))
    }

    /// Messages of all conversations of an account, directly before a message or the newest ones; oldest first, at
    /// most `limit`.
    pub fn account_messages(
        &self,
        account: &AccountName,
        before: Option<MessageKey>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let (at, id) = before.map_or((i64::MAX, i64::MAX), |key| (key.at.0, key.id.0));
        self.read(|conn| {
            let mut messages = query(conn, ACCOUNT_BEFORE, params![account.as_str(), at, id, sql_limit(limit)])?;
            messages.reverse();
            Ok(messages)
        })
    }
}

/// The messages that a query of `message_columns!` finds.
pub(crate) fn query(conn: &Connection, sql: &str, params: impl Params) -> DbResult<Vec<Message>> {
    let mut messages = conn.all(sql, params, row::message)?;
    media::add_paths(conn, &mut messages);
    Ok(messages)
}

/// A message by its id, or `None`.
pub(crate) fn find(conn: &Connection, id: MessageId) -> DbResult<Option<Message>> {
    let mut found = conn.first(select_messages!("WHERE m.id = ?1"), [id.0], row::message)?;
    media::add_paths(conn, &mut found);
    Ok(found)
}
