//! Copies of the whole store, export and import of all messages.

use std::path::Path;

use super::Client;
use crate::domain::StoreError;
use crate::engine::accounts::validate::validate;
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

    /// Stores the window rules of the configured accounts in their conversations, after an import.
    pub(crate) fn store_window_rules(&self) -> Result<(), StoreError> {
        for settings in &self.settings().accounts {
            // An account whose settings do not fit has no rule.
            if let Ok(valid) = validate(settings) {
                self.store().set_window_rule(&settings.name, valid.window).wait()?;
            }
        }
        Ok(())
    }

    /// An import of the lines of a file, which were counted before.
    pub fn import(&self, counts: LineCounts) -> Import {
        Import::new(self.store(), counts)
    }
}
