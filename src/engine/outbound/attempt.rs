//! One attempt to send a message: the request, what the gateway's answer means, and recording it.
//!
//! Invariant: what was not processed (no connection, 401, 429) goes back into the queue and waits there for the account;
//! what may have been processed is unsure.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::file_link;
use super::gate::{Gate, REFUSED_MAX, UNREACHABLE_MAX};
use super::http::{Http, HttpError};
use super::query::failure_of;
use super::retry_after::retry_after;
use crate::domain::{Failure, FileBytes, Objection, Remedy, SessionState};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::health;
use crate::engine::client::Client;
use crate::engine::{blocking, clock};
use crate::providers::{Outcome, Request, Response};
use crate::store::{AttemptOutcome, Lease, Purpose, Reservation, Store, StoreError};
use tokio::time::Instant;

/// The longest pause that we choose ourselves when a gateway asks to slow down and does not say for how long.
const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// The pause before a store that failed is tried again.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// An attempt that begins now.
pub(super) struct Attempt {
    pub(super) account: Arc<ConfiguredAccount>,
    pub(super) store: Store,
    pub(super) http: Http,
    pub(super) gate: Arc<Mutex<Gate>>,
    pub(super) lease: Lease,
    /// Who serves files that gateways fetch; `None` where nobody does.
    pub(super) links: Option<Client>,
}

impl Attempt {
    /// Makes the attempt and records its outcome.
    pub(super) async fn run(self) {
        let outcome = match self.request().await {
            Ok(request) => self.send(request).await,
            Err(failure) => AttemptOutcome::Withheld { failure },
        };
        let Lease { message, attempt, .. } = &self.lease;
        tracing::info!(account = %self.account.name(), %message, attempt, outcome = word(&outcome), "send");
        record(&self.store, &self.lease, outcome).await;
    }

    /// The request, unless the message may no longer be sent without a person's word.
    async fn request(&self) -> Result<Request, Failure> {
        let (store, conversation) = (self.store.clone(), self.lease.conversation);
        let read = blocking::read(move || store.last_customer_message(conversation)).await;
        // A store that cannot be read proves nothing about the window, which was open when the message was queued.
        if let (Ok(last), false) = (read, self.lease.anyway) {
            let until = self.account.capabilities.window.until(last);
            let allowed = self.account.capabilities.allows(&self.lease.outgoing, until, clock::now());
            if let Err(Objection::WindowClosed { .. }) = allowed {
                return Err(Failure::new("window_closed", ""));
            }
        }
        let profile = self.account.current_profile();
        let mut outgoing = self.lease.outgoing.clone();
        if let Some(link) = outgoing.content.link_mut()
            && let Some(file) = &mut link.file
        {
            let path = self.file(&file.sha256).await?;
            if self.account.capabilities.files.upload {
                file.bytes = Some(read_file(path).await?);
            } else {
                link.url = file_link::open(self.links.as_ref(), self.lease.message, file).await?;
            }
        }
        let request = self.account.provider.send_request(&profile, &outgoing);
        request.map_err(|_| Failure::new("not_carried", "the gateway has no such request"))
    }

    /// Where the file lies that the message carries, which must be the one that was queued.
    async fn file(&self, sha256: &str) -> Result<PathBuf, Failure> {
        let (store, id, sha256) = (self.store.clone(), self.lease.message, sha256.to_owned());
        let read = blocking::read(move || {
            let media = store.message(id)?.and_then(|message| message.media);
            let path = media.filter(|media| media.file.sha256 == Some(sha256)).and_then(|media| media.file.path);
            Ok(path.filter(|path| path.is_file()))
        });
        let found = read.await.map_err(|error| Failure::new("file_missing", error.to_string()))?;
        found.ok_or_else(|| Failure::new("file_missing", ""))
    }

    async fn send(&self, mut request: Request) -> AttemptOutcome {
        // A gateway may name another request for the same message once; a second time would be a loop.
        for turn in 0..2 {
            if turn > 0 {
                self.count_request().await;
            }
            let response = match self.http.send(&request).await {
                Ok(response) => response,
                Err(error) => return self.without_response(&error).await,
            };
            match self.account.provider.read_send_response(&self.account.profile, &self.lease.outgoing, &response) {
                Outcome::Fallback(other) => request = *other,
                outcome => return self.with_response(outcome, &response).await,
            }
        }
        AttemptOutcome::Refused {
            failure: Failure::new("http_404", "the gateway knows neither request for this message"),
        }
    }

