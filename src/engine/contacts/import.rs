//! Adds a CRM's contacts to a gateway's address book, row by row, so that an interrupted run goes on where it was.
//!
//! Invariant: a row that the gateway has answered is never asked again, and nothing is sent for a row that holds no
//! phone number. What came of a row is durable before the next one is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::csv::Row;
use crate::domain::{Contact, Failure, Remedy};
use crate::engine::accounts::registry::ConfiguredAccount;
use crate::engine::clock;
use crate::engine::outbound::http::Http;
use crate::engine::outbound::limits::window_start;
use crate::engine::outbound::query::{QueryError, ask};
use crate::providers::{Query, QueryResponse};
use crate::store::{Store, StoreError};

/// Before a row is asked again whose request may have met a passing fault. Asking again is harmless: a contact that
/// is there already is answered as such.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// So many rows in a row that the gateway could not process are the gateway's trouble, not the rows'.
const FAULTS_MAX: u32 = 3;

/// What came of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// A request was about to leave; nobody knows yet what came of it.
    GatewayRequest,
    Created,
    Skipped,
    Failed(Failure),
}

/// What came of a whole file. Serialises to the contract's object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Contacts that are new at the gateway.
    pub created: u64,
    /// Rows without a number, and contacts that were there already.
    pub skipped: u64,
    /// Rows that cannot be contacts.
    pub failed: Vec<FailedRow>,
    /// Rows not asked yet; only when the import was interrupted.
    #[serde(skip_serializing_if = "is_zero")]
    pub remaining: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A row that cannot be a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedRow {
    /// The data row, from 1.
    pub row: u64,
    /// Why, as a code: the gateway's, or our own for what was not sent.
    pub code: String,
    /// Why, in words (foreign text).
    pub message: String,
}

/// Why an import stopped before its end. It goes on when it is run again.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The gateway cannot be reached, refuses the key or asks to stop.
    #[error("{}: {}", .0.code, .0.message)]
    Gateway(Failure),
    /// The gateway has no request for it.
    #[error("the gateway has no such request")]
    Unsupported,
    /// The local store cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An import of a file into an account's address book.
pub struct Import<'a> {
    http: &'a Http,
    member: &'a ConfiguredAccount,
    store: &'a Store,
    fingerprint: String,
    rows: &'a [Row],
    known: BTreeMap<u64, Outcome>,
    faults: u32,
}

impl<'a> Import<'a> {
    /// An import of `rows`, which were read from `file`; what an earlier run of the same file did is known.
    pub fn of(
        http: &'a Http,
        member: &'a ConfiguredAccount,
        store: &'a Store,
        file: &[u8],
        rows: &'a [Row],
    ) -> Result<Self, StoreError> {
        let fingerprint = hex::encode(Sha256::digest(file));
        let noted = store.import_progress(member.name(), &fingerprint)?;
        let known = noted.into_iter().filter_map(|(row, word)| Some((row, Outcome::from_word(&word)?))).collect();
        // Requests of an earlier run, and sends beside it, count in the account's budget.
        member.remember(store.attempts_since(member.name(), window_start(clock::now()))?);
        Ok(Import { http, member, store, fingerprint, rows, known, faults: 0 })
    }

    /// How many rows earlier runs have had answered.
    pub fn done_before(&self) -> usize {
        self.known.values().filter(|outcome| **outcome != Outcome::GatewayRequest).count()
    }

    /// Asks the rows that are left, telling `progress` after each what came of the file so far. A finished import is
    /// forgotten, so that the same file can be imported anew.
    pub async fn run(&mut self, mut progress: impl FnMut(&Tally)) -> Result<(), Stopped> {
        let rows = self.rows;
        for (number, row) in (1_u64..).zip(rows) {
            let Row::Contact(contact) = row else { continue };
            if self.known.get(&number).is_none_or(|outcome| *outcome == Outcome::GatewayRequest) {
                let outcome = self.add(number, contact).await?;
                self.note(number, outcome).await?;
                progress(&self.tally());
            }
        }
        self.store.forget_import(self.member.name(), &self.fingerprint).await?;
        Ok(())
    }

