//! Reading messages for an export.

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::domain::{Message, MessageId};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::media;
use crate::store::row::{self, message_columns, sql_limit};

/// A message with what is stored of it beside.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedMessage {
    pub message: Message,
    /// No agent has seen it.
    pub unread: bool,
    /// What to send again, of an own message that is not plain text.
    pub content: Option<Value>,
}

/// At most `?2` messages after the id `?1`, with what [`ExportedMessage`] has more.
const PAGE: &str = concat!(
    "SELECT ",
    message_columns!(),
    ", m.unread AS is_unread, m.content AS sent_content FROM messages m JOIN conversations c ON c.id = m.conversation \
     WHERE m.id > ?1 ORDER BY m.id LIMIT ?2"
);

impl Store {
    /// Messages of all accounts in the order of their ids, after one of them, at most `limit`.
    pub fn export_messages(&self, after: Option<MessageId>, limit: usize) -> Result<Vec<ExportedMessage>, StoreError> {
        self.read(|conn| page(conn, after, limit))
    }
}

fn page(conn: &Connection, after: Option<MessageId>, limit: usize) -> DbResult<Vec<ExportedMessage>> {
    let mut page = conn.all(PAGE, params![after.map_or(0, |id| id.0), sql_limit(limit)], |row| {
        let content: Option<String> = row.get("sent_content")?;
        Ok(ExportedMessage {
            message: row::message(row)?,
            unread: row.get("is_unread")?,
            content: content.and_then(|content| serde_json::from_str(&content).ok()),
        })
    })?;
    media::add_paths(conn, page.iter_mut().map(|exported| &mut exported.message));
    Ok(page)
}
