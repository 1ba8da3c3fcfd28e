//! The sequence of what was committed.
//!
//! Invariant: a number is never given twice, also not after old changes were forgotten.

use rusqlite::{Connection, Row, params};

use super::db::Store;
use super::error::{StoreError, Work};
use super::writer::Pending;
use crate::domain::{AccountName, Change, ChangeKind, ConversationId, MessageId, Seq};

const ADDED: i64 = 1;
const CHANGED: i64 = 2;
const CONVERSATION: i64 = 3;
const ACCOUNT: i64 = 4;

impl Store {
    /// The number of the newest change; 0 before the first.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        self.read(|conn| {
            let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes'";
            Ok(Seq(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
        })
    }

    /// The number of the oldest change that is still kept, if any. A cursor before it has missed something:
    /// read everything anew.
    pub fn oldest_seq(&self) -> Result<Option<Seq>, StoreError> {
        self.read(|conn| {
            let oldest: Option<i64> =
                conn.prepare_cached("SELECT min(seq) FROM changes")?.query_row([], |row| row.get(0))?;
            Ok(oldest.map(Seq))
        })
    }

    /// Changes after a cursor, oldest first, at most `limit`.
    pub fn changes_since(&self, after: Seq, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT seq, kind, conversation, message, account FROM changes \
                       WHERE seq > ?1 ORDER BY seq LIMIT ?2";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map(params![after.0, super::row::limit(limit)], of_row)?;
            // A kind of a later version is nothing that this one could act on.
            Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    /// Forgets all but the newest `keep` changes.
    pub fn prune_changes(&self, keep: usize) -> Pending<()> {
        self.write(move |tx| {
            let sql = "DELETE FROM changes WHERE seq <= (SELECT coalesce(max(seq), 0) FROM changes) - ?1";
            tx.conn.prepare_cached(sql)?.execute([super::row::limit(keep)])?;
            Ok(())
        })
    }
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<Option<Change>> {
    let conversation = || row.get(2).map(ConversationId);
    let message = || row.get(3).map(MessageId);
    let kind = match row.get(1)? {
        ADDED => Some(ChangeKind::MessageAdded { conversation: conversation()?, message: message()? }),
        CHANGED => Some(ChangeKind::MessageChanged { conversation: conversation()?, message: message()? }),
        CONVERSATION => Some(ChangeKind::ConversationChanged { conversation: conversation()? }),
        ACCOUNT => {
            let name: String = row.get(4)?;
            AccountName::new(&name).map(|account| ChangeKind::AccountChanged { account })
        }
        _ => None,
    };
    let seq = Seq(row.get(0)?);
    Ok(kind.map(|kind| Change { seq, kind }))
}

/// Appends changes to the sequence.
pub(super) fn append(conn: &Connection, changes: &[ChangeKind]) -> Work<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO changes (kind, conversation, message, account) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = conn.prepare_cached(sql)?;
    for change in changes {
        match change {
            ChangeKind::MessageAdded { conversation, message } => {
                insert.execute(params![ADDED, conversation.0, message.0, None::<&str>])?
            }
            ChangeKind::MessageChanged { conversation, message } => {
                insert.execute(params![CHANGED, conversation.0, message.0, None::<&str>])?
            }
            ChangeKind::ConversationChanged { conversation } => {
                insert.execute(params![CONVERSATION, conversation.0, None::<i64>, None::<&str>])?
            }
            ChangeKind::AccountChanged { account } => {
                insert.execute(params![ACCOUNT, None::<i64>, None::<i64>, account.as_str()])?
            }
        };
    }
    Ok(())
}