    /// What came of the file so far.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (number, row) in (1_u64..).zip(self.rows) {
            match (row, self.known.get(&number)) {
                (Row::Empty, _) | (_, Some(Outcome::Skipped)) => tally.skipped += 1,
                (Row::Wrong(failure), _) | (_, Some(Outcome::Failed(failure))) => tally.failed.push(FailedRow {
                    row: number,
                    code: failure.code.clone(),
                    message: failure.message.clone(),
                }),
                (_, Some(Outcome::Created)) => tally.created += 1,
                (_, None | Some(Outcome::GatewayRequest)) => tally.remaining += 1,
            }
        }
        tally
    }

    async fn note(&mut self, row: u64, outcome: Outcome) -> Result<(), StoreError> {
        self.store.record_import(self.member.name(), &self.fingerprint, row, &outcome.word()).await?;
        self.known.insert(row, outcome);
        Ok(())
    }

    async fn add(&mut self, row: u64, contact: &Contact) -> Result<Outcome, Stopped> {
        let mut asked_before = self.known.contains_key(&row);
        if !asked_before {
            self.note(row, Outcome::GatewayRequest).await?;
        }
        let query = Query::CreateContact(Box::new(contact.clone()));
        let mut pauses = AGAIN_AFTER.into_iter();
        loop {
            let failure = match ask(self.http, self.member, &query).await {
                Ok(told) => {
                    self.faults = 0;
                    return self.answered(told.answer, contact, asked_before).await;
                }
                Err(QueryError::Unsupported) => return Err(Stopped::Unsupported),
                Err(QueryError::Failed(failure)) => failure,
            };
            match self.nature(&failure) {
                Nature::OfTheRow => {
                    self.faults = 0;
                    return Ok(Outcome::Failed(failure));
                }
                Nature::OfTheAccount => return Err(Stopped::Gateway(failure)),
                Nature::Passing => asked_before = true,
            }
            if let Some(pause) = pauses.next() {
                tokio::time::sleep(pause).await;
            } else {
                self.faults += 1;
                // Without a connection no other row will fare better.
                let answered = failure.code.starts_with("http_5");
                let stop = !answered || self.faults >= FAULTS_MAX;
                return if stop { Err(Stopped::Gateway(failure)) } else { Ok(Outcome::Failed(failure)) };
            }
        }
    }

    /// "Already there" to a request that may have been processed before means that it was.
    async fn answered(&self, answer: QueryResponse, contact: &Contact, asked_before: bool) -> Result<Outcome, Stopped> {
        match answer {
            QueryResponse::Created(kept) => {
                let kept = Contact { account: Some(self.member.name().clone()), ..*kept };
                self.store.upsert_contacts(self.member.name(), vec![kept]).await?;
                Ok(Outcome::Created)
            }
            QueryResponse::Exists if asked_before => {
                let ours = Contact { account: Some(self.member.name().clone()), ..contact.clone() };
                self.store.upsert_contacts(self.member.name(), vec![ours]).await?;
                Ok(Outcome::Created)
            }
            QueryResponse::Exists => Ok(Outcome::Skipped),
            _ => Ok(Outcome::Failed(Failure::new("unreadable", "something else than was asked was answered"))),
        }
    }

    fn nature(&self, failure: &Failure) -> Nature {
        if failure.code.starts_with("http_5") || matches!(failure.code.as_str(), "timeout" | "interrupted" | "http_408")
        {
            return Nature::Passing;
        }
        match self.member.provider.remedy(&failure.code) {
            _ if failure.code == "unreachable" => Nature::Passing,
            Remedy::RenewKey | Remedy::AskAdministrator | Remedy::WaitsAndRetries => Nature::OfTheAccount,
            _ => Nature::OfTheRow,
        }
    }
}

/// What a failure is about.
enum Nature {
    /// This row; the others may fare better.
    OfTheRow,
    /// The key, the plan, the pace: every row would fail.
    OfTheAccount,
    /// The connection, or the gateway's own trouble.
    Passing,
}

impl Outcome {
    fn word(&self) -> String {
        match self {
            Outcome::GatewayRequest => "asked".to_owned(),
            Outcome::Created => "created".to_owned(),
            Outcome::Skipped => "skipped".to_owned(),
            Outcome::Failed(failure) => serde_json::to_string(failure).unwrap_or_default(),
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "asked" => Some(Outcome::GatewayRequest),
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
    fn what_came_of_a_row_survives_a_restart() {
        let failed = Outcome::Failed(Failure::new("X", "a \"word\""));
        for outcome in [Outcome::GatewayRequest, Outcome::Created, Outcome::Skipped, failed] {
            assert_eq!(Outcome::from_word(&outcome.word()), Some(outcome));
        }
        assert_eq!(Outcome::from_word("later"), None);
    }

    #[test]
    fn a_finished_tally_is_the_contracts_object() {
        let failed = vec![FailedRow { row: 3, code: "C".into(), message: "m".into() }];
        let tally = Tally { created: 1, skipped: 2, failed, remaining: 0 };
        let text = serde_json::to_string(&tally).unwrap();
        assert_eq!(text, r#"{"created":1,"skipped":2,"failed":[{"row":3,"code":"C","message":"m"}]}"#);
    }
}
