//! The sequence of committed changes, which readers follow with a cursor.
//!
//! Invariant: a sequence number is never used twice, not even after old changes were deleted.
use super::database::{DbResult, Pending, RunSql, Store, StoreError};
use super::row;
use crate::domain::{AccountName, Change, ChangeKind, ConversationId, MessageId, Seq};
use rusqlite::{Connection, Row, params};

// Values of `changes.kind`.
const MESSAGE_ADDED: i64 = 1;
const MESSAGE_CHANGED: i64 = 2;
const CONVERSATION_CHANGED: i64 = 3;
const ACCOUNT_CHANGED: i64 = 4;

/// All but the newest `?1` changes, at most `?2` of them, oldest first.
pub(super) const PRUNE: &str = "DELETE FROM changes WHERE seq IN (SELECT seq FROM changes \
    WHERE seq <= (SELECT coalesce(max(seq), 0) FROM changes) - ?1 ORDER BY seq LIMIT ?2)";

impl Store {
    /// The sequence number of the newest change; 0 before the first.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        self.read(|conn| {
            let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes'";
            Ok(Seq(conn.one(sql, [], |row| row.get(0))?))
        })
    }

    /// Changes after a cursor, oldest first, at most `limit`.
    pub fn changes_since(&self, after: Seq, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT seq, kind, conversation, message, account FROM changes \
                       WHERE seq > ?1 ORDER BY seq LIMIT ?2";
            let changes = conn.all(sql, params![after.0, row::sql_limit(limit)], change)?;
            // A kind that a later version wrote is skipped: this one could not act on it.
            Ok(changes.into_iter().flatten().collect())
        })
    }

    /// Deletes at most `limit` of all but the newest `keep` changes, oldest first; returns how many.
    pub fn prune_changes(&self, keep: usize, limit: usize) -> Pending<usize> {
        self.write(move |tx| tx.run(PRUNE, [row::sql_limit(keep), row::sql_limit(limit)]))
    }
}

fn change(row: &Row<'_>) -> rusqlite::Result<Option<Change>> {
    let conversation = || row.get(2).map(ConversationId);
    let message = || row.get(3).map(MessageId);
    let kind = match row.get(1)? {
        MESSAGE_ADDED => Some(ChangeKind::MessageAdded { conversation: conversation()?, message: message()? }),
        MESSAGE_CHANGED => Some(ChangeKind::MessageChanged { conversation: conversation()?, message: message()? }),
        CONVERSATION_CHANGED => Some(ChangeKind::ConversationChanged { conversation: conversation()? }),
        ACCOUNT_CHANGED => {
            let name: String = row.get(4)?;
            AccountName::new(&name).map(|account| ChangeKind::AccountChanged { account })
        }
        _ => None,
    };
    let seq = Seq(row.get(0)?);
    Ok(kind.map(|kind| Change { seq, kind }))
}

pub(super) fn append(conn: &Connection, changes: &[ChangeKind]) -> DbResult<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO changes (kind, conversation, message, account) VALUES (?1, ?2, ?3, ?4)";
    for change in changes {
        let (kind, conversation, message, account) = match change {
            ChangeKind::MessageAdded { conversation, message } => {
                (MESSAGE_ADDED, Some(conversation.0), Some(message.0), None)
            }
            ChangeKind::MessageChanged { conversation, message } => {
                (MESSAGE_CHANGED, Some(conversation.0), Some(message.0), None)
            }
            ChangeKind::ConversationChanged { conversation } => {
                (CONVERSATION_CHANGED, Some(conversation.0), None, None)
            }
            ChangeKind::AccountChanged { account } => (ACCOUNT_CHANGED, None, None, Some(account.as_str())),
        };
        conn.run(sql, params![kind, conversation, message, account])?;
    }
    Ok(())
}
