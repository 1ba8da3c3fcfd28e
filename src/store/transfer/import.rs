//! An import: many messages in few transactions.

use std::sync::{Arc, Mutex, PoisonError};

use super::conversations::{self, ExportedConversation};
use super::export::ExportedMessage;
use super::messages::{self, ImportCounts, Imported};
use crate::store::database::{DbResult, Pending, Store, Tx};

/// Writes an import into the store: pass many messages at a time, in the order of their ids, each conversation with the
/// first of its messages; then [finish](Importer::finish).
#[derive(Debug)]
pub struct Importer {
    store: Store,
    alone: bool,
    imported: Arc<Mutex<Imported>>,
}

/// Conversations that are recounted in one transaction.
const RECOUNTED: usize = 500;

/// Memory for pages while much is written: with the usual one most of the time goes into reading and writing the same
/// pages of indexes again and again.
const BULK: &str = "PRAGMA cache_size = -192000";
/// Pages in the log before they are moved to the file, for the same reason.
const ALONE: &str = "PRAGMA wal_autocheckpoint = 40000";
/// The usual number: what is left in the log is moved by the next write of another process, which waits for that.
const BESIDE_OTHERS: &str = "PRAGMA wal_autocheckpoint = 1000";

impl Store {
    /// Begins an import. The writer of this process works with more memory from here on. `alone`: no other process
    /// works with the store; see [`Importer::set_alone`].
    pub fn importer(&self, alone: bool) -> Importer {
        drop(self.write(|tx| Ok(tx.conn.execute_batch(BULK)?)));
        let mut importer = Importer { store: self.clone(), alone: !alone, imported: Arc::default() };
        importer.set_alone(alone);
        importer
    }
}

impl Importer {
    /// Whether no other process works with the store, so that nobody waits for long writes.
    pub fn set_alone(&mut self, alone: bool) {
        if alone != self.alone {
            self.alone = alone;
            let pragma = if alone { ALONE } else { BESIDE_OTHERS };
            drop(self.store.write(move |tx| Ok(tx.conn.execute_batch(pragma)?)));
        }
    }

    /// Imports conversations and then messages in one transaction. Of conversations that exist, only what is missing is
    /// filled in. A message keeps its id and its conversation's if these are free, its place in the conversation, and
    /// whether it was read.
    ///
    /// A message that was still to be sent becomes unsure (code `interrupted`): it is in no outbox.
    pub fn add(
        &self,
        conversations: Vec<ExportedConversation>,
        messages: Vec<ExportedMessage>,
    ) -> Pending<ImportCounts> {
        self.write(move |tx, imported| {
            for conversation in &conversations {
                conversations::import(tx, conversation, &mut imported.created)?;
            }
            messages::import(tx, &messages, imported)
        })
    }

    /// Recounts the conversations that got messages, each once: their newest message, what is unread, who waits. Each
    /// item is a write of its own, which is queued when the iterator comes to it. When an import ends without this, the
    /// same one again does it.
    pub fn finish(self) -> impl Iterator<Item = Pending<()>> {
        let count = self.imported.lock().unwrap_or_else(PoisonError::into_inner).to_recount();
        (0..count.div_ceil(RECOUNTED)).map(move |_| self.write(|tx, imported| imported.recount(tx, RECOUNTED)))
    }

    fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Tx<'_>, &mut Imported) -> DbResult<T> + Send + 'static,
    ) -> Pending<T> {
        let imported = Arc::clone(&self.imported);
        self.store.write(move |tx| {
            // An import ends with its first error, so what a rolled back transaction has noted is not used.
            write(tx, &mut imported.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}
