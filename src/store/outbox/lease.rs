//! Leases: taking the next message to send out of the queue.

use crate::domain::{AccountName, ConversationId, Delivery, Failure, MessageId, Outgoing, Status, Timestamp};
use crate::store::conversations::find::resolve;
use crate::store::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::store::delivery::{DeliveryUpdate, advance};
use crate::store::row;
use rusqlite::params;

/// A message that its holder must send now.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    pub message: MessageId,
    pub conversation: ConversationId,
    pub account: AccountName,
    /// Which attempt to send it this is, from 1.
    pub attempt: u32,
    pub outgoing: Outgoing,
}

/// A query of the rows `o` of the account `?1` that may be sent next, given its head and a further condition: not
/// leased, and nothing of their conversation is before them in the queue or being sent.
macro_rules! select_next {
    ($head:literal, $condition:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM outbox o WHERE account = ?1 AND leased = 0 AND ",
            $condition,
            " AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation = o.conversation \
             AND e.position <> o.position AND (e.position < o.position OR e.leased = 1))",
            $tail
        )
    };
}

/// The next row due at `?2`. `?3` is 0.
pub(crate) const NEXT: &str = select_next!(
    "SELECT message, conversation, attempt, outgoing",
    "not_before <= ?2 AND ?3 = 0",
    " ORDER BY position LIMIT 1"
);
/// The next row of the conversation `?3` due at `?2`.
pub(crate) const NEXT_OF_CONVERSATION: &str = select_next!(
    "SELECT message, conversation, attempt, outgoing",
    "not_before <= ?2 AND o.conversation = ?3",
    " ORDER BY position LIMIT 1"
);
/// When the next row becomes due. `?2` is 0.
pub(crate) const NEXT_DUE: &str = select_next!("SELECT min(not_before)", "?2 = 0", "");
/// When the next row of the conversation `?2` becomes due.
pub(crate) const NEXT_DUE_OF_CONVERSATION: &str = select_next!("SELECT min(not_before)", "o.conversation = ?2", "");

impl Store {
    /// Leases the oldest due message of an account, or of one conversation of it, and begins an attempt: the message
    /// is `sending`, durably, when this resolves. A message waits for the earlier ones of its conversation; failed
    /// and unsure ones have left the queue and block nothing.
    pub fn claim_due(
        &self,
        account: &AccountName,
        conversation: Option<ConversationId>,
        now: Timestamp,
    ) -> Pending<Option<Lease>> {
        let account = account.clone();
        self.write(move |tx| lease_next(tx, &account, conversation, now))
    }

    /// When the next message of an account, or of one conversation of it, becomes due; possibly in the past. `None`
    /// when none waits, or only behind one that is being sent.
    pub fn next_due(
        &self,
        account: &AccountName,
        conversation: Option<ConversationId>,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let (sql, id) = match conversation {
                Some(id) => (NEXT_DUE_OF_CONVERSATION, resolve(conn, id)?.0),
                None => (NEXT_DUE, 0),
            };
            let next: Option<i64> = conn.one(sql, params![account.as_str(), id], |row| row.get(0))?;
            Ok(next.map(Timestamp))
        })
    }

    /// When the attempts of an account since `since` began, oldest first. A rate limit starts from them.
    pub fn attempts_since(&self, account: &AccountName, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT started_at FROM attempts WHERE account = ?1 AND started_at >= ?2 ORDER BY started_at";
            conn.all(sql, params![account.as_str(), since.0], |row| row.get(0).map(Timestamp))
        })
    }
}

fn lease_next(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: Option<ConversationId>,
    now: Timestamp,
) -> DbResult<Option<Lease>> {
    let (sql, id) = match conversation {
        Some(id) => (NEXT_OF_CONVERSATION, resolve(tx.conn, id)?.0),
        None => (NEXT, 0),
    };
    let next = tx.first(sql, params![account.as_str(), now.0, id], |row| {
        let outgoing: Option<Outgoing> = row::json(row, 3)?;
        Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?), row.get(2)?, outgoing))
    });
    let Some((message, of_conversation, attempt, outgoing)) = next? else {
        return Ok(None);
    };
    let Some(outgoing) = outgoing else {
        // A later version wrote it in another form. It must not block the queue for ever.
        tx.run("DELETE FROM outbox WHERE message = ?1", [message.0])?;
        let failure = Failure::new("unreadable", "queued by a newer version");
        let delivery = Delivery { attempt, stage: Status::Failed };
        advance(tx, message, &DeliveryUpdate { delivery, failure: Some(&failure), inferred: false })?;
        return lease_next(tx, account, conversation, now);
    };
    tx.run("UPDATE outbox SET leased = 1 WHERE message = ?1", [message.0])?;
    let sql = "UPDATE messages SET started_at = ?2, receipted = 0 WHERE id = ?1";
    tx.run(sql, params![message.0, now.0])?;
    let sql = "INSERT INTO attempts (message, attempt, account, started_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (message, attempt) DO UPDATE SET started_at = excluded.started_at";
    tx.run(sql, params![message.0, attempt, account.as_str(), now.0])?;
    let delivery = Delivery { attempt, stage: Status::Sending };
    advance(tx, message, &DeliveryUpdate { delivery, failure: None, inferred: false })?;
    Ok(Some(Lease { message, conversation: of_conversation, account: account.clone(), attempt, outgoing }))
}
