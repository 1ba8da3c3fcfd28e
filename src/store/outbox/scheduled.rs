//! Messages that a person wants to be sent later.
//!
//! Invariant: until it is due such a message is in no outbox, so it holds up none of its conversation's other messages,
//! never expires, and answers nobody; then it is queued like one that is written at that moment.

use rusqlite::params;

use super::add::{NewQueueRow, add_to_outbox, content_of};
use crate::domain::agent_line::without_agent_line;
use crate::domain::{AuthorKind, Cancelled, ChangeKind, Delivery, Failure, Kind, MessageId, Status, Timestamp};
use crate::store::conversations::summary::{self, message_changed};
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::store::delivery::{DeliveryUpdate, advance, own_message};
use crate::store::drafts;
use crate::store::messages::delete::delete;
use crate::store::messages::{order, page};

/// When the next scheduled message is due.
pub(crate) const NEXT_SCHEDULED: &str =
    "SELECT scheduled_at FROM messages WHERE scheduled_at > 0 ORDER BY scheduled_at LIMIT 1";
/// The scheduled messages that are due at `?1`, in the order in which they are to be sent.
pub(crate) const DUE: &str =
    "SELECT id FROM messages WHERE scheduled_at > 0 AND scheduled_at <= ?1 ORDER BY scheduled_at, id LIMIT 100";

impl Store {
    /// When the next scheduled message is due.
    pub fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| conn.first(NEXT_SCHEDULED, [], |row| row.get(0).map(Timestamp)))
    }

    /// Queues the scheduled messages that are due at `now`, at most 100, and returns them.
    pub fn queue_scheduled(&self, now: Timestamp) -> Pending<Vec<MessageId>> {
        self.write(move |tx| {
            let due = tx.all(DUE, [now.0], |row| row.get(0).map(MessageId))?;
            for message in &due {
                queue(tx, *message, now)?;
            }
            Ok(due)
        })
    }
}

/// Whether a message waits for its time.
pub(super) fn is_scheduled(tx: &Tx<'_>, message: MessageId) -> DbResult<bool> {
    tx.any("SELECT 1 FROM messages WHERE id = ?1 AND scheduled_at IS NOT NULL", [message.0])
}

/// Queues a scheduled message now. One that cannot be read any more fails.
pub(super) fn queue(tx: &Tx<'_>, id: MessageId, now: Timestamp) -> DbResult<()> {
    let anyway = tx.one("SELECT anyway FROM messages WHERE id = ?1", [id.0], |row| row.get(0))?;
    place_now(tx, id, now)?;
    let own = own_message(tx, id)?;
    let Some((message, outgoing)) = content_of(tx, id)? else {
        let delivery = Delivery { stage: Status::Failed, ..own.delivery };
        let failure = Failure::new("unreadable", "queued by a newer version");
        advance(tx, id, &DeliveryUpdate { delivery, failure: Some(&failure), inferred: false })?;
        return Ok(());
    };
    let row = NewQueueRow {
        message: id,
        conversation: message.conversation,
        account: &message.account,
        by_rule: false,
        anyway,
        attempt: own.delivery.attempt,
        outgoing: &outgoing,
    };
    add_to_outbox(tx, &row, now)?;
    summary::refresh_waiting(tx, message.conversation)
}

/// Ends the waiting of a scheduled message: it stands in the thread where it would if it were written now.
pub(super) fn place_now(tx: &Tx<'_>, id: MessageId, now: Timestamp) -> DbResult<()> {
    let own = own_message(tx, id)?;
    let order = order::of_own(tx, own.conversation, now)?;
    let sql = "UPDATE messages SET scheduled_at = NULL, order_ms = ?2, at = ?3, arrived = ?3 WHERE id = ?1";
    tx.run(sql, params![id.0, order.0, now.0])?;
    summary::refresh_newest(tx, own.conversation)?;
    message_changed(tx, own.conversation, id)?;
    summary::touch(tx, own.conversation)
}

/// Takes a scheduled message back for an agent. A text is deleted and stands before what is in the agent's draft, so that
/// it is neither lost nor there twice; what is no draft stays and fails with the code `cancelled`.
pub(super) fn cancel(tx: &Tx<'_>, id: MessageId, agent: &str, now: Timestamp) -> DbResult<Cancelled> {
    let message = page::find(tx.conn, id)?.ok_or(DbError::NotFound)?;
    if message.kind == Kind::Text && message.author.kind == AuthorKind::Agent {
        let text = without_agent_line(&message.text, &message.author.name, message.channel).to_owned();
        drafts::prepend(tx, message.conversation, agent, &text, now)?;
        tx.record_change(ChangeKind::MessageChanged { conversation: message.conversation, message: id });
        delete(tx, id)?;
        summary::touch(tx, message.conversation)?;
        return Ok(Cancelled { message, draft: Some(text) });
    }
    place_now(tx, id, now)?;
    let own = own_message(tx, id)?;
    let delivery = Delivery { stage: Status::Failed, ..own.delivery };
    let failure = Failure::new("cancelled", "");
    advance(tx, id, &DeliveryUpdate { delivery, failure: Some(&failure), inferred: false })?;
    let message = page::find(tx.conn, id)?.ok_or(DbError::NotFound)?;
    Ok(Cancelled { message, draft: None })
}
