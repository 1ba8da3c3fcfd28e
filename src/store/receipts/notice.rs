//! Failures of which nobody knows what failed: they are shown on the conversation.

use crate::domain::inbound::Receipt;
use crate::domain::{
    AccountName, Author, AuthorKind, ChangeKind, ConversationId, Direction, Failure, Kind, MessageId, Status, Timestamp,
};
use crate::store::conversations::summary;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::messages::insert::{NewRow, insert};
use crate::store::messages::order;
use crate::store::search::index;
use rusqlite::params;
use serde_json::json;

/// The notice of the account `?1` about the remote id `?2`.
pub(crate) const NOTICE: &str =
    "SELECT id, conversation FROM messages WHERE account = ?1 AND remote_id = ?2 AND kind = 'system' LIMIT 1";

/// Shows once on a conversation that a message to this customer failed.
pub(super) fn show(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    receipt: &Receipt,
    arrival: Timestamp,
) -> DbResult<()> {
    if find(tx, account, &receipt.remote_id)?.is_some() {
        return Ok(());
    }
    let failure = receipt.failure.clone().unwrap_or_else(|| Failure::new("failed", ""));
    let text = if failure.message.is_empty() { &failure.code } else { &failure.message };
    let payload = json!({"event": "send_failed"});
    let row = NewRow {
        id: None,
        conversation,
        account,
        order: order::of_own(tx, conversation, arrival)?,
        at: receipt.at.unwrap_or(arrival),
        direction: Direction::In,
        author: &Author { kind: AuthorKind::System, name: String::new() },
        kind: Kind::System,
        text,
        media: None,
        payload: Some(&payload),
        remote_id: Some(&receipt.remote_id),
        attempt: 0,
        status: Status::Received,
        error: Some(&failure),
        inferred: false,
        started_at: None,
        content: None,
        arrived: Some(arrival),
    };
    insert(tx, &row).map(drop)
}

/// Takes a notice back: it is known now which message failed.
pub(super) fn withdraw(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<()> {
    let Some((message, conversation)) = find(tx, account, remote_id)? else { return Ok(()) };
    index::add_to_backlog(tx, message)?;
    tx.run("DELETE FROM messages WHERE id = ?1", [message.0])?;
    tx.record_change(ChangeKind::MessageChanged { conversation, message });
    summary::refresh_newest(tx, conversation)?;
    summary::touch(tx, conversation)
}

fn find(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<Option<(MessageId, ConversationId)>> {
    tx.first(NOTICE, params![account.as_str(), remote_id], |row| {
        Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?)))
    })
}