    /// Waits until a second request for the message has its place in the account's budget.
    async fn count_request(&self) {
        let (name, limit) = (self.account.name(), self.account.limit);
        loop {
            let now = clock::now();
            match self.store.reserve_request(name, limit, Purpose::Send, now).await {
                Ok(Reservation::Wait(at)) => tokio::time::sleep(at.since(now)).await,
                Ok(Reservation::Granted(_)) | Err(_) => return,
            }
        }
    }

    async fn without_response(&self, error: &HttpError) -> AttemptOutcome {
        let failure = failure_of(error);
        self.observe(SessionState::Unreachable, &failure.message).await;
        match error {
            HttpError::NotSent(_) => {
                let pause = self.gate().failed(Instant::now(), UNREACHABLE_MAX);
                AttemptOutcome::NotSent { failure, not_before: clock::now().plus(pause) }
            }
            HttpError::Timeout | HttpError::Interrupted(_) => {
                self.gate().failed(Instant::now(), REFUSED_MAX);
                AttemptOutcome::Unsure { failure }
            }
        }
    }

    async fn with_response(&self, outcome: Outcome, response: &Response) -> AttemptOutcome {
        match outcome {
            Outcome::Accepted { remote_id } => {
                self.gate().answered();
                self.observe(SessionState::Unknown, "").await;
                AttemptOutcome::Accepted { remote_id }
            }
            Outcome::Later { failure, retry_after: answer } => self.later(failure, response, answer).await,
            Outcome::Refused { failure } => self.refused(failure, response.status).await,
            Outcome::Unsure { failure } => {
                self.gate().failed(Instant::now(), REFUSED_MAX);
                AttemptOutcome::Unsure { failure }
            }
            Outcome::Fallback(_) => AttemptOutcome::Refused { failure: Failure::new("http_404", "") },
        }
    }

    /// The gateway processed nothing and wants to be left alone for a while: the whole account waits.
    async fn later(&self, failure: Failure, response: &Response, answer: Option<Duration>) -> AttemptOutcome {
        let now = clock::now();
        let wait = retry_after(response, answer, now).unwrap_or_else(|| backoff(self.lease.attempt));
        let not_before = now.plus(wait);
        self.gate().failed(Instant::now(), REFUSED_MAX);
        if let Err(error) = self.store.pause_requests(self.account.name(), not_before, now).await {
            tracing::warn!(account = %self.account.name(), %error, "a gateway's pause cannot be written");
        }
        if response.status == 429 {
            self.observe(SessionState::RateLimited, &failure.message).await;
        }
        AttemptOutcome::Later { failure, not_before }
    }

    /// The gateway refused the message, or the account as a whole: then the message waits for that.
    async fn refused(&self, failure: Failure, status: u16) -> AttemptOutcome {
        let remedy = self.account.provider.remedy(&failure.code);
        let key_refused = status == 401 || remedy == Remedy::RenewKey;
        if !key_refused && remedy != Remedy::LogInAgain {
            self.gate().answered();
            return AttemptOutcome::Refused { failure };
        }
        let pause = self.gate().failed(Instant::now(), REFUSED_MAX);
        if key_refused {
            self.observe(SessionState::KeyRefused, &failure.message).await;
        }
        AttemptOutcome::Later { failure, not_before: clock::now().plus(pause) }
    }

    async fn observe(&self, state: SessionState, detail: &str) {
        health::observe(&self.store, self.account.name(), state, detail).await;
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a file that goes with a request.
async fn read_file(path: PathBuf) -> Result<FileBytes, Failure> {
    let missing = |error: std::io::Error| Failure::new("file_missing", error.to_string());
    let read = blocking::read(move || Ok(std::fs::read(path))).await;
    let read = read.map_err(|error| Failure::new("file_missing", error.to_string()))?;
    Ok(FileBytes(Arc::new(read.map_err(missing)?)))
}

/// Records the outcome of an attempt, however long the store cannot write.
pub(super) async fn record(store: &Store, lease: &Lease, outcome: AttemptOutcome) {
    loop {
        match store.finish_attempt(lease, outcome.clone(), clock::now()).await {
            Ok(_) | Err(StoreError::NotFound | StoreError::Closed) => return,
            Err(error) => {
                tracing::error!(message = %lease.message, %error, "the outcome of a send cannot be written yet");
                tokio::time::sleep(STORE_RETRY).await;
            }
        }
    }
}

/// The word of an outcome in the log.
fn word(outcome: &AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Accepted { .. } => "accepted",
        AttemptOutcome::Later { .. } => "later",
        AttemptOutcome::NotSent { .. } => "not sent",
        AttemptOutcome::Withheld { .. } => "withheld",
        AttemptOutcome::Refused { .. } => "refused",
        AttemptOutcome::Unsure { .. } => "unsure",
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
