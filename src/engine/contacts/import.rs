//! Adds a CRM's contacts to a gateway's address book, row by row, so that an interrupted run goes on where it was.
//!
//! Invariant: a row that the gateway has answered is never requested again, and nothing is sent for a row without a
//! phone number. The outcome of a row is durable before the next one is requested.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::csv::Row;
use crate::domain::{Contact, Failure, QueryError, Remedy};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::query;
use crate::providers::{Query, QueryResponse};
use crate::store::{Store, StoreError};

/// Pauses before a request is repeated that failed on the connection or the gateway's own trouble. Repeating it is
/// harmless: the gateway reports a contact that it has already.
const RETRY_AFTER: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// After so many consecutive rows that the gateway could not process, the import stops: it is the gateway's trouble, not
/// the rows'.
const FAILURES_MAX: u32 = 3;

/// The outcome of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// A request was about to leave; its outcome is not known.
    Requested,
    Created,
    Skipped,
    Failed(Failure),
}

/// The outcome of a whole file. Serialises to the contract's object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ImportSummary {
    /// Contacts that are new at the gateway.
    pub created: u64,
    /// Rows without a number, and contacts that were there already.
    pub skipped: u64,
    /// Rows that cannot be contacts.
    pub failed: Vec<FailedRow>,
    /// Rows without an outcome; only when the import was interrupted.
    #[serde(skip_serializing_if = "is_zero")]
    pub remaining: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A row that cannot be a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FailedRow {
    /// The data row, from 1.
    pub row: u64,
    /// Why, as a code: the gateway's, or our own for what was not sent.
    pub code: String,
    /// Why, in words (foreign text).
    pub message: String,
}

/// An import of a file into the address book of an account's gateway.
pub(crate) struct ContactImport {
    http: Http,
    account: Arc<ConfiguredAccount>,
    store: Store,
    fingerprint: String,
    rows: Arc<[Row]>,
    known: BTreeMap<u64, Outcome>,
    failures: u32,
}

impl ContactImport {
    /// An import of `rows`, which were read from `file`; outcomes of an earlier run of the same file are known.
    pub(crate) fn new(
        http: Http,
        account: Arc<ConfiguredAccount>,
        store: Store,
        file: &[u8],
        rows: Vec<Row>,
    ) -> Result<Self, StoreError> {
        let fingerprint = hex::encode(Sha256::digest(file));
        let recorded = store.import_progress(account.name(), &fingerprint)?;
        let known = recorded.into_iter().filter_map(|(row, word)| Some((row, Outcome::from_word(&word)?))).collect();
        Ok(ContactImport { http, account, store, fingerprint, rows: rows.into(), known, failures: 0 })
    }

    /// How many rows have an outcome from earlier runs.
    pub(crate) fn done_before(&self) -> usize {
        self.known.values().filter(|outcome| **outcome != Outcome::Requested).count()
    }

    /// Requests the rows that are left; after each `progress` is given the outcome so far. A finished import is
    /// forgotten, so that the same file can be imported anew. After an error it goes on when it is run again.
    pub(crate) async fn run(&mut self, mut progress: impl FnMut(&ImportSummary)) -> Result<(), QueryError> {
        let rows = Arc::clone(&self.rows);
        for (number, row) in (1_u64..).zip(&*rows) {
            let Row::Contact(contact) = row else { continue };
            if self.known.get(&number).is_none_or(|outcome| *outcome == Outcome::Requested) {
                let outcome = self.create(number, contact).await?;
                self.record(number, outcome).await?;
                progress(&self.summary());
            }
        }
        self.store.forget_import(self.account.name(), &self.fingerprint).await?;
        Ok(())
    }

    /// The outcome of the file so far.
    pub(crate) fn summary(&self) -> ImportSummary {
        let mut summary = ImportSummary::default();
        for (number, row) in (1_u64..).zip(&*self.rows) {
            match (row, self.known.get(&number)) {
                (Row::Empty, _) | (_, Some(Outcome::Skipped)) => summary.skipped += 1,
                (Row::Invalid(failure), _) | (_, Some(Outcome::Failed(failure))) => summary.failed.push(FailedRow {
                    row: number,
                    code: failure.code.clone(),
                    message: failure.message.clone(),
                }),
                (_, Some(Outcome::Created)) => summary.created += 1,
                (_, None | Some(Outcome::Requested)) => summary.remaining += 1,
            }
        }
        summary
    }

