//! Checks for `loket doctor`.

use std::path::Path;

use super::Client;
use crate::config::{AccountSettings, ConfigError};
use crate::domain::{AccountName, StoreError};
use crate::engine::accounts::validate::validate;
use crate::engine::inbound::interpret;
use crate::providers::Manifest;

/// The gateway of an account whose settings fit it. Resolves no secret.
pub(crate) fn validate_account(settings: &AccountSettings) -> Result<&'static Manifest, ConfigError> {
    validate(settings).map(|valid| valid.provider.manifest())
}

impl Client {
    /// The file of the store's database.
    pub(crate) fn store_path(&self) -> &Path {
        self.store().path()
    }

    /// What is damaged in the store; empty when it is intact. Reads all of it.
    pub(crate) fn check_store(&self) -> Result<Vec<String>, StoreError> {
        self.store().check()
    }

    /// Whether the store can be written.
    pub(crate) fn check_write(&self) -> Result<(), StoreError> {
        self.store().flush().wait()
    }

    /// The number of stored events that wait to be interpreted, and of those that were not understood; each up to
    /// `limit`.
    pub(crate) fn count_events(&self, limit: usize) -> Result<(usize, usize), StoreError> {
        self.store().count_events(limit)
    }

    /// Sets everything that was not understood to be read again by the engine; returns how many events.
    pub(crate) async fn read_again(&self) -> Result<usize, StoreError> {
        interpret::read_again(self.store()).await
    }

    /// The accounts and names of stored events that were not understood, newest first (foreign text).
    pub(crate) fn unknown_events(&self, limit: usize) -> Result<Vec<(AccountName, String)>, StoreError> {
        let events = self.store().unknown_events(limit)?;
        Ok(events.into_iter().map(|(_, account, event)| (account, event)).collect())
    }
}
