//! When somebody last spoke: for rules that answer a customer only so often.

use rusqlite::{OptionalExtension, params};

use super::db::Store;
use super::error::StoreError;
use crate::domain::{Author, ConversationId, Timestamp};

impl Store {
    /// When an author's newest message in a conversation was made; `None` when there is none.
    pub fn last_by(&self, conversation: ConversationId, author: &Author) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT at FROM messages WHERE conversation = ?1 AND author = ?2 AND author_name = ?3 \
                       ORDER BY order_ms DESC, id DESC LIMIT 1";
            let mut statement = conn.prepare_cached(sql)?;
            let found =
                statement.query_row(params![conversation.0, author.kind.as_str(), author.name], |row| row.get(0));
            Ok(found.optional()?.map(Timestamp))
        })
    }
}
