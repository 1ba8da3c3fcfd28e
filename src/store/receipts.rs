//! Receipts: matching what a gateway reports with the message that it is about.
//!
//! Source of the rule for unknown ids: providers.md section 9, A7.
//!
//! Invariant: no receipt creates a message, and none is matched by evidence when two messages fit.

use super::database::{DbResult, RunSql, Tx};
use super::delivery::{DeliveryUpdate, advance, find_attempt, record_remote_id};
use super::row;
use crate::domain::inbound::Receipt;
use crate::domain::{AccountName, ConversationId, Delivery, Failure, Kind, MessageId, Status, Timestamp};
use rusqlite::{Params, Row, params};
use std::time::Duration;

/// A receipt is matched by evidence only with a message whose request left at most this long before.
const INFER_WITHIN: Duration = Duration::from_secs(600);
/// How long a receipt whose message is not known is kept, in milliseconds: a week.
const KEEP_ORPHANS: i64 = 7 * 86_400_000;

/// Own messages of the account `?1` without a receipt, whose attempt began between `?2` and `?3`, to the recipient
/// `?4` unless it is null. Two are enough to know that the match is ambiguous.
pub(super) const CANDIDATES: &str = "SELECT id, attempt FROM messages WHERE account = ?1 AND receipted = 0 \
    AND started_at IS NOT NULL AND started_at BETWEEN ?2 AND ?3 AND status IN ('sending', 'sent', 'unsure') \
    AND (?4 IS NULL OR EXISTS (SELECT 1 FROM peers p WHERE p.conversation = messages.conversation \
    AND p.alias = ?4)) LIMIT 2";

/// Applies a receipt, or keeps it as an orphan. Returns whether its message was found.
pub(super) fn apply_receipt(
    tx: &Tx<'_>,
    account: &AccountName,
    receipt: &Receipt,
    arrival: Timestamp,
) -> DbResult<bool> {
    if !matches!(receipt.status, Status::Sent | Status::Delivered | Status::Read | Status::Failed) {
        return Ok(true);
    }
    if match_receipt(tx, account, receipt, arrival)? {
        return Ok(true);
    }
    let sql = "INSERT INTO orphan_receipts (account, remote_id, status, error_code, error_message, recipient, \
               may_infer, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let values = params![
        account.as_str(),
        receipt.remote_id,
        receipt.status.as_str(),
        receipt.failure.as_ref().map(|failure| failure.code.as_str()),
        receipt.failure.as_ref().map(|failure| failure.message.as_str()),
        receipt.recipient,
        receipt.may_infer,
        arrival.0,
    ];
    tx.run(sql, values)?;
    let sql = "DELETE FROM orphan_receipts WHERE account = ?1 AND received_at < ?2";
    tx.run(sql, params![account.as_str(), arrival.0.saturating_sub(KEEP_ORPHANS)])?;
    Ok(false)
}

/// A query of orphaned receipts `o`, given what follows its `FROM`.
macro_rules! select_orphans {
    ($rest:literal) => {
        concat!(
            "SELECT o.remote_id, o.status, o.error_code, o.error_message, o.recipient, o.may_infer, o.received_at, \
             o.id FROM ",
            $rest
        )
    };
}

/// Matches orphaned receipts again after an attempt has ended: all with a remote id of `message` and, of those that
/// may be matched by evidence, the recent ones.
pub(super) fn match_orphans(tx: &Tx<'_>, account: &AccountName, message: MessageId, now: Timestamp) -> DbResult<()> {
    let sql = select_orphans!(
        "wire_ids w JOIN orphan_receipts o ON o.account = w.account AND o.remote_id = w.remote_id \
         WHERE w.message = ?1 ORDER BY o.id"
    );
    let mut orphans = tx.all(sql, [message.0], orphan)?;
    let sql = select_orphans!(
        "orphan_receipts o WHERE o.account = ?1 AND o.received_at >= ?2 AND o.may_infer = 1 ORDER BY o.id"
    );
    orphans.extend(tx.all(sql, params![account.as_str(), earliest(now)], orphan)?);
    for (receipt, arrival, id) in orphans {
        if match_receipt(tx, account, &receipt, arrival)? {
            tx.run("DELETE FROM orphan_receipts WHERE id = ?1", [id])?;
        }
    }
    Ok(())
}

