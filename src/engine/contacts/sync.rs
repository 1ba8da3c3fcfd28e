//! Reads a gateway's address book page by page, and copies it into the local one.
//!
//! Invariant: nothing is deleted here (the gateways' documents name no deletion), and no page is read twice.

use crate::domain::{AccountName, Contact, QueryError};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::{query, unexpected_response};
use crate::providers::{Query, QueryResponse};
use crate::store::Store;
use std::sync::Arc;

/// Contacts on a page; the most that the documents allow (providers.md 2.4).
const PER_PAGE: u32 = 100;
/// The most pages that are read, for a gateway whose answers never end.
const PAGES: u32 = 20_000;

/// A gateway's address book, read from its beginning.
pub(crate) struct ContactPages {
    http: Http,
    store: Store,
    account: Arc<ConfiguredAccount>,
    search: Option<String>,
    page: u32,
    total: Option<u64>,
    ended: bool,
}

impl ContactPages {
    /// The pages of an account's contacts that match `search`, from the first; sends no request yet.
    pub(crate) fn new(http: Http, store: Store, account: Arc<ConfiguredAccount>, search: Option<String>) -> Self {
        ContactPages { http, store, account, search, page: 0, total: None, ended: false }
    }

    /// The next page's contacts; `None` after the last page.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Contact>>, QueryError> {
        if self.ended || self.page >= PAGES {
            return Ok(None);
        }
        self.page += 1;
        let request = Query::Contacts { page: self.page, per_page: PER_PAGE, search: self.search.clone() };
        let QueryResponse::Contacts(mut page) =
            query(&self.http, Some(&self.store), &self.account, &request).await?.response
        else {
            return Err(unexpected_response());
        };
        self.total = page.total.or(self.total);
        self.ended = !page.has_more || page.contacts.is_empty();
        for contact in &mut page.contacts {
            contact.account = Some(self.account.name().clone());
        }
        Ok(Some(page.contacts))
    }
}

/// Copies an address book from its beginning into `store`. After each page `progress` is given how many contacts were
/// copied and how many there are, as far as the gateway reports it. Returns how many were copied.
pub(crate) async fn sync(
    mut pages: ContactPages,
    account: &AccountName,
    store: &Store,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<u64, QueryError> {
    let mut synced = 0;
    while let Some(contacts) = pages.next().await? {
        synced += contacts.len() as u64;
        store.upsert_contacts(account, contacts).await?;
        progress(synced, pages.total);
    }
    Ok(synced)
}
