//! What people do with a conversation as a whole: mark it seen or unread, resolve, snooze or label it.

use rusqlite::{ToSql, params};

use super::find::resolve;
use super::summary::{refresh_unread, touch};
use crate::domain::message::MessageKey;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Action, Actor, ConversationId, ConversationState, MessageId, Timestamp};
use crate::store::audit;
use crate::store::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::store::row;

pub(crate) const FIRST_UNREAD: &str =
    "SELECT order_ms, id FROM messages WHERE conversation = ?1 AND unread = 1 ORDER BY id LIMIT 1";
/// Marks the messages of the conversation `?1` seen up to the message `?2`.
pub(crate) const MARK_SEEN: &str = "UPDATE messages SET unread = 0 WHERE conversation = ?1 AND unread = 1 AND id <= ?2";

/// Stores the window rule `?2` in the conversations of the account `?1` that have another.
const SET_WINDOW: &str = "UPDATE conversations SET window = ?2 WHERE account = ?1 AND window <> ?2 RETURNING id";

impl Store {
    /// The key of the unread message that arrived first, if any.
    pub fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, StoreError> {
        self.read(|conn| {
            let key =
                |row: &rusqlite::Row<'_>| Ok(MessageKey { at: Timestamp(row.get(0)?), id: MessageId(row.get(1)?) });
            conn.first(FIRST_UNREAD, [id.0], key)
        })
    }

    /// Marks a conversation seen up to and including `upto`, the greatest id that was on the screen: ids follow the
    /// order of arrival, so what arrived later stays unread.
    pub fn mark_seen(&self, id: ConversationId, upto: MessageId) -> Pending<()> {
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            tx.run(MARK_SEEN, [id.0, upto.0])?;
            refresh_unread(tx, id)
        })
    }

    /// Makes a conversation unread. When no message of it is, the customer's newest one becomes unread.
    pub fn mark_unread(&self, id: ConversationId, by: impl Into<Actor>, now: Timestamp) -> Pending<()> {
        let by = by.into();
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            if mark_unread(tx, id)? { audit::record(tx, id, Action::Unread, None, (&by, now)) } else { Ok(()) }
        })
    }

    /// Sets a conversation's state. `until` is when a snoozed one opens by itself. Who resolved it last, and when, is
    /// kept beside it. One that is in that state already stays as it is.
    pub fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        until: Option<Timestamp>,
        by: impl Into<Actor>,
        now: Timestamp,
    ) -> Pending<()> {
        let (by, until) = (by.into(), until.filter(|_| state == ConversationState::Snoozed));
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let action = match state {
                ConversationState::Open => Action::Reopened,
                ConversationState::Snoozed => Action::Snoozed,
                ConversationState::Resolved => Action::Resolved,
            };
            let resolved = (action == Action::Resolved).then_some((&by.agent, now.0)).unzip();
            let sql = "UPDATE conversations SET state = ?2, until = ?3, resolved_by = coalesce(?4, resolved_by), \
                       resolved_at = coalesce(?5, resolved_at) WHERE id = ?1 AND (state <> ?2 OR until IS NOT ?3)";
            let until_ms = until.map(|until| until.0);
            if tx.run(sql, params![id.0, state.as_str(), until_ms, resolved.0, resolved.1])? == 0 {
                return Ok(());
            }
            let until = until.map(|until| until.to_string());
            audit::record(tx, id, action, until.as_deref(), (&by, now))?;
            touch(tx, id)
        })
    }

    /// Stores an account's window rule in its conversations: those of a file that was imported may lack it, and the
    /// configuration may have changed.
    pub fn set_window_rule(&self, account: &AccountName, rule: WindowRule) -> Pending<()> {
        let account = account.clone();
        self.write(move |tx| {
            let values = [account.as_str(), row::window_rule_name(rule)];
            for id in tx.all(SET_WINDOW, values, |row| row.get(0).map(ConversationId))? {
                touch(tx, id)?;
            }
            Ok(())
        })
    }

    /// Opens the snoozed conversations that are due at `now`, and returns them.
    pub fn wake_snoozed(&self, now: Timestamp) -> Pending<Vec<ConversationId>> {
        self.write(move |tx| {
            let sql = "UPDATE conversations SET state = 'open', until = NULL \
                       WHERE state = 'snoozed' AND until IS NOT NULL AND until <= ?1 RETURNING id";
            let ids = tx.all(sql, [now.0], |row| row.get(0).map(ConversationId))?;
            for id in &ids {
                touch(tx, *id)?;
            }
            Ok(ids)
        })
    }

    /// When the next snoozed conversation opens by itself.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT min(until) FROM conversations WHERE state = 'snoozed' AND until IS NOT NULL";
            Ok(conn.one(sql, [], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
        })
    }

    /// Replaces the labels. They are stored sorted and without duplicates.
    pub fn set_labels(&self, id: ConversationId, mut labels: Vec<String>) -> Pending<()> {
        labels.sort();
        labels.dedup();
        self.write(move |tx| {
            let labels = serde_json::to_string(&labels)?;
            let sql = "UPDATE conversations SET labels = ?2 WHERE id = ?1 AND labels <> ?2";
            update(tx, id, sql, &[&labels])
        })
    }
}

/// Runs an update of the conversation `?1`, and records a change when it changed something.
fn update(tx: &Tx<'_>, id: ConversationId, sql: &str, values: &[&dyn ToSql]) -> DbResult<()> {
    let id = resolve(tx.conn, id)?;
    let mut all: Vec<&dyn ToSql> = vec![&id.0];
    all.extend_from_slice(values);
    if tx.run(sql, all.as_slice())? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Whether it was read until now.
fn mark_unread(tx: &Tx<'_>, id: ConversationId) -> DbResult<bool> {
    if tx.any("SELECT 1 FROM conversations WHERE id = ?1 AND unread > 0", [id.0])? {
        return Ok(false);
    }
    let sql = "UPDATE messages SET unread = 1 WHERE id = (SELECT id FROM messages WHERE conversation = ?1 \
               AND direction = 'in' AND author = 'contact' AND kind NOT IN ('reaction', 'system') \
               ORDER BY order_ms DESC, id DESC LIMIT 1) \
               AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation = ?1 AND unread = 1)";
    tx.run(sql, [id.0])?;
    refresh_unread(tx, id)?;
    // Without any message of the customer there is none to mark, only the conversation itself.
    update(tx, id, "UPDATE conversations SET unread = 1 WHERE id = ?1 AND unread = 0", &[])?;
    Ok(true)
}