/// Finds a receipt's message and applies the receipt to it: by a known remote id, else by evidence where the gateway
/// permits it.
fn match_receipt(tx: &Tx<'_>, account: &AccountName, receipt: &Receipt, arrival: Timestamp) -> DbResult<bool> {
    if let Some((message, attempt)) = find_attempt(tx, account, &receipt.remote_id)? {
        update_message(tx, receipt, message, attempt, false)?;
        return Ok(true);
    }
    if !receipt.may_infer {
        return Ok(false);
    }
    let values = params![account.as_str(), earliest(arrival), arrival.0, receipt.recipient];
    let Some((message, attempt)) = query_unique(tx, CANDIDATES, values)? else {
        return Ok(false);
    };
    if !receipt.remote_id.is_empty() {
        record_remote_id(tx, account, &receipt.remote_id, message, attempt)?;
    }
    update_message(tx, receipt, message, attempt, true)?;
    Ok(true)
}

fn update_message(tx: &Tx<'_>, receipt: &Receipt, message: MessageId, attempt: u32, inferred: bool) -> DbResult<()> {
    let sql = "UPDATE messages SET receipted = 1 WHERE id = ?1 AND attempt = ?2";
    tx.run(sql, params![message.0, attempt])?;
    let unspecified = Failure::new("failed", "");
    let failure = receipt.failure.as_ref().or_else(|| (receipt.status == Status::Failed).then_some(&unspecified));
    let delivery = Delivery { attempt, stage: receipt.status };
    advance(tx, message, &DeliveryUpdate { delivery, failure, inferred })?;
    Ok(())
}

/// A receipt, when it came, and its id.
fn orphan(row: &Row<'_>) -> rusqlite::Result<(Receipt, Timestamp, i64)> {
    let code: Option<String> = row.get(2)?;
    let message: Option<String> = row.get(3)?;
    let receipt = Receipt {
        remote_id: row.get(0)?,
        status: row::named(row, 1, Status::Sent)?,
        failure: code.map(|code| Failure { code, message: message.unwrap_or_default() }),
        recipient: row.get(4)?,
        may_infer: row.get(5)?,
        at: None,
    };
    Ok((receipt, Timestamp(row.get(6)?), row.get(7)?))
}

/// The only own message that an echo of unknown id fits: of that conversation and content, recently begun, and being
/// sent, unsure, or accepted without an id.
pub(super) fn only_echo_candidate(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    (kind, text): (Kind, &str),
    arrival: Timestamp,
) -> DbResult<Option<(MessageId, u32)>> {
    let sql = "SELECT id, attempt FROM messages WHERE account = ?1 AND receipted = 0 AND started_at IS NOT NULL \
               AND started_at BETWEEN ?2 AND ?3 AND conversation = ?4 AND kind = ?5 AND text = ?6 \
               AND (status IN ('sending', 'unsure') OR (status = 'sent' AND remote_id IS NULL)) LIMIT 2";
    let since = earliest(arrival);
    let values = params![account.as_str(), since, arrival.0, conversation.0, kind.as_str(), text];
    query_unique(tx, sql, values)
}

/// When an attempt may have begun at the earliest to be matched by evidence with what came at `arrival`.
fn earliest(arrival: Timestamp) -> i64 {
    arrival.0.saturating_sub(i64::try_from(INFER_WITHIN.as_millis()).unwrap_or(i64::MAX))
}

/// The message and attempt that a query finds, unless it finds several.
fn query_unique(tx: &Tx<'_>, sql: &str, values: impl Params) -> DbResult<Option<(MessageId, u32)>> {
    let found = tx.all(sql, values, |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
    Ok(if let [only] = found.as_slice() { Some(*only) } else { None })
}
