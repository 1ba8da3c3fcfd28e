//! Applying receipts: by a known id, else by evidence where the gateway permits it, else kept for later.

use super::assign::INFER_WITHIN;
use super::evidence::{GUESS, GUESSED_IDS, before, rematch, replace};
use super::notice;
use crate::domain::inbound::Receipt;
use crate::domain::{AccountName, ConversationId, Delivery, Failure, Kind, MessageId, Status, Timestamp};
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::{DeliveryUpdate, advance, find_attempt, own_message, refresh_guess, withdraw_attempt};
use crate::store::row;
use rusqlite::{Params, Row, params};

/// How long a receipt whose message is not known for certain is kept, in milliseconds: a week.
const KEEP_ORPHANS: i64 = 7 * 86_400_000;
/// Receipts without a recipient that are looked at again after a send.
const RETRIED_MAX: usize = 20;

/// Own messages of the account `?1` without a receipt, not unsure, whose attempt began between `?2` and `?3`. Two tell
/// that the match is ambiguous.
pub(crate) const CANDIDATES: &str = "SELECT id, attempt FROM messages WHERE account = ?1 AND receipted = 0 \
    AND started_at IS NOT NULL AND started_at BETWEEN ?2 AND ?3 AND status IN ('sending', 'sent') LIMIT 2";
/// The conversation of the account `?1` with the peer `?2`.
pub(crate) const BY_ALIAS: &str = "SELECT conversation FROM peers WHERE account = ?1 \
    AND channel IN ('whatsapp', 'telegram', 'instagram', 'messenger') AND alias = ?2 LIMIT 1";
/// Receipts of the account `?1` since `?2` that name no recipient and are matched with nothing.
pub(crate) const WITHOUT_RECIPIENT: &str = "SELECT r.remote_id, r.received_at FROM orphan_receipts r \
    WHERE r.account = ?1 AND r.recipient IS NULL AND r.received_at >= ?2 AND r.may_infer = 1 AND r.status <> 'failed' \
    AND NOT EXISTS (SELECT 1 FROM wire_ids w WHERE w.account = r.account AND w.remote_id = r.remote_id) \
    ORDER BY r.received_at LIMIT ?3";
/// Kept receipts of the proven ids of the message `?1`, each with the attempt that it is about.
pub(crate) const PROVEN: &str = "SELECT o.remote_id, o.status, o.error_code, o.error_message, o.id, w.attempt \
    FROM wire_ids w CROSS JOIN orphan_receipts o ON o.account = w.account AND o.remote_id = w.remote_id \
    WHERE w.message = ?1 AND w.inferred = 0";

/// Applies a receipt, or keeps it as an orphan. Returns whether its message was found.
pub(crate) fn apply_receipt(
    tx: &Tx<'_>,
    account: &AccountName,
    receipt: &Receipt,
    arrival: Timestamp,
) -> DbResult<bool> {
    if !matches!(receipt.status, Status::Sent | Status::Delivered | Status::Read | Status::Failed) {
        return Ok(true);
    }
    if let Some((message, attempt)) = find_attempt(tx, account, &receipt.remote_id)? {
        update_message(tx, receipt, message, attempt)?;
        if tx.any(GUESSED_IDS, [message.0])? {
            // What was matched with it by evidence is about another one.
            rematch(tx, account, own_message(tx, message)?.conversation, arrival)?;
        }
        return Ok(true);
    }
    keep(tx, account, receipt, arrival)?;
    let guess = tx.first(GUESS, params![account.as_str(), receipt.remote_id], message_and_attempt)?;
    if let Some((message, _)) = guess {
        refresh_guess(tx, message)?;
    }
    if !receipt.may_infer {
        return Ok(guess.is_some());
    }
    match &receipt.recipient {
        None => guess_without_recipient(tx, account, &receipt.remote_id, arrival)?,
        Some(recipient) => {
            let values = params![account.as_str(), recipient];
            let found = tx.first(BY_ALIAS, values, |row| row.get(0).map(ConversationId))?;
            let Some(conversation) = found else { return Ok(false) };
            if receipt.status == Status::Failed {
                notice::show(tx, account, conversation, receipt, arrival)?;
                return Ok(true);
            }
            rematch(tx, account, conversation, arrival)?;
        }
    }
    is_matched(tx, account, &receipt.remote_id)
}

/// Keeps a receipt whose message is not known, or not for certain.
fn keep(tx: &Tx<'_>, account: &AccountName, receipt: &Receipt, arrival: Timestamp) -> DbResult<()> {
    let sql = "INSERT INTO orphan_receipts (account, remote_id, status, error_code, error_message, recipient, \
               may_infer, received_at, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    let values = params![
        account.as_str(),
        receipt.remote_id,
        receipt.status.as_str(),
        receipt.failure.as_ref().map(|failure| failure.code.as_str()),
        receipt.failure.as_ref().map(|failure| failure.message.as_str()),
        receipt.recipient,
        receipt.may_infer,
        arrival.0,
        receipt.at.map(|at| at.0),
    ];
    tx.run(sql, values)?;
    let sql = "DELETE FROM orphan_receipts WHERE account = ?1 AND received_at < ?2";
    tx.run(sql, params![account.as_str(), arrival.0.saturating_sub(KEEP_ORPHANS)])?;
    Ok(())
}

