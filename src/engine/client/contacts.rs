//! Address books: the gateway's, and the local copy.

use super::Client;
use crate::domain::{AccountError, AccountName, Contact, QueryError, StoreError};
use crate::engine::contacts::csv::Row;
use crate::engine::contacts::import::ContactImport;
use crate::engine::contacts::sync::{self, ContactPages};
use crate::engine::outbound::query::unexpected_response;
use crate::providers::{Query, QueryResponse};
use crate::store::contact_key;

/// Contacts read from the store at a time.
const PAGE: usize = 500;

impl Client {
    /// People of an account's local address book whose name, number or e-mail contains a text.
    pub(crate) fn find_contacts(
        &self,
        account: &AccountName,
        text: &str,
        limit: usize,
    ) -> Result<Vec<Contact>, StoreError> {
        self.store().contacts(account, Some(&self.search_text(text)), limit, None)
    }

    /// People of the local address books of every configured account whose name, number or e-mail contains a text; of
    /// each at most `limit`.
    pub(crate) fn find_people(&self, text: &str, limit: usize) -> Result<Vec<Contact>, StoreError> {
        let mut found = Vec::new();
        for account in &self.settings().accounts {
            found.extend(self.find_contacts(&account.name, text, limit)?);
        }
        Ok(found)
    }

    /// An account's whole local address book, by name.
    pub(crate) fn local_contacts(&self, account: &AccountName) -> Result<Vec<Contact>, StoreError> {
        let mut contacts: Vec<Contact> = Vec::new();
        loop {
            let page = self.store().contacts(account, None, PAGE, contacts.last().map(contact_key))?;
            let last = page.len() < PAGE;
            contacts.extend(page);
            if last {
                return Ok(contacts);
            }
        }
    }

    /// The address book of an account's gateway, page by page; `search` is the gateway's to understand.
    pub(crate) fn contact_pages(
        &self,
        account: &AccountName,
        search: Option<String>,
    ) -> Result<ContactPages, AccountError> {
        Ok(ContactPages::new(self.http().clone(), self.store().clone(), self.registry().get(account)?, search))
    }

    /// Copies the gateway's address book into the local one. After each page `progress` is given how many contacts were
    /// copied and how many there are. Returns how many were copied.
    pub(crate) async fn sync_contacts(
        &self,
        account: &AccountName,
        progress: impl FnMut(u64, Option<u64>),
    ) -> Result<u64, QueryError> {
        sync::sync(self.contact_pages(account, None)?, account, self.store(), progress).await
    }

    /// Adds a contact to the gateway's address book and the local one. Returns it as the gateway stores it; `None` when
    /// the gateway has one with this number already.
    pub async fn create_contact(&self, account: &AccountName, contact: Contact) -> Result<Option<Contact>, QueryError> {
        match self.query(account, &Query::CreateContact(Box::new(contact))).await? {
            QueryResponse::Created(contact) => {
                let contact = Contact { account: Some(account.clone()), ..*contact };
                self.store().upsert_contacts(account, vec![contact.clone()]).await?;
                Ok(Some(contact))
            }
            QueryResponse::Exists => Ok(None),
            _ => Err(unexpected_response()),
        }
    }

    /// Adds somebody to the local address book of the contact's account. Returns the name by which the number was there.
    pub(crate) async fn save_contact(&self, contact: Contact) -> Result<Option<String>, StoreError> {
        let account = contact.account.clone().ok_or(StoreError::NotFound)?;
        self.store().add_contact(&account, contact).await
    }

    /// Prepares an import of `rows`, which were read from `file`, into the gateway's address book.
    pub(crate) fn import_contacts(
        &self,
        account: &AccountName,
        file: &[u8],
        rows: Vec<Row>,
    ) -> Result<ContactImport, QueryError> {
        let configured = self.registry().get(account)?;
        Ok(ContactImport::new(self.http().clone(), configured, self.store().clone(), file, rows)?)
    }
}
