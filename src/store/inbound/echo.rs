//! Echoes: own messages that a gateway delivers back, or that were sent from the phone.

use rusqlite::params;

use super::edit;
use crate::domain::inbound::InboundMessage;
use crate::domain::{AccountName, ChangeKind, ConversationId, Delivery, MessageId, Status, Timestamp};
use crate::store::conversations::summary;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::{DeliveryUpdate, advance, find_attempt, record_remote_id};
use crate::store::search::index;
use crate::store::{receipts, row};

/// Whether an echo is of a known own message, by its remote id or else by evidence; if so, records that it was sent.
pub(super) fn match_echo(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    message: &InboundMessage,
    arrival: Timestamp,
) -> DbResult<bool> {
    if let Some(remote_id) = &message.remote_id
        && let Some((id, attempt)) = find_attempt(tx, account, remote_id)?
    {
        let delivery = Delivery { attempt, stage: Status::Sent };
        advance(tx, id, &DeliveryUpdate { delivery, failure: None, inferred: false })?;
        return Ok(true);
    }
    let content = (message.kind, message.text.as_str());
    let Some((id, attempt)) = receipts::only_echo_candidate(tx, account, conversation, content, arrival)? else {
        return Ok(false);
    };
    let delivery = Delivery { attempt, stage: Status::Sent };
    advance(tx, id, &DeliveryUpdate { delivery, failure: None, inferred: true })?;
    if let Some(remote_id) = &message.remote_id {
        record_remote_id(tx, account, remote_id, id, attempt)?;
        receipts::match_orphans(tx, account, id, arrival)?;
        edit::apply_early(tx, account, remote_id)?;
    }
    Ok(true)
}

/// Merges an echo into the own message that it is of: it was added as a message of its own before the gateway's answer
/// to the send contained the remote id. Its delivery is joined, and the echo is deleted.
pub(crate) fn merge_echo(
    tx: &Tx<'_>,
    account: &AccountName,
    remote_id: &str,
    (id, conversation, attempt): (MessageId, ConversationId, u32),
) -> DbResult<()> {
    let sql = "SELECT id, status FROM messages WHERE account = ?1 AND remote_id = ?2 AND direction = 'out' \
               AND started_at IS NULL AND conversation = ?3 AND id <> ?4 LIMIT 1";
    let echo = tx.first(sql, params![account.as_str(), remote_id, conversation.0, id.0], |row| {
        Ok((MessageId(row.get(0)?), row::named(row, 1, Status::Sent)?))
    })?;
    let Some((echo, stage)) = echo else {
        return Ok(());
    };
    let sql = "UPDATE wire_ids SET message = ?2, attempt = ?3 WHERE message = ?1";
    tx.run(sql, params![echo.0, id.0, attempt])?;
    index::add_to_backlog(tx, echo)?;
    tx.run("DELETE FROM messages WHERE id = ?1", [echo.0])?;
    tx.record_change(ChangeKind::MessageChanged { conversation, message: echo });
    advance(tx, id, &DeliveryUpdate { delivery: Delivery { attempt, stage }, failure: None, inferred: false })?;
    summary::refresh_newest(tx, conversation)?;
    summary::refresh_waiting(tx, conversation)?;
    summary::touch(tx, conversation)
}