    async fn record(&mut self, row: u64, outcome: Outcome) -> Result<(), StoreError> {
        self.store.record_import(self.account.name(), &self.fingerprint, row, &outcome.to_word()).await?;
        self.known.insert(row, outcome);
        Ok(())
    }

    async fn create(&mut self, row: u64, contact: &Contact) -> Result<Outcome, QueryError> {
        let mut requested_before = self.known.contains_key(&row);
        if !requested_before {
            self.record(row, Outcome::Requested).await?;
        }
        let request = Query::CreateContact(Box::new(contact.clone()));
        let mut pauses = RETRY_AFTER.into_iter();
        loop {
            let failure = match query(&self.http, Some(&self.store), &self.account, &request).await {
                Ok(reply) => {
                    self.failures = 0;
                    return Ok(self.created(reply.response, contact, requested_before).await?);
                }
                Err(QueryError::Failed(failure)) => failure,
                Err(error) => return Err(error),
            };
            match self.cause(&failure) {
                Cause::Row => {
                    self.failures = 0;
                    return Ok(Outcome::Failed(failure));
                }
                Cause::Account => return Err(QueryError::Failed(failure)),
                Cause::Gateway => requested_before = true,
            }
            if let Some(pause) = pauses.next() {
                tokio::time::sleep(pause).await;
            } else {
                self.failures += 1;
                // Without a connection no other row will fare better.
                let connected = failure.code.starts_with("http_5");
                let stop = !connected || self.failures >= FAILURES_MAX;
                return if stop { Err(QueryError::Failed(failure)) } else { Ok(Outcome::Failed(failure)) };
            }
        }
    }

    /// "Already there" in response to a request that may have been processed before means that it was.
    async fn created(
        &self,
        response: QueryResponse,
        contact: &Contact,
        requested_before: bool,
    ) -> Result<Outcome, StoreError> {
        let created = match response {
            QueryResponse::Created(created) => *created,
            QueryResponse::Exists if requested_before => contact.clone(),
            QueryResponse::Exists => return Ok(Outcome::Skipped),
            _ => {
                let failure = Failure::new("unreadable", "the response belongs to another query");
                return Ok(Outcome::Failed(failure));
            }
        };
        let created = Contact { account: Some(self.account.name().clone()), ..created };
        self.store.upsert_contacts(self.account.name(), vec![created]).await?;
        Ok(Outcome::Created)
    }

    fn cause(&self, failure: &Failure) -> Cause {
        if failure.code.starts_with("http_5") {
            return Cause::Gateway;
        }
        match failure.code.as_str() {
            "timeout" | "interrupted" | "http_408" | "unreachable" => Cause::Gateway,
            code => match self.account.provider.remedy(code) {
                Remedy::RenewKey | Remedy::AskAdministrator | Remedy::WaitsAndRetries => Cause::Account,
                _ => Cause::Row,
            },
        }
    }
}

/// What a failure is due to.
enum Cause {
    /// This row; the others may fare better.
    Row,
    /// The key, the plan, the rate: every row would fail.
    Account,
    /// The connection, or the gateway's own trouble; it may pass.
    Gateway,
}

impl Outcome {
    /// As stored. Existing databases hold these words, so they stay whatever the variants are called.
    fn to_word(&self) -> String {
        match self {
            Outcome::Requested => "asked".to_owned(),
            Outcome::Created => "created".to_owned(),
            Outcome::Skipped => "skipped".to_owned(),
            Outcome::Failed(failure) => serde_json::to_string(failure).unwrap_or_default(),
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "asked" => Some(Outcome::Requested),
            "created" => Some(Outcome::Created),
            "skipped" => Some(Outcome::Skipped),
            _ => serde_json::from_str(word).ok().map(Outcome::Failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_of_a_row_survives_a_restart() {
        let failed = Outcome::Failed(Failure::new("X", "a \"word\""));
        for outcome in [Outcome::Requested, Outcome::Created, Outcome::Skipped, failed] {
            assert_eq!(Outcome::from_word(&outcome.to_word()), Some(outcome));
        }
        assert_eq!(Outcome::from_word("later"), None);
    }

    #[test]
    fn a_finished_summary_is_the_contracts_object() {
        let failed = vec![FailedRow { row: 3, code: "C".into(), message: "m".into() }];
        let summary = ImportSummary { created: 1, skipped: 2, failed, remaining: 0 };
        let text = serde_json::to_string(&summary).unwrap();
        assert_eq!(text, r#"{"created":1,"skipped":2,"failed":[{"row":3,"code":"C","message":"m"}]}"#);
    }
}
