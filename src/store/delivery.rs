//! How far an own message has come, and the remote ids by which gateways name its attempts.
//!
//! Invariant: delivery only grows ([`Delivery::join`]), so reports that come late, twice or out of order do no harm.

use super::conversations::summary::{message_changed, refresh_waiting};
use super::database::{DbError, DbResult, RunSql, Tx};
use super::row;
use crate::domain::{AccountName, ConversationId, Delivery, Failure, MessageId, Status};
use rusqlite::params;

/// A report about an own message.
pub(super) struct DeliveryUpdate<'a> {
    pub(super) delivery: Delivery,
    pub(super) failure: Option<&'a Failure>,
    /// The message was matched by evidence rather than by an id.
    pub(super) inferred: bool,
}

/// What is stored of an own message.
pub(super) struct OwnMessage {
    pub(super) conversation: ConversationId,
    pub(super) delivery: Delivery,
    pub(super) by_agent: bool,
}

pub(super) fn own_message(tx: &Tx<'_>, id: MessageId) -> DbResult<OwnMessage> {
    let sql =
        "SELECT conversation, attempt, status, author = 'agent' FROM messages WHERE id = ?1 AND direction = 'out'";
    let found = tx.first(sql, [id.0], |row| {
        let delivery = Delivery { attempt: row.get(1)?, stage: row::named(row, 2, Status::Unsure)? };
        Ok(OwnMessage { conversation: ConversationId(row.get(0)?), delivery, by_agent: row.get(3)? })
    });
    found?.ok_or(DbError::NotFound)
}

/// Joins a report with what is stored. Returns whether anything changed.
pub(super) fn advance(tx: &Tx<'_>, id: MessageId, update: &DeliveryUpdate<'_>) -> DbResult<bool> {
    let before = own_message(tx, id)?;
    let after = before.delivery.join(update.delivery);
    if after == before.delivery {
        return Ok(false);
    }
    let failure = update.failure.filter(|_| matches!(after.stage, Status::Failed | Status::Unsure));
    let sql = "UPDATE messages SET attempt = ?2, status = ?3, error_code = ?4, error_message = ?5, \
               inferred = max(inferred, ?6), retry_at = NULL WHERE id = ?1";
    let values = params![
        id.0,
        after.attempt,
        after.stage.as_str(),
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| failure.message.as_str()),
        update.inferred,
    ];
    tx.run(sql, values)?;
    message_changed(tx, before.conversation, id)?;
    let answers = |delivery: Delivery| !matches!(delivery.stage, Status::Failed | Status::Unsure);
    if before.by_agent && answers(before.delivery) != answers(after) {
        refresh_waiting(tx, before.conversation)?;
    }
    Ok(true)
}

/// Records a remote id of an attempt. An id that another attempt had moves to this one.
pub(super) fn record_remote_id(
    tx: &Tx<'_>,
    account: &AccountName,
    remote_id: &str,
    message: MessageId,
    attempt: u32,
) -> DbResult<()> {
    let sql = "INSERT INTO wire_ids (account, remote_id, message, attempt) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (account, remote_id) DO UPDATE SET message = excluded.message, attempt = excluded.attempt";
    tx.run(sql, params![account.as_str(), remote_id, message.0, attempt])?;
    // People see the first id of the newest attempt.
    let sql = "UPDATE messages SET remote_id = ?2 WHERE id = ?1 AND remote_id IS NULL AND attempt = ?3";
    tx.run(sql, params![message.0, remote_id, attempt])?;
    Ok(())
}

/// The message and attempt with this remote id.
pub(super) fn find_attempt(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<Option<(MessageId, u32)>> {
    let sql = "SELECT message, attempt FROM wire_ids WHERE account = ?1 AND remote_id = ?2";
    tx.first(sql, [account.as_str(), remote_id], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))
}
