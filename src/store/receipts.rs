//! Receipts: tying what a gateway tells to the message that it means.
//!
//! Source of the rule for ids that are not known: providers.md section 9, A7.
//!
//! Invariant: no receipt makes a message, and none is tied to a message by a guess when two could be meant.

use std::time::Duration;

use rusqlite::{Params, Row, params};

use super::error::Work;
use super::progress::{Step, advance, name_on_wire, on_wire};
use super::row;
use super::writer::Tx;
use crate::domain::inbound::Receipt;
use crate::domain::{AccountName, ConversationId, Delivery, Failure, Kind, MessageId, Status, Timestamp};

/// A receipt may be tied to a message by a guess only when its request left so long before at most.
const GUESS_WITHIN: Duration = Duration::from_secs(600);
/// Receipts whose message never turned up are kept for a week.
const ORPHANS_FOR: i64 = 7 * 86_400_000;

/// Own messages without a receipt that began in a span, to a recipient if one is named.
pub(super) const CANDIDATES: &str = "SELECT id, attempt FROM messages WHERE account = ?1 AND receipted = 0 \
    AND started_at IS NOT NULL AND started_at BETWEEN ?2 AND ?3 AND status IN ('sending', 'sent', 'unsure') \
    AND (?4 IS NULL OR EXISTS (SELECT 1 FROM peers p WHERE p.conversation = messages.conversation \
    AND p.alias = ?4)) LIMIT 2";

/// Applies a receipt. Returns whether it found its message.
pub(super) fn receive(tx: &Tx<'_>, account: &AccountName, receipt: &Receipt, arrival: Timestamp) -> Work<bool> {
    if !matches!(receipt.status, Status::Sent | Status::Delivered | Status::Read | Status::Failed) {
        return Ok(true);
    }
    if tie(tx, account, receipt, arrival)? {
        return Ok(true);
    }
    let sql = "INSERT INTO orphan_receipts (account, remote_id, status, error_code, error_message, recipient, \
               may_infer, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    tx.conn.prepare_cached(sql)?.execute(params![
        account.as_str(),
        receipt.remote_id,
        receipt.status.as_str(),
        receipt.failure.as_ref().map(|failure| failure.code.as_str()),
        receipt.failure.as_ref().map(|failure| failure.message.as_str()),
        receipt.recipient,
        receipt.may_infer,
        arrival.0,
    ])?;
    let sql = "DELETE FROM orphan_receipts WHERE account = ?1 AND received_at < ?2";
    tx.conn.prepare_cached(sql)?.execute(params![account.as_str(), arrival.0.saturating_sub(ORPHANS_FOR)])?;
    Ok(false)
}

/// Looks again for the messages of orphaned receipts: all that bear an id of `message` and, of those that may
/// be tied by a guess, the ones young enough. Called when an attempt has ended.
pub(super) fn look_again(tx: &Tx<'_>, account: &AccountName, message: MessageId, now: Timestamp) -> Work<()> {
    const COLUMNS: &str = "o.remote_id, o.status, o.error_code, o.error_message, o.recipient, o.may_infer, \
                           o.received_at, o.id";
    let mut orphans = Vec::new();
    let sql = format!(
        "SELECT {COLUMNS} FROM wire_ids w JOIN orphan_receipts o ON o.account = w.account \
         AND o.remote_id = w.remote_id WHERE w.message = ?1 ORDER BY o.id"
    );
    let mut statement = tx.conn.prepare_cached(&sql)?;
    for orphan in statement.query_map([message.0], of_row)? {
        orphans.push(orphan?);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM orphan_receipts o WHERE o.account = ?1 AND o.received_at >= ?2 \
         AND o.may_infer = 1 ORDER BY o.id"
    );
    let mut statement = tx.conn.prepare_cached(&sql)?;
    for orphan in statement.query_map(params![account.as_str(), earliest(now)], of_row)? {
        orphans.push(orphan?);
    }
    for (receipt, arrival, id) in orphans {
        if tie(tx, account, &receipt, arrival)? {
            tx.conn.prepare_cached("DELETE FROM orphan_receipts WHERE id = ?1")?.execute([id])?;
        }
    }
    Ok(())
}

