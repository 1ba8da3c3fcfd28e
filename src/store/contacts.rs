//! Contacts.
use super::db::Store;
use super::error::StoreError;
use super::writer::Pending;
use crate::domain::{AccountName, Contact, Timestamp};

impl Store {
    /// Adds or updates contacts of an account.
    pub fn upsert_contacts(&self, _account: &AccountName, _contacts: Vec<Contact>, _now: Timestamp) -> Pending<usize> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// A page of an account's contacts.
    pub fn contacts(
        &self,
        _account: &AccountName,
        _search: Option<&str>,
        _limit: usize,
        _after: Option<String>,
    ) -> Result<Vec<Contact>, StoreError> {
        self.read(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// Rows of an import that are done.
    pub fn import_progress(&self, _account: &AccountName, _import: &str) -> Result<Vec<(u64, String)>, StoreError> {
        self.read(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// Notes that a row of an import is done.
    pub fn record_import(&self, _account: &AccountName, _import: &str, _row: u64, _outcome: &str) -> Pending<()> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }
}
