//! Deleting messages for good.

use crate::domain::MessageId;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::search::index;

/// Deletes a message, its place in the outbox, its attempts, their remote ids and its words in the search index. The
/// caller recounts its conversation.
pub(crate) fn delete(tx: &Tx<'_>, message: MessageId) -> DbResult<()> {
    index::remove(tx, message)?;
    tx.run("DELETE FROM messages WHERE id = ?1", [message.0])?;
    Ok(())
}
