//! How far an own message has come, and the ids by which gateways name it.
//!
//! Invariant: progress only grows (`domain::Delivery`); what comes late, doubled or in another order changes
//! nothing that is not less.

use rusqlite::{OptionalExtension, params};

use super::error::{Fault, Work};
use super::row;
use super::standing::{message_changed, reckon_waiting};
use super::writer::Tx;
use crate::domain::{AccountName, ConversationId, Delivery, Failure, MessageId, Status};

/// Something learned about a message.
pub(super) struct Step<'a> {
    pub(super) delivery: Delivery,
    pub(super) failure: Option<&'a Failure>,
    /// Tied to the message by a cautious guess.
    pub(super) inferred: bool,
}

/// What is known of an own message before something is learned.
pub(super) struct Known {
    pub(super) conversation: ConversationId,
    pub(super) delivery: Delivery,
    pub(super) by_agent: bool,
}

/// An outgoing message's progress.
pub(super) fn known(tx: &Tx<'_>, id: MessageId) -> Work<Known> {
    let sql =
        "SELECT conversation, attempt, status, author = 'agent' FROM messages WHERE id = ?1 AND direction = 'out'";
    let found = tx.conn.prepare_cached(sql)?.query_row([id.0], |row| {
        let delivery = Delivery { attempt: row.get(1)?, stage: row::word(row, 2, Status::Unsure)? };
        Ok(Known { conversation: ConversationId(row.get(0)?), delivery, by_agent: row.get(3)? })
    });
    found.optional()?.ok_or(Fault::NotFound)
}

/// Joins what was learned with what is known. Returns whether anything changed.
pub(super) fn advance(tx: &Tx<'_>, id: MessageId, step: &Step<'_>) -> Work<bool> {
    let before = known(tx, id)?;
    let after = before.delivery.join(step.delivery);
    if after == before.delivery {
        return Ok(false);
    }
    let failure = step.failure.filter(|_| matches!(after.stage, Status::Failed | Status::Unsure));
    let sql = "UPDATE messages SET attempt = ?2, status = ?3, error_code = ?4, error_message = ?5, \
               inferred = max(inferred, ?6), retry_at = NULL WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![
        id.0,
        after.attempt,
        after.stage.as_str(),
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| failure.message.as_str()),
        step.inferred,
    ])?;
    message_changed(tx, before.conversation, id)?;
    let failed = |delivery: Delivery| delivery.stage == Status::Failed;
    if before.by_agent && failed(before.delivery) != failed(after) {
        reckon_waiting(tx, before.conversation)?;
    }
    Ok(true)
}

/// Notes an id by which a gateway names an attempt of a message. The newest owner of an id has it.
pub(super) fn name_on_wire(
    tx: &Tx<'_>,
    account: &AccountName,
    remote_id: &str,
    message: MessageId,
    attempt: u32,
) -> Work<()> {
    let sql = "INSERT INTO wire_ids (account, remote_id, message, attempt) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (account, remote_id) DO UPDATE SET message = excluded.message, attempt = excluded.attempt";
    tx.conn.prepare_cached(sql)?.execute(params![account.as_str(), remote_id, message.0, attempt])?;
    // The first id of the newest attempt is the one that is shown.
    let sql = "UPDATE messages SET remote_id = ?2 WHERE id = ?1 AND remote_id IS NULL AND attempt = ?3";
    tx.conn.prepare_cached(sql)?.execute(params![message.0, remote_id, attempt])?;
    Ok(())
}

/// The message and attempt that a gateway names so.
pub(super) fn on_wire(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> Work<Option<(MessageId, u32)>> {
    let sql = "SELECT message, attempt FROM wire_ids WHERE account = ?1 AND remote_id = ?2";
    let found = tx
        .conn
        .prepare_cached(sql)?
        .query_row([account.as_str(), remote_id], |row| Ok((MessageId(row.get(0)?), row.get(1)?)));
    Ok(found.optional()?)
}
