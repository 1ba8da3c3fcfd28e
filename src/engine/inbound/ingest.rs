//! Receives webhooks: verified over the raw bytes, stored, then answered; interpreted afterwards.
//!
//! Invariant: no webhook is answered as accepted before its raw event is durable, and a refused one leaves only a count
//! and a log line without its body.

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

use super::interpret::{Interpreter, STORE_RETRY};
use super::metrics::Metrics;
use super::write_check::WriteCheck;
use crate::domain::{AccountName, Content, Failure, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::registry::AccountRegistry;
use crate::engine::clock;
use crate::engine::tasks::TaskHealth;
use crate::providers::{Verdict, Webhook};
use crate::store::{AttemptOutcome, Lease, NewEvent, Store, StoreError};

/// How long a webhook waits for the store; then its gateway is asked to come again.
const STORE_TIMEOUT: Duration = Duration::from_millis(1500);

/// Larger bodies, in bytes, are verified one at a time: what is read of one as JSON takes many times its size.
const LARGE: usize = 256 * 1024;

/// How a webhook is answered.
#[derive(Debug)]
pub(crate) enum Reply {
    /// 200 with this body.
    Accepted(Value),
    /// 200 with a body that holds messages for the customer. `written` is sent to when the response was written; when it
    /// is dropped instead, nobody knows whether the messages reach the customer.
    AcceptedWithReplies { body: Value, written: oneshot::Sender<()> },
    /// 404, whether the account or the token is unknown.
    Unknown,
    /// 401: no signature, a wrong one, or one too old; with the body that the gateway expects.
    Unauthorised(Value),
    /// 400: the body is not JSON.
    NotJson,
    /// 503 with `Retry-After`: the store cannot write, or the account is invalid now.
    Unavailable,
}

/// Receives the webhooks of all accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ingest {
    registry: AccountRegistry,
    store: Store,
    interpreter: Interpreter,
    metrics: Arc<Metrics>,
    tasks: TaskHealth,
    write_check: WriteCheck,
    /// Held while a large body is verified.
    large: Arc<Mutex<()>>,
}

impl Ingest {
    /// Receives for the accounts of `registry`; all counts start at 0.
    pub(crate) fn new(registry: AccountRegistry, store: Store, interpreter: Interpreter, tasks: TaskHealth) -> Self {
        let metrics = Arc::clone(interpreter.metrics());
        Ingest {
            registry,
            store,
            interpreter,
            metrics,
            tasks,
            write_check: WriteCheck::default(),
            large: Arc::default(),
        }
    }

    /// What was counted since this process started, in the text format of Prometheus.
    pub(crate) fn metrics(&self) -> String {
        self.metrics.to_prometheus() + &self.tasks.to_prometheus()
    }

    /// Whether the store can write and every task does its work, for health checks.
    pub(crate) async fn is_well(&self) -> bool {
        !self.tasks.any_dead() && self.write_check.can_write(&self.store).await
    }

    /// Whether `token` is the one of `account`, in constant time; for the challenge of a subscription.
    pub(crate) fn is_known(&self, account: &str, token: &str) -> bool {
        self.account(account, token).is_some()
    }

    /// How a webhook to this URL is refused whatever its body is; `None` when the body decides. Counts a refusal.
    pub(crate) fn refusal(&self, name: &str, token: &str, ack: bool) -> Option<Reply> {
        self.find(name, token, ack).err()
    }

    /// Counts a webhook that was refused for want of memory for its body.
    pub(crate) fn refused_body(&self) {
        self.metrics.refused("busy");
    }

    /// Receives a webhook that came to the URL of an account. After a defect its gateway tries again.
    pub(crate) async fn receive(&self, name: &str, token: &str, webhook: Webhook) -> Reply {
        let received = AssertUnwindSafe(self.verify_and_store(name, token, webhook)).catch_unwind().await;
        received.unwrap_or_else(|panic| {
            self.tasks.panicked("webhook", panic.as_ref());
            self.metrics.refused("defect");
            Reply::Unavailable
        })
    }

