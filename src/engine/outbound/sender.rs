//! Sends the messages of the outbox: one sender per account, a few conversations at a time, in order within each.
//!
//! Invariant: a request leaves only after its lease is durable, and a message that may have been sent is never sent
//! again unless a person asks for it.

use std::sync::Arc;
use std::time::Duration;

use super::http::{Http, HttpError, retry_after};
use super::limits::Purpose;
use super::query::failure_of;
use crate::domain::{ConversationId, Failure, SessionState, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::health;
use crate::engine::notifier::Notifier;
use crate::engine::{blocking, clock};
use crate::providers::{Outcome, Request, Response};
use crate::store::{AttemptOutcome, Lease, Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Conversations of one account that are sent to at the same time.
const CONCURRENT_MAX: usize = 4;
/// The longest pause between attempts of a message that was not processed.
const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// The pause before a store that failed is tried again.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Sends one account's messages.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) account: Arc<ConfiguredAccount>,
    pub(crate) store: Store,
    pub(crate) http: Http,
    /// Notifies of new rows in the outbox.
    pub(crate) notifier: Notifier,
    /// Send only this conversation's messages (`loket send` without an engine).
    pub(crate) only: Option<ConversationId>,
}

impl Sender {
    /// Works until `stop` becomes true; then finishes the attempts that have begun and returns.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.notifier.watch();
        let mut attempts = JoinSet::new();
        while !*stop.borrow() {
            changes.borrow_and_update();
            let next = self.start_due(&mut attempts).await;
            tokio::select! {
                _ = stop.changed() => {}
                _ = changes.changed() => {}
                Some(_) = attempts.join_next() => {}
                () = sleep_until(next) => {}
            }
        }
        while attempts.join_next().await.is_some() {}
    }

    /// Starts every attempt that may start now. Returns when to try again, if time alone will change anything.
    async fn start_due(&self, attempts: &mut JoinSet<()>) -> Option<Timestamp> {
        while attempts.len() < CONCURRENT_MAX {
            let now = clock::now();
            let due = self.next_due().await?;
            if due > now {
                return Some(due);
            }
            if let Err(at) = self.account.reserve(Purpose::Send, now) {
                return Some(at);
            }
            match self.store.claim_due(self.account.name(), self.only, now).await {
                Ok(Some(lease)) => {
                    let sender = self.clone();
                    attempts.spawn(async move { sender.attempt(lease).await });
                }
                // Every due row waits for an earlier one of its conversation: its end will wake us.
                Ok(None) => {
                    self.account.release(now);
                    return None;
                }
                Err(error) => {
                    self.account.release(now);
                    tracing::error!(account = %self.account.name(), %error, "the outbox cannot be read");
                    return Some(clock::now().plus(STORE_RETRY));
                }
            }
        }
        None
    }

    async fn next_due(&self) -> Option<Timestamp> {
        let (store, name, only) = (self.store.clone(), self.account.name().clone(), self.only);
        match blocking::read(move || store.next_due(&name, only)).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(account = %self.account.name(), %error, "the outbox cannot be read");
                Some(clock::now().plus(STORE_RETRY))
            }
        }
    }

    /// Makes one attempt and records its outcome.
    async fn attempt(&self, lease: Lease) {
        let outcome = match self.account.provider.send_request(&self.account.current_profile(), &lease.outgoing) {
            Ok(request) => self.send(&lease, request).await,
            Err(_) => {
                AttemptOutcome::Refused { failure: Failure::new("not_carried", "the gateway has no such request") }
            }
        };
        tracing::info!(account = %self.account.name(), message = %lease.message, attempt = lease.attempt, outcome = word(&outcome), "send");
        self.record(&lease, outcome).await;
    }

    async fn send(&self, lease: &Lease, mut request: Request) -> AttemptOutcome {
        // A gateway may name another request for the same message once; a second time would be a loop.
        for _ in 0..2 {
            let now = clock::now();
            let response = match self.http.send(&request).await {
                Ok(response) => response,
                Err(error) => return self.without_response(lease, &error).await,
            };
            match self.account.provider.read_send_response(&self.account.profile, &lease.outgoing, &response) {
                Outcome::Fallback(other) => request = *other,
                outcome => return self.with_response(lease, outcome, &response, now).await,
            }
        }
        AttemptOutcome::Refused {
            failure: Failure::new("http_404", "the gateway knows neither request for this message"),
        }
    }

    async fn without_response(&self, lease: &Lease, error: &HttpError) -> AttemptOutcome {
        let failure = failure_of(error);
        self.observe(SessionState::Unreachable, &failure.message).await;
        match error {
            HttpError::NotSent(_) => {
                AttemptOutcome::Later { failure, not_before: clock::now().plus(backoff(lease.attempt)) }
            }
            HttpError::Timeout | HttpError::Interrupted(_) => AttemptOutcome::Unsure { failure },
        }
    }

    async fn with_response(
        &self,
        lease: &Lease,
        outcome: Outcome,
        response: &Response,
        now: Timestamp,
    ) -> AttemptOutcome {
        match outcome {
            Outcome::Accepted { remote_id } => {
                self.observe(SessionState::Unknown, "").await;
                AttemptOutcome::Accepted { remote_id }
            }
            Outcome::Later { failure, retry_after: requested } => {
                let wait = retry_after(response, now).or(requested).unwrap_or_else(|| backoff(lease.attempt));
                let not_before = clock::now().plus(wait);
                if response.status == 429 {
                    self.account.pause(not_before);
                    self.observe(SessionState::RateLimited, &failure.message).await;
                }
                AttemptOutcome::Later { failure, not_before }
            }
            Outcome::Refused { failure } => {
                if matches!(response.status, 401 | 403) {
                    self.observe(SessionState::KeyRefused, &failure.message).await;
                }
                AttemptOutcome::Refused { failure }
            }
            Outcome::Unsure { failure } => AttemptOutcome::Unsure { failure },
            Outcome::Fallback(_) => AttemptOutcome::Refused { failure: Failure::new("http_404", "") },
        }
    }

    /// Records the outcome of an attempt, however long the store cannot write.
    async fn record(&self, lease: &Lease, outcome: AttemptOutcome) {
        loop {
            match self.store.finish_attempt(lease.message, lease.attempt, outcome.clone(), clock::now()).await {
                Ok(_) | Err(StoreError::NotFound | StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(message = %lease.message, %error, "the outcome of a send cannot be written yet");
                    tokio::time::sleep(STORE_RETRY).await;
                }
            }
        }
    }

    async fn observe(&self, state: SessionState, detail: &str) {
        health::observe(&self.store, self.account.name(), state, detail).await;
    }
}

/// The word of an outcome in the log.
fn word(outcome: &AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Accepted { .. } => "accepted",
        AttemptOutcome::Later { .. } => "later",
        AttemptOutcome::Refused { .. } => "refused",
        AttemptOutcome::Unsure { .. } => "unsure",
    }
}

async fn sleep_until(at: Option<Timestamp>) {
    match at {
        Some(at) => tokio::time::sleep(at.since(clock::now()).max(Duration::from_millis(1))).await,
        None => std::future::pending().await,
    }
}

/// 2, 4, 8 … seconds.
fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(attempt.clamp(1, 20))).min(BACKOFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let seconds: Vec<_> = [1, 2, 3, 8, 9, 4_000_000_000].map(|n| backoff(n).as_secs()).to_vec();
        assert_eq!(seconds, [2, 4, 8, 256, 300, 300]);
    }
}
