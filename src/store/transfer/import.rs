//! An import: many messages in few transactions.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::conversations::{self, ExportedConversation};
use super::export::ExportedMessage;
use super::messages::{self, ImportCounts};
use crate::domain::ConversationId;
use crate::store::database::{Pending, Store};

/// Writes an import into the store: pass a few thousand messages at a time, in the order of their ids, each
/// conversation with the first of its messages.
#[derive(Debug)]
pub struct Importer {
    store: Store,
    created: Created,
}

/// The conversations that this import has created: every message in them is one of its own, so none is looked for.
type Created = Arc<Mutex<HashSet<ConversationId>>>;

/// Memory for pages, and pages in the log before they are moved to the file, while much is written: with the usual
/// ones most of the time goes into reading and writing the same pages of indexes again and again.
const BULK: &str = "PRAGMA cache_size = -128000; PRAGMA wal_autocheckpoint = 16000";

impl Store {
    /// Begins an import. The writer of this process works with more memory from here on.
    pub fn importer(&self) -> Importer {
        drop(self.write(|tx| Ok(tx.conn.execute_batch(BULK)?)));
        Importer { store: self.clone(), created: Created::default() }
    }
}

impl Importer {
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
        let created = Arc::clone(&self.created);
        self.store.write(move |tx| {
            // An import ends with its first error, so what a rolled back transaction has created is not asked for.
            let mut created = created.lock().unwrap_or_else(PoisonError::into_inner);
            for conversation in &conversations {
                conversations::import(tx, conversation, &mut created)?;
            }
            messages::import(tx, &messages, &mut created)
        })
    }
}
