//! Turns journalled raw events into messages, receipts and names: right after they came, and at start-up what
//! an earlier run left.
//!
//! Invariant: an event is applied once, in one transaction with its mark; a crash before it leaves the event
//! for the next start.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::rules;
use crate::domain::{Content, EventId, Inbound, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::registry::AccountRegistry;
use crate::engine::clock;
use crate::providers::Webhook;
use crate::store::{Applied, Pending, Store, StoreError, StoredEvent};

/// Events applied in one round.
const ROUND: usize = 256;
/// An event of a gateway that is answered in the webhook belongs to the request that brought it for so long.
const HELD: Duration = Duration::from_secs(10);
/// How long to wait before asking a store again that cannot write.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Interprets events. Cheap to clone.
#[derive(Clone)]
pub struct Interpreter {
    registry: AccountRegistry,
    store: Store,
    bell: Arc<Notify>,
}

impl Interpreter {
    /// An interpreter for the accounts of `registry`.
    pub fn new(registry: AccountRegistry, store: Store) -> Self {
        Interpreter { registry, store, bell: Arc::new(Notify::new()) }
    }

    /// There is something to interpret.
    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// Works until `stop` becomes true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let rest = match self.round().await {
                Ok(Round::More) => continue,
                Ok(Round::Held) => Some(HELD),
                Ok(Round::Done) => None,
                Err(error) => {
                    tracing::error!(%error, "events wait to be interpreted: the store cannot be used");
                    Some(STORE_PAUSE)
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = self.bell.notified() => {}
                () = sleep(rest) => {}
            }
        }
    }

    /// Applies an event at once and gives the automatic answers that go with the webhook's own answer.
    pub async fn answer(
        &self,
        account: &Arc<ConfiguredAccount>,
        id: EventId,
        webhook: &Webhook,
        at: Timestamp,
    ) -> Vec<Content> {
        let claims = claims(account, webhook, at);
        match self.apply(account, id, claims).await {
            Ok(applied) => rules::reply_in_webhook(&self.store, account, &applied.messages).await,
            Err(error) => {
                // It is durable; the next round applies it, without an automatic answer.
                tracing::error!(account = %account.name(), %error, "an event waits to be interpreted");
                Vec::new()
            }
        }
    }

    async fn round(&self) -> Result<Round, StoreError> {
        let store = self.store.clone();
        let accounts: Vec<_> = self.registry.accounts().iter().map(|m| m.name().clone()).collect();
        let events = tokio::task::spawn_blocking(move || store.uninterpreted(&accounts, ROUND))
            .await
            .map_err(|_| StoreError::Closed)??;
        let whole = events.len() == ROUND;
        let now = clock::now();
        let mut held = false;
        let mut applied: Vec<(Arc<ConfiguredAccount>, Pending<Applied>)> = Vec::new();
        for event in events {
            let Some(account) = self.registry.find(event.account.as_str()) else { continue };
            let answered_elsewhere = account.manifest().answers_in_webhook && !event.ack;
            if answered_elsewhere && now.since(event.received_at) < HELD {
                held = true;
                continue;
            }
            let (id, webhook, at) = opened(event);
            let pending = self.apply(&account, id, claims(&account, &webhook, at));
            applied.push((account, pending));
        }
        let progressed = !applied.is_empty();
        let mut failed = None;
        for (account, pending) in applied {
            // One that fails must not silence the automatic answers to the others, which are applied all the same.
            let applied = match pending.await {
                Ok(applied) => applied,
                Err(error) => {
                    failed = Some(error);
                    continue;
                }
            };
            if !account.manifest().answers_in_webhook {
                rules::reply_by_outbox(&self.store, &account, &applied.messages).await;
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(match (whole && progressed, held) {
            (true, _) => Round::More,
            (false, true) => Round::Held,
            (false, false) => Round::Done,
        })
    }

    fn apply(&self, account: &ConfiguredAccount, id: EventId, claims: Vec<Inbound>) -> Pending<Applied> {
        let profile = &account.profile;
        self.store.apply(id, account.name(), profile.channel, profile.window, claims, clock::now())
    }
}

enum Round {
    More,
    Held,
    Done,
}

fn opened(event: StoredEvent) -> (EventId, Webhook, Timestamp) {
    (event.id, Webhook { ack: event.ack, headers: event.headers, body: event.body }, event.received_at)
}

/// What an event claims. A dialect that fails on it does not stop the others: the event is kept as unknown.
fn claims(account: &ConfiguredAccount, webhook: &Webhook, at: Timestamp) -> Vec<Inbound> {
    catch_unwind(AssertUnwindSafe(|| account.provider.interpret(&account.profile, webhook, at)))
        .unwrap_or_else(|_| vec![Inbound::Unknown { event: "the dialect failed on this event".to_owned() }])
}

async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}