/// Looks again at what was kept, after an attempt of `message` has ended or one of its ids has become known: receipts of
/// that id, and those that may be about this conversation or about nobody in particular.
pub(crate) fn match_orphans(tx: &Tx<'_>, account: &AccountName, message: MessageId, now: Timestamp) -> DbResult<()> {
    for (receipt, id, attempt) in tx.all(PROVEN, [message.0], proven)? {
        notice::withdraw(tx, account, &receipt.remote_id)?;
        update_message(tx, &receipt, message, attempt)?;
        tx.run("DELETE FROM orphan_receipts WHERE id = ?1", [id])?;
    }
    let sql = "SELECT conversation, started_at FROM messages WHERE id = ?1";
    let found = tx.first(sql, [message.0], |row| Ok((ConversationId(row.get(0)?), row.get::<_, Option<i64>>(1)?)))?;
    let Some((conversation, started_at)) = found else { return Ok(()) };
    rematch(tx, account, conversation, now)?;
    let Some(since) = started_at else { return Ok(()) };
    let values = params![account.as_str(), since, row::sql_limit(RETRIED_MAX)];
    let kept: Vec<(String, Timestamp)> =
        tx.all(WITHOUT_RECIPIENT, values, |row| Ok((row.get(0)?, Timestamp(row.get(1)?))))?;
    for (remote_id, arrived) in kept {
        guess_without_recipient(tx, account, &remote_id, arrived)?;
    }
    Ok(())
}

/// Matches an id whose receipts name no recipient with the only message that it may be about, if it is not matched yet.
fn guess_without_recipient(tx: &Tx<'_>, account: &AccountName, remote_id: &str, arrival: Timestamp) -> DbResult<()> {
    let guess = tx.first(GUESS, params![account.as_str(), remote_id], message_and_attempt)?;
    let found = match guess {
        Some(guess) => Some(guess),
        None => query_unique(tx, CANDIDATES, params![account.as_str(), before(arrival, INFER_WITHIN).0, arrival.0])?,
    };
    let Some(found) = found else { return Ok(()) };
    if guess.is_none() {
        replace(tx, account, remote_id, Some(found))?;
    }
    refresh_guess(tx, found.0)
}

fn is_matched(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<bool> {
    let sql = "SELECT 1 FROM wire_ids WHERE account = ?1 AND remote_id = ?2";
    tx.any(sql, params![account.as_str(), remote_id])
}

/// Applies a receipt whose id is proven to be of this attempt. A proof that an earlier attempt arrived withdraws a new one
/// that waits to be sent.
fn update_message(tx: &Tx<'_>, receipt: &Receipt, message: MessageId, attempt: u32) -> DbResult<()> {
    let sql = "UPDATE messages SET receipted = 1, inferred = 0 WHERE id = ?1 AND attempt = ?2";
    tx.run(sql, params![message.0, attempt])?;
    let delivery = Delivery { attempt, stage: receipt.status };
    if withdraw_attempt(tx, message, delivery)? {
        return Ok(());
    }
    let unspecified = Failure::new("failed", "");
    let failure = receipt.failure.as_ref().or_else(|| (receipt.status == Status::Failed).then_some(&unspecified));
    advance(tx, message, &DeliveryUpdate { delivery, failure, inferred: false })?;
    Ok(())
}

/// A receipt, its id among the kept ones, and the attempt that it is about.
fn proven(row: &Row<'_>) -> rusqlite::Result<(Receipt, i64, u32)> {
    let code: Option<String> = row.get(2)?;
    let message: Option<String> = row.get(3)?;
    let receipt = Receipt {
        remote_id: row.get(0)?,
        status: row::named(row, 1, Status::Sent)?,
        failure: code.map(|code| Failure { code, message: message.unwrap_or_default() }),
        recipient: None,
        may_infer: false,
        at: None,
    };
    Ok((receipt, row.get(4)?, row.get(5)?))
}

/// The only own message that an echo of unknown id fits: of that conversation and content, recently begun, and being
/// sent, unsure, or accepted; with an id of a receipt only where that is a guess.
pub(crate) fn only_echo_candidate(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    (kind, text): (Kind, &str),
    arrival: Timestamp,
) -> DbResult<Option<(MessageId, u32)>> {
    let sql = "SELECT id, attempt FROM messages WHERE account = ?1 AND receipted = 0 AND started_at IS NOT NULL \
               AND started_at BETWEEN ?2 AND ?3 AND conversation = ?4 AND kind = ?5 AND text = ?6 \
               AND (status IN ('sending', 'unsure') OR (status = 'sent' AND remote_id IS NULL)) LIMIT 2";
    let since = before(arrival, INFER_WITHIN).0;
    let values = params![account.as_str(), since, arrival.0, conversation.0, kind.as_str(), text];
    query_unique(tx, sql, values)
}

/// The message and attempt that a query finds, unless it finds several.
fn query_unique(tx: &Tx<'_>, sql: &str, values: impl Params) -> DbResult<Option<(MessageId, u32)>> {
    let found = tx.all(sql, values, message_and_attempt)?;
    Ok(if let [only] = found.as_slice() { Some(*only) } else { None })
}

fn message_and_attempt(row: &Row<'_>) -> rusqlite::Result<(MessageId, u32)> {
    Ok((MessageId(row.get(0)?), row.get(1)?))
}
