//! Reads a gateway's address book page by page, and copies it into the local one.
//!
//! Invariant: nothing is deleted here (the gateways' documents name no deletion), and no page is asked for twice.

use crate::domain::{Contact, Failure};
use crate::engine::accounts::registry::ConfiguredAccount;
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::{QueryError, ask};
use crate::providers::{Query, QueryResponse};
use crate::store::{Store, StoreError};

/// Contacts on a page; the most that the documents allow (providers.md 2.4).
const PER_PAGE: u32 = 100;
/// More pages than this are no address book but a gateway that never says "that was all".
const PAGES: u32 = 20_000;

/// An address book was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The gateway did not answer.
    #[error(transparent)]
    Ask(#[from] QueryError),
    /// The local address book cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A gateway's address book, read from its beginning.
pub struct Book<'a> {
    http: &'a Http,
    member: &'a ConfiguredAccount,
    search: Option<String>,
    page: u32,
    total: Option<u64>,
    ended: bool,
}

impl<'a> Book<'a> {
    /// The address book of an account's gateway; `search` is the gateway's to understand.
    pub fn open(http: &'a Http, member: &'a ConfiguredAccount, search: Option<String>) -> Self {
        Book { http, member, search, page: 0, total: None, ended: false }
    }

    /// The next page's contacts; `None` after the last page.
    pub async fn next(&mut self) -> Result<Option<Vec<Contact>>, QueryError> {
        if self.ended || self.page >= PAGES {
            return Ok(None);
        }
        self.page += 1;
        let query = Query::Contacts { page: self.page, per_page: PER_PAGE, search: self.search.clone() };
        let QueryResponse::Contacts(mut page) = ask(self.http, self.member, &query).await?.answer else {
            return Err(QueryError::Failed(Failure::new("unreadable", "something else than contacts was answered")));
        };
        self.total = page.total.or(self.total);
        self.ended = !page.has_more || page.contacts.is_empty();
        for contact in &mut page.contacts {
            contact.account = Some(self.member.name().clone());
        }
        Ok(Some(page.contacts))
    }

    /// How many contacts there are in all, as far as the gateway has said.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

/// Copies the whole address book into `store`, telling `progress` after each page how many contacts were copied and
/// how many there are. Returns how many were copied.
pub async fn sync(
    http: &Http,
    member: &ConfiguredAccount,
    store: &Store,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<u64, BookError> {
    let mut book = Book::open(http, member, None);
    let mut synced = 0;
    while let Some(contacts) = book.next().await? {
        synced += contacts.len() as u64;
        store.upsert_contacts(member.name(), contacts).await?;
        progress(synced, book.total());
    }
    Ok(synced)
}
