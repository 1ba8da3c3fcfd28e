//! The audit trail: what agents did to conversations.
//!
//! Invariant: an act and its entry are one transaction; what changed nothing has no entry.

use rusqlite::{Connection, Row, params};

use super::conversations::find::resolve;
use super::database::{DbResult, RunSql, Store, StoreError, Tx};
use super::row::sql_limit;
use crate::domain::{Action, Actor, AuditEntry, ConversationId, Origin, Timestamp};

/// The newest `?2` acts on the conversation `?1`, the newest first.
pub(super) const NEWEST: &str = "SELECT at, agent, action, value, origin, address FROM audit WHERE conversation = ?1 \
    ORDER BY id DESC LIMIT ?2";

impl Store {
    /// The newest acts on a conversation, the newest first.
    pub fn audit(&self, id: ConversationId, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(|conn| newest(conn, resolve(conn, id)?, limit))
    }
}

/// The newest acts on a conversation, the newest first.
pub(super) fn newest(conn: &Connection, id: ConversationId, limit: usize) -> DbResult<Vec<AuditEntry>> {
    let entries = conn.all(NEWEST, params![id.0, sql_limit(limit)], entry)?;
    Ok(entries.into_iter().flatten().collect())
}

/// Adds an act to a conversation's trail.
pub(super) fn record(
    tx: &Tx<'_>,
    id: ConversationId,
    action: Action,
    value: Option<&str>,
    (actor, now): (&Actor, Timestamp),
) -> DbResult<()> {
    let Actor { agent, origin, address } = actor.clone();
    add(tx, id, &AuditEntry { at: now, agent, action, value: value.map(str::to_owned), origin: Some(origin), address })
}

/// Adds an entry as it is, from this store or another.
pub(super) fn add(tx: &Tx<'_>, id: ConversationId, entry: &AuditEntry) -> DbResult<()> {
    let sql = "INSERT INTO audit (conversation, at, agent, action, value, origin, address) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let AuditEntry { at, agent, action, value, origin, address } = entry;
    let origin = origin.map(Origin::as_str);
    tx.run(sql, params![id.0, at.0, agent, action.as_str(), value, origin, address]).map(drop)
}

/// An entry; `None` for an action that this version does not know.
fn entry(row: &Row<'_>) -> rusqlite::Result<Option<AuditEntry>> {
    let Some(action) = Action::parse(row.get_ref(2)?.as_str()?) else { return Ok(None) };
    let origin = row.get_ref(4)?.as_str_or_null()?.and_then(Origin::parse);
    Ok(Some(AuditEntry {
        at: Timestamp(row.get(0)?),
        agent: row.get(1)?,
        action,
        value: row.get(3)?,
        origin,
        address: row.get(5)?,
    }))
}
