//! Deleting messages for good.

use crate::domain::MessageId;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::media;
use crate::store::search::index;

/// Deletes a message, its place in the outbox, its attempts, their remote ids and its words in the search index; its
/// file too unless another message has it. The caller recounts its conversation.
pub(crate) fn delete(tx: &Tx<'_>, message: MessageId) -> DbResult<()> {
    index::remove(tx, message)?;
    let file = media::file_of(tx, message)?;
    tx.run("DELETE FROM messages WHERE id = ?1", [message.0])?;
    file.map_or(Ok(()), |file| media::release(tx, &file))
}