/// Ties a receipt to its message: by an id that is known, else by the cautious guess where that is allowed.
fn tie(tx: &Tx<'_>, account: &AccountName, receipt: &Receipt, arrival: Timestamp) -> Work<bool> {
    if let Some((message, attempt)) = on_wire(tx, account, &receipt.remote_id)? {
        join(tx, receipt, message, attempt, false)?;
        return Ok(true);
    }
    if !receipt.may_infer {
        return Ok(false);
    }
    let Some((message, attempt)) = only_candidate(tx, account, receipt.recipient.as_deref(), arrival)? else {
        return Ok(false);
    };
    if !receipt.remote_id.is_empty() {
        name_on_wire(tx, account, &receipt.remote_id, message, attempt)?;
    }
    join(tx, receipt, message, attempt, true)?;
    Ok(true)
}

fn join(tx: &Tx<'_>, receipt: &Receipt, message: MessageId, attempt: u32, inferred: bool) -> Work<()> {
    let sql = "UPDATE messages SET receipted = 1 WHERE id = ?1 AND attempt = ?2";
    tx.conn.prepare_cached(sql)?.execute(params![message.0, attempt])?;
    let unnamed = Failure::new("failed", "");
    let failure = receipt.failure.as_ref().or_else(|| (receipt.status == Status::Failed).then_some(&unnamed));
    let delivery = Delivery { attempt, stage: receipt.status };
    advance(tx, message, &Step { delivery, failure, inferred })?;
    Ok(())
}

/// The only own message to which a receipt of unknown id can belong: no receipt yet, on its way or accepted,
/// to that recipient, begun before the receipt came and not long before.
fn only_candidate(
    tx: &Tx<'_>,
    account: &AccountName,
    recipient: Option<&str>,
    arrival: Timestamp,
) -> Work<Option<(MessageId, u32)>> {
    only(tx, CANDIDATES, params![account.as_str(), earliest(arrival), arrival.0, recipient])
}

/// The receipt, when it came, and its row.
fn of_row(row: &Row<'_>) -> rusqlite::Result<(Receipt, Timestamp, i64)> {
    let code: Option<String> = row.get(2)?;
    let message: Option<String> = row.get(3)?;
    let receipt = Receipt {
        remote_id: row.get(0)?,
        status: row::word(row, 1, Status::Sent)?,
        failure: code.map(|code| Failure { code, message: message.unwrap_or_default() }),
        recipient: row.get(4)?,
        may_infer: row.get(5)?,
        at: None,
    };
    Ok((receipt, Timestamp(row.get(6)?), row.get(7)?))
}

/// The own message that an echo without a known id tells of: the only one of its conversation with that text
/// that is on its way, unsure, or accepted without an id, begun not long before.
pub(super) fn only_echoed(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    said: (Kind, &str),
    arrival: Timestamp,
) -> Work<Option<(MessageId, u32)>> {
    let sql = "SELECT id, attempt FROM messages WHERE account = ?1 AND receipted = 0 AND started_at IS NOT NULL \
               AND started_at BETWEEN ?2 AND ?3 AND conversation = ?4 AND kind = ?5 AND text = ?6 \
               AND (status IN ('sending', 'unsure') OR (status = 'sent' AND remote_id IS NULL)) LIMIT 2";
    let since = earliest(arrival);
    let values = params![account.as_str(), since, arrival.0, conversation.0, said.0.as_str(), said.1];
    only(tx, sql, values)
}

fn earliest(arrival: Timestamp) -> i64 {
    arrival.0.saturating_sub(i64::try_from(GUESS_WITHIN.as_millis()).unwrap_or(i64::MAX))
}

/// The message and attempt that a query finds, when it is the only one.
fn only(tx: &Tx<'_>, sql: &str, values: impl Params) -> Work<Option<(MessageId, u32)>> {
    let mut statement = tx.conn.prepare_cached(sql)?;
    let found = statement.query_map(values, |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    Ok(if let [only] = found.as_slice() { Some(*only) } else { None })
}
