//! Webhooks on their way in: verified over the raw bytes, durable, then answered; interpreted afterwards.
//!
//! Invariant: nothing is answered "taken" before its raw event is durable, and a refused event leaves only a
//! counted, bodiless log line.

use std::sync::Arc;

use serde_json::{Value, json};

use super::interpret::Interpreter;
use crate::domain::{AccountName, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::registry::AccountRegistry;
use crate::engine::clock;
use crate::engine::counters::Counters;
use crate::providers::{Verdict, Webhook};
use crate::store::{NewEvent, Store, StoreError};

/// What a webhook is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// 200 with this body.
    Taken(Value),
    /// 404, whether the account or the token is unknown.
    Unknown,
    /// 401: no signature, a wrong one, or one too old; the body a gateway expects with it.
    Refused(Value),
    /// 400.
    NotJson,
    /// 503 with `Retry-After`: the store cannot write, or the account cannot verify now.
    Unavailable,
}

/// The way in. Cheap to clone.
#[derive(Clone)]
pub struct Ingest {
    registry: AccountRegistry,
    store: Store,
    interpreter: Interpreter,
    counters: Arc<Counters>,
}

impl Ingest {
    /// The way into `store` for the accounts of `registry`.
    pub fn new(registry: AccountRegistry, store: Store, interpreter: Interpreter, counters: Arc<Counters>) -> Self {
        Ingest { registry, store, interpreter, counters }
    }

    /// What is counted.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Whether the store can write, for health checks.
    pub async fn can_write(&self) -> bool {
        self.store.flush().await.is_ok()
    }

    /// Whether `token` is the one of `account`, in constant time; for the challenge of a subscription.
    pub fn knows(&self, account: &str, token: &str) -> bool {
        self.account(account, token).is_some()
    }

    /// Takes a webhook of an account's URL.
    pub async fn take(&self, account: &str, token: &str, webhook: Webhook) -> Reply {
        let Some(account) = self.account(account, token) else {
            // An account that is broken just now keeps its gateway trying, rather than losing events.
            let invalid = self.registry.is_invalid(account, token);
            self.counters.refused(if invalid { "account_broken" } else { "unknown_account" });
            return if invalid { Reply::Unavailable } else { Reply::Unknown };
        };
        if webhook.ack && !account.manifest().acks_by_url {
            self.counters.refused("unknown_account");
            return Reply::Unknown;
        }
        let now = clock::now();
        match account.provider.verify(&account.profile, &webhook, now) {
            Verdict::Genuine { key, within } => {
                let event = NewEvent {
                    account: account.name().clone(),
                    key,
                    within,
                    ack: webhook.ack,
                    received_at: now,
                    headers: kept_headers(&webhook),
                    body: webhook.body.clone(),
                };
                self.keep(&account, webhook, event, now).await
            }
            Verdict::Ping => {
                self.counters.pings();
                Reply::Taken(json!({"success": true}))
            }
            verdict @ (Verdict::Unauthorised | Verdict::TooOld) => {
                let reason = if verdict == Verdict::TooOld { "too_old" } else { "unauthorised" };
                tracing::warn!(account = %account.name(), reason, "webhook refused");
                self.counters.refused(reason);
                Reply::Refused(json!({"success": false, "message": "Unauthorized"}))
            }
            Verdict::NotJson => {
                tracing::warn!(account = %account.name(), reason = "not_json", "webhook refused");
                self.counters.refused("not_json");
                Reply::NotJson
            }
        }
    }

    async fn keep(&self, account: &Arc<ConfiguredAccount>, webhook: Webhook, event: NewEvent, now: Timestamp) -> Reply {
        let appended = match self.store.append_event(event).await {
            Ok(appended) => appended,
            Err(error) => return self.cannot_write(account.name(), &error),
        };
        let mut replies = Vec::new();
        if appended.duplicate {
            self.counters.duplicate();
        } else {
            self.counters.taken();
            // Where the answer goes to the customer, the rules speak in it; elsewhere interpreting can wait.
            if account.manifest().answers_in_webhook && !webhook.ack {
                replies = self.interpreter.answer(account, appended.id, &webhook, now).await;
            } else {
                self.interpreter.wake();
            }
        }
        Reply::Taken(account.provider.acknowledgement(&webhook, &replies))
    }

    fn cannot_write(&self, account: &AccountName, error: &StoreError) -> Reply {
        tracing::error!(%account, %error, "webhook not taken: the store cannot write");
        self.counters.refused("store");
        Reply::Unavailable
    }

    fn account(&self, account: &str, token: &str) -> Option<Arc<ConfiguredAccount>> {
        self.registry.find(account).filter(|m| m.token().matches(token))
    }
}

/// Headers that a gateway's dialect may need later; credentials and the noise of proxies are not kept.
fn kept_headers(webhook: &Webhook) -> Vec<(String, String)> {
    let kept = |name: &str| name == "content-type" || name == "user-agent" || name.starts_with("x-");
    let forwarded = |name: &str| name.starts_with("x-forwarded") || name.starts_with("x-real");
    webhook.headers.iter().filter(|(name, _)| kept(name) && !forwarded(name)).cloned().collect()
}