    async fn verify_and_store(&self, name: &str, token: &str, webhook: Webhook) -> Reply {
        let account = match self.find(name, token, webhook.ack) {
            Ok(account) => account,
            Err(refusal) => return refusal,
        };
        let now = clock::now();
        let turn = (webhook.body.len() > LARGE).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        let verdict = account.provider.verify(&account.profile, &webhook, now);
        drop(turn);
        match verdict {
            Verdict::Genuine { key, within } => {
                let stored = account.provider.redact(&webhook);
                let event = NewEvent {
                    account: account.name().clone(),
                    key,
                    within,
                    ack: webhook.ack,
                    received_at: now,
                    headers: stored.headers,
                    body: stored.body,
                };
                self.store(&account, webhook, event, now).await
            }
            Verdict::Ping => {
                self.metrics.ping();
                Reply::Accepted(json!({"success": true}))
            }
            verdict @ (Verdict::Unauthorised | Verdict::TooOld) => {
                let reason = if verdict == Verdict::TooOld { "too_old" } else { "unauthorised" };
                tracing::warn!(account = %account.name(), reason, "webhook refused");
                self.metrics.refused(reason);
                Reply::Unauthorised(json!({"success": false, "message": "Unauthorized"}))
            }
            Verdict::NotJson => {
                tracing::warn!(account = %account.name(), reason = "not_json", "webhook refused");
                self.metrics.refused("not_json");
                Reply::NotJson
            }
        }
    }

    async fn store(
        &self,
        account: &Arc<ConfiguredAccount>,
        webhook: Webhook,
        event: NewEvent,
        now: Timestamp,
    ) -> Reply {
        // Where the webhook's response goes to the customer, automatic replies go with it: the event is interpreted
        // here. Elsewhere its commit wakes the interpreter.
        let held = (account.manifest().replies_in_webhook && !webhook.ack)
            .then(|| self.interpreter.hold(account.name(), &event.key));
        // One that is given up becomes durable all the same when the store can be written again; what its gateway sends
        // once more is a duplicate then.
        let appended = match tokio::time::timeout(STORE_TIMEOUT, self.store.append_event(event)).await {
            Ok(Ok(appended)) => appended,
            Ok(Err(error)) => return self.cannot_write(account.name(), &error),
            Err(_) => return self.cannot_write(account.name(), &"it is busy or locked"),
        };
        if appended.duplicate {
            self.metrics.duplicate();
        } else {
            self.metrics.stored();
        }
        let mut replies = Vec::new();
        if held.is_some() && !appended.interpreted {
            replies = self.interpreter.replies(account, appended.id, &webhook, now).await;
        }
        let contents: Vec<Content> = replies.iter().map(|lease| lease.outgoing.content.clone()).collect();
        let body = account.provider.webhook_response(&webhook, &contents);
        if replies.is_empty() {
            return Reply::Accepted(body);
        }
        let (written, is_written) = oneshot::channel();
        tokio::spawn(record_replies(self.store.clone(), replies, is_written));
        Reply::AcceptedWithReplies { body, written }
    }

    fn cannot_write(&self, account: &AccountName, error: &dyn Display) -> Reply {
        tracing::error!(%account, %error, "webhook not taken: the store cannot write");
        self.metrics.refused("store");
        Reply::Unavailable
    }

    /// The account of a URL, or how the URL is refused.
    fn find(&self, name: &str, token: &str, ack: bool) -> Result<Arc<ConfiguredAccount>, Reply> {
        let Some(account) = self.account(name, token) else {
            // An account that is invalid now keeps its gateway trying, rather than losing events.
            let invalid = self.registry.is_invalid(name, token);
            self.metrics.refused(if invalid { "account_broken" } else { "unknown_account" });
            return Err(if invalid { Reply::Unavailable } else { Reply::Unknown });
        };
        if ack && !account.manifest().has_ack_url {
            self.metrics.refused("unknown_account");
            return Err(Reply::Unknown);
        }
        Ok(account)
    }

    fn account(&self, name: &str, token: &str) -> Option<Arc<ConfiguredAccount>> {
        self.registry.find(name).filter(|account| account.token().matches(token))
    }
}

/// Records what became of automatic replies in a webhook's response: sent once it was written, otherwise unsure.
async fn record_replies(store: Store, replies: Vec<Lease>, is_written: oneshot::Receiver<()>) {
    let outcome = match is_written.await {
        Ok(()) => AttemptOutcome::Accepted { remote_id: None },
        Err(_) => AttemptOutcome::Unsure { failure: Failure::new("interrupted", "") },
    };
    for lease in replies {
        while let Err(error) = store.finish_attempt(&lease, outcome.clone(), clock::now()).await {
            if matches!(error, StoreError::NotFound | StoreError::Closed) {
                break;
            }
            tracing::error!(message = %lease.message, %error, "the outcome of an automatic answer cannot be written yet");
            tokio::time::sleep(STORE_RETRY).await;
        }
    }
}
