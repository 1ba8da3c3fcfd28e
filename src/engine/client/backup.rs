//! Copies of the whole store, export and import of all messages.

use std::path::Path;

use super::Client;
use crate::domain::StoreError;
use crate::engine::backup::{Export, Import, LineCounts};
use crate::store::BackupSummary;

impl Client {
    /// Copies the whole store to a new file, while it is in use. Blocks.
    pub(crate) fn backup(&self, file: &Path) -> Result<BackupSummary, StoreError> {
        self.store().backup(file)
    }

    /// Every message with the facts of its conversation, oldest first.
    pub fn export(&self) -> Export<'_> {
        Export::new(self.store())
    }

    /// An import of the lines of a file, which were counted before.
    pub fn import(&self, counts: LineCounts) -> Import {
        Import::new(self.store(), counts)
    }
}
