//! Carries outbox rows to gateways: one courier an account, a few conversations at a time, order within each.
//!
//! Invariant: a request leaves only after its lease is durable, and a message whose fate is unknown is never
//! sent again without a person's word.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::http::{Fault, Http, retry_after};
use super::limits::Purpose;
use super::query::failure_of;
use crate::domain::{ConversationId, Failure, SessionState, Timestamp};
use crate::engine::accounts::registry::ConfiguredAccount;
use crate::engine::clock;
use crate::engine::notify::Notifier;
use crate::providers::{Outcome, Request, Response};
use crate::store::{AttemptOutcome, Lease, Store, StoreError};

/// Conversations of one account that are sent to at the same time.
const AT_ONCE: usize = 4;
/// The longest wait between tries of what was not processed.
const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// How long to wait before asking a store again that cannot write.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Carries one account's messages.
#[derive(Clone)]
pub struct Sender {
    /// Whose messages.
    pub member: Arc<ConfiguredAccount>,
    /// The record.
    pub store: Store,
    /// The way to the gateway.
    pub http: Http,
    /// Tells of new rows.
    pub wake: Notifier,
    /// Carry only this conversation's messages (`loket send` without an engine).
    pub only: Option<ConversationId>,
}

impl Sender {
    /// Works until `stop` becomes true; then finishes what is on its way and returns.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut wake = self.wake.watch();
        let mut on_the_way = JoinSet::new();
        while !*stop.borrow() {
            wake.borrow_and_update();
            let rest = self.dispatch(&mut on_the_way).await;
            tokio::select! {
                _ = stop.changed() => {}
                _ = wake.changed() => {}
                Some(_) = on_the_way.join_next() => {}
                () = sleep_until(rest) => {}
            }
        }
        while on_the_way.join_next().await.is_some() {}
    }

    /// Starts everything that may start now; says when to look again, if time alone will change anything.
    async fn dispatch(&self, on_the_way: &mut JoinSet<()>) -> Option<Timestamp> {
        while on_the_way.len() < AT_ONCE {
            let now = clock::now();
            let due = self.next_due().await?;
            if due > now {
                return Some(due);
            }
            if let Err(at) = self.member.take(Purpose::Send, now) {
                return Some(at);
            }
            match self.store.claim_due(self.member.name(), self.only, now).await {
                Ok(Some(claim)) => {
                    let courier = self.clone();
                    on_the_way.spawn(async move { courier.carry(claim).await });
                }
                // Every due row waits for an earlier one of its conversation: its end will wake us.
                Ok(None) => {
                    self.member.give_back(now);
                    return None;
                }
                Err(error) => {
                    self.member.give_back(now);
                    tracing::error!(account = %self.member.name(), %error, "the outbox cannot be read");
                    return Some(clock::now().plus(STORE_PAUSE));
                }
            }
        }
        None
    }

    async fn next_due(&self) -> Option<Timestamp> {
        let (store, name, only) = (self.store.clone(), self.member.name().clone(), self.only);
        match tokio::task::spawn_blocking(move || store.next_due(&name, only)).await {
            Ok(Ok(due)) => due,
            Ok(Err(error)) => {
                tracing::error!(account = %self.member.name(), %error, "the outbox cannot be read");
                Some(clock::now().plus(STORE_PAUSE))
            }
            Err(_) => None,
        }
    }

    /// One attempt, to its recorded end.
    async fn carry(&self, claim: Lease) {
        let settled = match self.member.provider.send_request(&self.member.profile_to_send(), &claim.outgoing) {
            Ok(request) => self.deliver(&claim, request).await,
            Err(_) => {
                AttemptOutcome::Refused { failure: Failure::new("not_carried", "the gateway has no such request") }
            }
        };
        tracing::info!(account = %self.member.name(), message = %claim.message, attempt = claim.attempt, outcome = word(&settled), "send");
        self.record(&claim, settled).await;
    }

    async fn deliver(&self, claim: &Lease, mut request: Request) -> AttemptOutcome {
        // A gateway may name another request for the same message once; a second time would be a loop.
        for _ in 0..2 {
            let now = clock::now();
            let response = match self.http.carry(&request).await {
                Ok(response) => response,
                Err(fault) => return self.settle_fault(claim, &fault).await,
            };
            let outcome = self.member.provider.read_send_response(&self.member.profile, &claim.outgoing, &response);
            match outcome {
                Outcome::Fallback(other) => request = *other,
                outcome => return self.settle_outcome(claim, outcome, &response, now).await,
            }
        }
        AttemptOutcome::Refused {
            failure: Failure::new("http_404", "the gateway knows neither request for this message"),
        }
    }

    async fn settle_fault(&self, claim: &Lease, fault: &Fault) -> AttemptOutcome {
        let failure = failure_of(fault);
        self.observe(SessionState::Unreachable, &failure.message).await;
        match fault {
            Fault::NotSent(_) => {
                AttemptOutcome::Later { failure, not_before: clock::now().plus(backoff(claim.attempt)) }
            }
            Fault::Timeout | Fault::Broken(_) => AttemptOutcome::Unsure { failure },
        }
    }

    async fn settle_outcome(
        &self,
        claim: &Lease,
        outcome: Outcome,
        response: &Response,
        now: Timestamp,
    ) -> AttemptOutcome {
        match outcome {
            Outcome::Accepted { remote_id } => {
                self.observe(SessionState::Unknown, "").await;
                AttemptOutcome::Accepted { remote_id }
            }
            Outcome::Later { failure, retry_after: asked } => {
                let wait = retry_after(response, now).or(asked).unwrap_or_else(|| backoff(claim.attempt));
                let not_before = clock::now().plus(wait);
                if response.status == 429 {
                    self.member.pause(not_before);
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

    /// Writes down what came of an attempt, however long the store takes to be able to.
    async fn record(&self, claim: &Lease, settled: AttemptOutcome) {
        loop {
            match self.store.finish_attempt(claim.message, claim.attempt, settled.clone(), clock::now()).await {
                Ok(_) | Err(StoreError::NotFound | StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(message = %claim.message, %error, "the outcome of a send cannot be written yet");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    async fn observe(&self, state: SessionState, detail: &str) {
        crate::engine::accounts::health::observe(&self.store, self.member.name(), state, detail).await;
    }
}

/// An outcome as the log names it.
fn word(settled: &AttemptOutcome) -> &'static str {
    match settled {
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
