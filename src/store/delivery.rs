//! How far an own message has come, and the remote ids by which gateways name its attempts.
//!
//! Invariant: delivery only grows ([`Delivery::join`]), so reports that come late, twice or out of order do no harm.

use super::conversations::summary::{message_changed, refresh_waiting};
use super::database::{DbError, DbResult, RunSql, Tx};
use super::outbox::heads::remove;
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

/// Records a remote id of an attempt, which is proven. An id that another attempt had moves to this one; what that was
/// believed to have reached by evidence is taken back.
pub(super) fn record_remote_id(
    tx: &Tx<'_>,
    account: &AccountName,
    remote_id: &str,
    message: MessageId,
    attempt: u32,
) -> DbResult<()> {
    let sql = "SELECT message FROM wire_ids WHERE account = ?1 AND remote_id = ?2 AND inferred = 1";
    let guessed = tx.first(sql, params![account.as_str(), remote_id], |row| row.get(0).map(MessageId))?;
    let sql = "INSERT INTO wire_ids (account, remote_id, message, attempt) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (account, remote_id) DO UPDATE SET message = excluded.message, attempt = excluded.attempt, \
               inferred = 0";
    tx.run(sql, params![account.as_str(), remote_id, message.0, attempt])?;
    // People see the first id of the newest attempt.
    let sql = "UPDATE messages SET remote_id = ?2 WHERE id = ?1 AND remote_id IS NULL AND attempt = ?3";
    tx.run(sql, params![message.0, remote_id, attempt])?;
    match guessed {
        Some(guessed) if guessed != message => refresh_guess(tx, guessed),
        _ => Ok(()),
    }
}

/// The message and attempt with this remote id, where it is proven.
pub(super) fn find_attempt(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<Option<(MessageId, u32)>> {
    let sql = "SELECT message, attempt FROM wire_ids WHERE account = ?1 AND remote_id = ?2 AND inferred = 0";
    tx.first(sql, [account.as_str(), remote_id], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))
}

/// Determines anew how far a message has come whose receipts are matched by evidence: what the gateway answered, and the
/// greatest stage of the receipts that are matched with it now. One with a receipt of a proven id is left alone.
pub(super) fn refresh_guess(tx: &Tx<'_>, id: MessageId) -> DbResult<()> {
    let sql = "SELECT receipted = 1 AND inferred = 0 FROM messages WHERE id = ?1";
    if tx.first(sql, [id.0], |row| row.get(0))?.unwrap_or(true) {
        return Ok(());
    }
    let own = own_message(tx, id)?;
    let guess = guessed_delivery(tx, id)?;
    if let Some(guess) = guess
        && withdraw_attempt(tx, id, guess)?
    {
        tx.run("UPDATE messages SET receipted = 1, inferred = 1 WHERE id = ?1", [id.0])?;
        return Ok(());
    }
    let sql = "SELECT outcome, code, EXISTS (SELECT 1 FROM wire_ids w WHERE w.message = a.message \
               AND w.attempt = a.attempt AND w.inferred = 0) FROM attempts a WHERE message = ?1 AND attempt = ?2";
    let answer: Option<(Option<String>, Option<String>, bool)> =
        tx.first(sql, params![id.0, own.delivery.attempt], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let Some((outcome, code, has_id)) = answer else { return Ok(()) };
    let answered = match outcome.as_deref() {
        // An echo can prove it too.
        Some("accepted" | "unsure") | None if has_id => Status::Sent,
        Some("accepted") => Status::Sent,
        Some("unsure") => Status::Unsure,
        None => Status::Sending,
        // It was not processed; nothing is matched with it.
        Some(_) => return Ok(()),
    };
    let guess = guess.filter(|guess| guess.attempt == own.delivery.attempt);
    let stage = guess.map_or(answered, |guess| guess.stage.max(answered));
    let sql = "UPDATE messages SET status = ?2, error_code = ?3, error_message = iif(?3 IS NULL, NULL, \
               coalesce(error_message, '')), inferred = ?4, receipted = ?4, retry_at = NULL \
               WHERE id = ?1 AND (status <> ?2 OR inferred <> ?4)";
    let code = code.filter(|_| stage == Status::Unsure);
    if tx.run(sql, params![id.0, stage.as_str(), code, guess.is_some()])? > 0 {
        message_changed(tx, own.conversation, id)?;
        if own.by_agent {
            refresh_waiting(tx, own.conversation)?;
        }
    }
    show_guessed_id(tx, id, own.delivery.attempt)
}

/// The greatest delivery of the receipts that are matched with a message by evidence.
fn guessed_delivery(tx: &Tx<'_>, id: MessageId) -> DbResult<Option<Delivery>> {
    let sql = "SELECT w.attempt, r.status FROM wire_ids w CROSS JOIN orphan_receipts r ON r.account = w.account \
               AND r.remote_id = w.remote_id WHERE w.message = ?1 AND w.inferred = 1 AND r.status <> 'failed'";
    let all =
        tx.all(sql, [id.0], |row| Ok(Delivery { attempt: row.get(0)?, stage: row::named(row, 1, Status::Sent)? }))?;
    Ok(all.into_iter().max())
}

/// Shows the id that is matched with a message by evidence where the gateway gave it none.
fn show_guessed_id(tx: &Tx<'_>, id: MessageId, attempt: u32) -> DbResult<()> {
    let sql = "UPDATE messages SET remote_id = (SELECT min(w.remote_id) FROM wire_ids w WHERE w.message = ?1 \
               AND w.attempt = ?2 AND w.inferred = 1 AND w.remote_id <> '') WHERE id = ?1 AND (remote_id IS NULL \
               OR NOT EXISTS (SELECT 1 FROM wire_ids w WHERE w.account = messages.account \
               AND w.remote_id = messages.remote_id AND w.message = ?1 AND w.inferred = 0))";
    tx.run(sql, params![id.0, attempt])?;
    Ok(())
}

/// Takes a new attempt back that waits to be sent, when an earlier one has arrived after all. Returns whether it did.
pub(super) fn withdraw_attempt(tx: &Tx<'_>, id: MessageId, earlier: Delivery) -> DbResult<bool> {
    let own = own_message(tx, id)?;
    if own.delivery.stage != Status::Queued || earlier.attempt >= own.delivery.attempt {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM attempts WHERE message = ?1 AND attempt = ?2 AND outcome = 'unsure'";
    let arrived = match earlier.stage {
        Status::Delivered | Status::Read => true,
        Status::Sent => tx.any(sql, params![id.0, earlier.attempt])?,
        _ => false,
    };
    let waits = tx.any("SELECT 1 FROM outbox WHERE message = ?1 AND owner IS NULL", [id.0])?;
    if !arrived || !waits {
        return Ok(false);
    }
    remove(tx, id, own.conversation)?;
    let sql = "UPDATE messages SET attempt = ?2, status = ?3, error_code = NULL, error_message = NULL, retry_at = NULL, \
               receipted = 1, remote_id = (SELECT min(remote_id) FROM wire_ids WHERE message = ?1 AND attempt = ?2) \
               WHERE id = ?1";
    tx.run(sql, params![id.0, earlier.attempt, earlier.stage.as_str()])?;
    message_changed(tx, own.conversation, id)?;
    Ok(true)
}
