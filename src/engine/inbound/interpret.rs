//! Turns the raw events of the journal into messages, receipts and names: as soon as they are stored, and at the start
//! what an earlier run left.
//!
//! Invariant: an event is applied once, in one transaction with its mark; after a crash before that, the next start
//! applies it.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

use super::rules;
use crate::domain::{Content, EventId, Inbound, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::registry::AccountRegistry;
use crate::engine::{blocking, clock};
use crate::providers::Webhook;
use crate::store::{ApplyOutcome, Event, Pending, Store, StoreError};

/// Events that are read at once.
const BATCH: usize = 256;
/// How long an event of a gateway that is answered in the webhook is left to the request that brought it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause before a store that failed is tried again.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Interprets the events of all accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Interpreter {
    registry: AccountRegistry,
    store: Store,
    wake: Arc<Notify>,
}

/// What is left to do after a batch.
enum Remaining {
    More,
    /// Events that are still left to the requests that brought them.
    Waiting,
    Nothing,
}

impl Interpreter {
    /// An interpreter of stored events; idle until [`Interpreter::run`].
    pub(crate) fn new(registry: AccountRegistry, store: Store) -> Self {
        Interpreter { registry, store, wake: Arc::new(Notify::new()) }
    }

    /// There may be events to interpret.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Works until `stop` becomes true.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = match self.apply_batch().await {
                Ok(Remaining::More) => continue,
                Ok(Remaining::Waiting) => Some(REQUEST_TIMEOUT),
                Ok(Remaining::Nothing) => None,
                Err(error) => {
                    tracing::error!(%error, "events wait to be interpreted: the store cannot be used");
                    Some(STORE_RETRY)
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = self.wake.notified() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Applies an event at once and returns the automatic replies for the webhook's own response.
    pub(crate) async fn replies(
        &self,
        account: &Arc<ConfiguredAccount>,
        id: EventId,
        webhook: &Webhook,
        at: Timestamp,
    ) -> Vec<Content> {
        match self.apply(account, id, interpret(account, webhook, at)).await {
            Ok(applied) => rules::reply_in_webhook(&self.store, account, &applied.messages).await,
            Err(error) => {
                // It is durable; the next batch applies it, without an automatic reply.
                tracing::error!(account = %account.name(), %error, "an event waits to be interpreted");
                Vec::new()
            }
        }
    }

    async fn apply_batch(&self) -> Result<Remaining, StoreError> {
        let store = self.store.clone();
        let accounts: Vec<_> = self.registry.accounts().iter().map(|account| account.name().clone()).collect();
        let events = blocking::read(move || store.uninterpreted(&accounts, BATCH)).await?;
        let full = events.len() == BATCH;
        let now = clock::now();
        let mut waiting = false;
        let mut pending: Vec<(Arc<ConfiguredAccount>, Pending<ApplyOutcome>)> = Vec::new();
        for event in events {
            let Some(account) = self.registry.find(event.account.as_str()) else { continue };
            let left_to_request = account.manifest().replies_in_webhook && !event.ack;
            if left_to_request && now.since(event.received_at) < REQUEST_TIMEOUT {
                waiting = true;
                continue;
            }
            let Event { id, ack, headers, body, received_at, .. } = event;
            let inbound = interpret(&account, &Webhook { ack, headers, body }, received_at);
            let applied = self.apply(&account, id, inbound);
            pending.push((account, applied));
        }
        let progressed = !pending.is_empty();
        let mut failed = None;
        for (account, applied) in pending {
            match applied.await {
                Ok(applied) if !account.manifest().replies_in_webhook => {
                    rules::reply_by_outbox(&self.store, &account, &applied.messages).await;
                }
                Ok(_) => {}
                // The others are applied all the same, and get their automatic replies.
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(match (full && progressed, waiting) {
            (true, _) => Remaining::More,
            (false, true) => Remaining::Waiting,
            (false, false) => Remaining::Nothing,
        })
    }

    fn apply(&self, account: &ConfiguredAccount, id: EventId, inbound: Vec<Inbound>) -> Pending<ApplyOutcome> {
        let profile = &account.profile;
        self.store.apply_event(id, account.name(), profile.channel, profile.window, inbound)
    }
}

/// What an event reports. A dialect that panics on it does not stop the others: the event is stored as unknown.
fn interpret(account: &ConfiguredAccount, webhook: &Webhook, at: Timestamp) -> Vec<Inbound> {
    catch_unwind(AssertUnwindSafe(|| account.provider.interpret(&account.profile, webhook, at)))
        .unwrap_or_else(|_| vec![Inbound::Unknown { event: "the dialect failed on this event".to_owned() }])
}

async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}
