//! Who deals with a conversation, and its labels, when several agents share the store.
//!
//! Invariant: a conversation that somebody has is taken by nobody else, in whatever process they are, and every change of
//! hands stays in the thread with the agent who made it.

use rusqlite::params;
use serde_json::{Value, json};

use super::find::resolve;
use super::summary::touch;
use crate::domain::{
    AccountName, Action, Actor, Author, AuthorKind, ConversationId, Direction, Kind, Message, MessageId, Note, Status,
    TakeResult, Timestamp,
};
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::messages::insert::{NewRow, insert};
use crate::store::messages::{order, page};
use crate::store::row;
use crate::store::{audit, begun};

impl Store {
    /// Assigns a conversation to `agent` if nobody has it. Of several who try at once, one succeeds.
    pub fn take(&self, id: ConversationId, agent: &str, by: impl Into<Actor>, now: Timestamp) -> Pending<TakeResult> {
        let (agent, by) = (agent.to_owned(), by.into());
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let sql = "UPDATE conversations SET assignee = ?2 WHERE id = ?1 AND assignee IS NULL";
            if tx.run(sql, params![id.0, agent])? == 0 {
                let sql = "SELECT assignee FROM conversations WHERE id = ?1";
                return Ok(TakeResult::HeldBy(tx.one(sql, [id.0], |row| row.get(0))?));
            }
            record_assignment(tx, id, Some(&agent), &by, now)?;
            Ok(TakeResult::Taken)
        })
    }

    /// Assigns a conversation to an agent, or to nobody, whoever has it. `by` is the agent who does so.
    pub fn assign(&self, id: ConversationId, to: Option<&str>, by: impl Into<Actor>, now: Timestamp) -> Pending<()> {
        let (to, by) = (to.map(str::to_owned), by.into());
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let sql = "UPDATE conversations SET assignee = ?2 WHERE id = ?1 AND assignee IS NOT ?2";
            if tx.run(sql, params![id.0, to])? > 0 {
                record_assignment(tx, id, to.as_deref(), &by, now)?;
            }
            Ok(())
        })
    }

    /// Adds and removes labels; what others have changed meanwhile stays. A label in both lists is added.
    pub fn edit_labels(
        &self,
        id: ConversationId,
        add: Vec<String>,
        remove: Vec<String>,
        by: impl Into<Actor>,
        now: Timestamp,
    ) -> Pending<()> {
        let by = by.into();
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let sql = "SELECT labels FROM conversations WHERE id = ?1";
            let before: Vec<String> = tx.one(sql, [id.0], |row| row::json(row, 0))?.unwrap_or_default();
            let mut labels = before.clone();
            labels.retain(|label| !remove.contains(label));
            labels.extend(add);
            labels.sort();
            labels.dedup();
            if labels != before {
                let sql = "UPDATE conversations SET labels = ?2 WHERE id = ?1";
                tx.run(sql, params![id.0, serde_json::to_string(&labels)?])?;
                for (action, of, without) in
                    [(Action::Unlabelled, &before, &labels), (Action::Labelled, &labels, &before)]
                {
                    for label in of.iter().filter(|label| !without.contains(label)) {
                        audit::record(tx, id, action, Some(label), (&by, now))?;
                    }
                }
                touch(tx, id)?;
            }
            Ok(())
        })
    }

    /// Adds a private note of `agent` to the thread. Nothing else changes: the customer waits as before, and the list
    /// shows the customer's words still.
    pub fn add_note(&self, id: ConversationId, note: Note, agent: &str, now: Timestamp) -> Pending<Message> {
        let author = Author { kind: AuthorKind::Agent, name: agent.to_owned() };
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let message = insert_internal(tx, id, &author, Kind::Note, (note.as_str(), None), now)?;
            begun::clear_note(tx, id, &author.name)?;
            page::find(tx.conn, message)?.ok_or(DbError::NotFound)
        })
    }
}

/// Records in the thread and in the audit trail who has given a conversation to whom.
fn record_assignment(tx: &Tx<'_>, id: ConversationId, to: Option<&str>, by: &Actor, now: Timestamp) -> DbResult<()> {
    let author = Author { kind: AuthorKind::Agent, name: by.agent.clone() };
    let action = if to.is_some() { Action::Assigned } else { Action::Unassigned };
    audit::record(tx, id, action, to, (by, now))?;
    let payload = match to {
        Some(to) => json!({"event": "assigned", "to": to}),
        None => json!({"event": "unassigned"}),
    };
    insert_internal(tx, id, &author, Kind::System, ("", Some(&payload)), now).map(drop)
}

/// Inserts a message that stays on our side.
fn insert_internal(
    tx: &Tx<'_>,
    conversation: ConversationId,
    author: &Author,
    kind: Kind,
    (text, payload): (&str, Option<&Value>),
    now: Timestamp,
) -> DbResult<MessageId> {
    let sql = "SELECT account FROM conversations WHERE id = ?1";
    let account: AccountName = tx.one(sql, [conversation.0], |row| row::account(row, 0))?;
    let row = NewRow {
        id: None,
        conversation,
        account: &account,
        order: order::of_own(tx, conversation, now)?,
        at: now,
        direction: Direction::Internal,
        author,
        kind,
        text,
        media: None,
        payload,
        remote_id: None,
        attempt: 0,
        status: Status::Received,
        error: None,
        inferred: false,
        started_at: None,
        content: None,
        arrived: Some(now),
    };
    insert(tx, &row)
}
