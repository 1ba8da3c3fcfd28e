//! Finding a conversation by its id or by an id of its other side.

use rusqlite::{Connection, params};

use crate::domain::phone::NumberPattern;
use crate::domain::{AccountName, Channel, Conversation, ConversationId, Timestamp};
use crate::store::database::{DbError, DbResult, RunSql, Store, StoreError};
use crate::store::row::{self, conversation_columns};

const BY_ID: &str = concat!("SELECT ", conversation_columns!(), " FROM conversations WHERE id = ?1");

/// The most recent conversations with a number that fits one of the patterns `?1` and `?2`, of the account `?3` unless
/// it is null. Reads every id of every person, but not their conversations.
const OF_NUMBER: &str = "SELECT id FROM conversations WHERE id IN (SELECT conversation FROM peers \
    WHERE (alias GLOB ?1 OR alias GLOB ?2) AND alias NOT GLOB '*[^0-9]*' AND (?3 IS NULL OR account = ?3)) \
    AND is_group = 0 ORDER BY last_order DESC, id DESC LIMIT ?4";

/// The newest answer of a person on our side in the conversation `?1`: by whom, and when it was written or came here.
pub(crate) const LAST_ANSWER_BY: &str = "SELECT author_name, coalesce(arrived, at) FROM messages \
    WHERE conversation = ?1 AND author = 'agent' AND direction = 'out' AND scheduled_at IS NULL \
    AND status <> 'failed' AND kind <> 'reaction' ORDER BY order_ms DESC, id DESC LIMIT 1";

impl Store {
    /// Who answered last in a conversation, and when. The name is empty where it was not done here. An answer that
    /// may be an echo of one that is being sent is none.
    pub fn last_answer(&self, id: ConversationId) -> Result<Option<(String, Timestamp)>, StoreError> {
        self.read(|conn| {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, Timestamp(row.get(1)?)));
            let answer = conn.first(LAST_ANSWER_BY, [id.0], read)?;
            let sending = conn.any("SELECT 1 FROM outbox WHERE conversation = ?1", [id.0])?;
            Ok(answer.filter(|(by, _)| !by.is_empty() || !sending))
        })
    }

    /// The id of a conversation, or of the one that it was merged into; `NotFound` when there is neither.
    pub(crate) fn current_conversation(&self, id: ConversationId) -> Result<ConversationId, StoreError> {
        self.read(|conn| resolve(conn, id))
    }

    /// A conversation by its id.
    pub fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.read(|conn| find(conn, id))
    }

    /// A conversation by any id of its other side. Without a channel, the oldest one on any channel of the account.
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
                let id: Option<i64> = conn.first(sql, [account.as_str(), channel.as_str(), peer], |row| row.get(0))?;
                ids.extend(id);
            }
            ids.into_iter().min().map_or(Ok(None), |id| find(conn, ConversationId(id)))
        })
    }

    /// The most recent conversations of an account with a person whose phone number fits.
    pub(crate) fn conversations_of_number(
        &self,
        account: &AccountName,
        number: &NumberPattern,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        self.read(|conn| {
            let ids = of_number(conn, number, Some(account), limit)?;
            Ok(ids.into_iter().map(|id| find(conn, id)).collect::<DbResult<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// When the customer last wrote. The 24-hour window counts from then.
    pub fn last_customer_message(&self, id: ConversationId) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT customer_at FROM conversations WHERE id = ?1";
            let at: Option<Option<i64>> = conn.first(sql, [id.0], |row| row.get(0))?;
            Ok(at.flatten().map(Timestamp))
        })
    }
}

/// The most recent conversations with a person whose phone number fits, of one account or all.
pub(crate) fn of_number(
    conn: &Connection,
    number: &NumberPattern,
    account: Option<&AccountName>,
    limit: usize,
) -> DbResult<Vec<ConversationId>> {
    let (beginning, inside) = number.parts();
    let (beginning, inside) =
        (beginning.map(|digits| format!("{digits}*")), inside.map(|digits| format!("*{digits}*")));
    let values = params![beginning, inside, account.map(AccountName::as_str), row::sql_limit(limit)];
    conn.all(OF_NUMBER, values, |row| row.get(0).map(ConversationId))
}

/// A conversation by its id; `None` if there is none, also when it was merged into another.
pub(crate) fn find(conn: &Connection, id: ConversationId) -> DbResult<Option<Conversation>> {
    conn.first(BY_ID, [id.0], row::conversation)
}

/// The conversation with this id, or the one that it was merged into.
pub(crate) fn resolve(conn: &Connection, id: ConversationId) -> DbResult<ConversationId> {
    let sql = "SELECT 1 FROM conversations WHERE id = ?1";
    if conn.any(sql, [id.0])? {
        return Ok(id);
    }
    let sql = "SELECT older FROM merged WHERE younger = ?1";
    let older = conn.first(sql, [id.0], |row| row.get(0).map(ConversationId))?;
    older.ok_or(DbError::NotFound)
}
