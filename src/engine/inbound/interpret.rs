//! Turns the raw events of the journal into messages, receipts and names: as soon as they are stored, and at the start
//! what an earlier run left.
//!
//! Invariant: an event is applied once, in one transaction with its mark; after a crash before that, the next start
//! applies it.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

use super::metrics::Metrics;
use super::{redact_old, rules};
use crate::domain::{AccountName, EventId, Inbound, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::registry::AccountRegistry;
use crate::engine::blocking;
use crate::engine::outbound::owner::new_owner;
use crate::engine::tasks::TaskHealth;
use crate::providers::Webhook;
use crate::store::{ApplyOutcome, Event, Lease, LeaseOwner, Pending, Store, StoreError};

/// Events that are read at once, of all accounts together.
const BATCH: usize = 256;
/// Events of one account that are read at once, at least.
const TURN_MIN: usize = 16;
/// What this version's dialects can read. The number grows when one of them learns to read more between two versions.
const READERS_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");
/// Events that are set to be read again in one transaction.
const READ_AGAIN_SLICE: usize = 500;
/// The pause before a store that failed is tried again.
pub(super) const STORE_RETRY: Duration = Duration::from_secs(1);

/// An event by its account and key.
type EventKey = (AccountName, String);

/// Interprets the events of all accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Interpreter {
    registry: AccountRegistry,
    store: Store,
    wake: Arc<Notify>,
    held: Arc<Mutex<HashMap<EventKey, usize>>>,
    tasks: TaskHealth,
    metrics: Arc<Metrics>,
    /// Events that could not be applied once.
    failed: Arc<Mutex<HashSet<i64>>>,
}

/// An event that a request interprets itself, for its response. Dropping it leaves the event to the interpreter.
pub(super) struct HeldEvent {
    interpreter: Interpreter,
    event: EventKey,
}

impl Drop for HeldEvent {
    fn drop(&mut self) {
        let mut held = self.interpreter.held();
        if let Some(count) = held.get_mut(&self.event) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.event);
            }
        }
        drop(held);
        self.interpreter.wake();
    }
}

impl Interpreter {
    /// An interpreter of stored events; idle until [`Interpreter::run`]. Every commit of an event wakes it.
    pub(crate) fn new(registry: AccountRegistry, store: Store, tasks: TaskHealth) -> Self {
        let wake = Arc::new(Notify::new());
        let committed = Arc::clone(&wake);
        store.on_event(Box::new(move || committed.notify_one()));
        Interpreter {
            registry,
            store,
            wake,
            held: Arc::default(),
            tasks,
            metrics: Arc::default(),
            failed: Arc::default(),
        }
    }

    /// What was counted since this process started.
    pub(super) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// There may be events to interpret.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Keeps an event, which may not be stored yet, from being interpreted by anybody but the caller.
    pub(super) fn hold(&self, account: &AccountName, key: &str) -> HeldEvent {
        let event = (account.clone(), key.to_owned());
        *self.held().entry(event.clone()).or_default() += 1;
        HeldEvent { interpreter: self.clone(), event }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<EventKey, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until `stop` becomes true. `committed` becomes changed after commits of any process: a command may have
    /// set events to be read again.
    pub(crate) async fn run(self, committed: watch::Receiver<u64>, stop: watch::Receiver<bool>) {
        let redacted = redact_old::run(&self.store, stop.clone());
        tokio::join!(self.read_again_after_upgrade(), self.interpret_events(committed, stop), redacted);
    }

    /// Sets what an earlier version did not understand to be read again. It comes after what was never read.
    async fn read_again_after_upgrade(&self) {
        let result = async {
            let store = self.store.clone();
            if blocking::read(move || store.readers_version()).await? == READERS_VERSION {
                return Ok(0);
            }
            let events = read_again(&self.store).await?;
            self.store.set_readers_version(READERS_VERSION).await.map(|()| events)
        };
        match result.await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "events that were not understood are read again"),
            Err(error) => tracing::error!(%error, "what was not understood cannot be read again now"),
        }
    }

    async fn interpret_events(&self, mut committed: watch::Receiver<u64>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            committed.borrow_and_update();
            let pause = match self.take_turns().await {
                Ok(true) => continue,
                Ok(false) => None,
                Err(error) => {
                    tracing::error!(%error, "events wait to be interpreted: the store cannot be used");
                    Some(STORE_RETRY)
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = self.wake.notified() => {}
                _ = committed.changed() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Applies an event at once; returns the automatic replies for the webhook's own response, which are being sent.
    pub(super) async fn replies(
        &self,
        account: &Arc<ConfiguredAccount>,
        id: EventId,
        webhook: &Webhook,
        at: Timestamp,
    ) -> Vec<Lease> {
        match self.apply(account, id, self.interpret(account, webhook, at), Some(new_owner())).await {
            Ok(applied) => {
                self.metrics.interpreted(!applied.not_understood);
                applied.replies
            }
            Err(error) => {
                // It is durable; the interpreter applies it, and its automatic reply goes through the outbox.
                tracing::error!(account = %account.name(), %error, "an event waits to be interpreted");
                Vec::new()
            }
        }
    }

    /// Applies the oldest events of every account, a few of each, so that none waits behind another's flood. Returns
    /// whether there may be more.
    async fn take_turns(&self) -> Result<bool, StoreError> {
        let store = self.store.clone();
        let accounts: Vec<_> = self.registry.accounts().iter().map(|account| account.name().clone()).collect();
        let turn = BATCH.checked_div(accounts.len()).unwrap_or(BATCH).max(TURN_MIN);
        let events = blocking::read(move || store.uninterpreted(&accounts, turn)).await?;
        let mut pending: Vec<(Arc<ConfiguredAccount>, EventId, Pending<ApplyOutcome>)> = Vec::new();
        for event in events {
            let Some(account) = self.registry.find(event.account.as_str()) else { continue };
            let Event { id, account: name, key, ack, headers, body, received_at } = event;
            if self.held().contains_key(&(name, key)) {
                continue;
            }
            let inbound = self.interpret(&account, &Webhook { ack, headers, body }, received_at);
            let applied = self.apply(&account, id, inbound, None);
            pending.push((account, id, applied));
        }
        let progressed = !pending.is_empty();
        let mut failed = None;
        for (account, id, applied) in pending {
            // The others are applied all the same.
            match applied.await {
                Ok(applied) => self.metrics.interpreted(!applied.not_understood),
                Err(error) => failed = self.give_up(&account, id, error).await.err().or(failed),
            }
        }
        failed.map_or(Ok(progressed), Err)
    }

    /// Stores an event that cannot be applied, for the second time, as one that was not understood, so that it does not
    /// hold up those after it. Fails when the store may be to blame rather than the event.
    async fn give_up(&self, account: &ConfiguredAccount, id: EventId, error: StoreError) -> Result<(), StoreError> {
        let StoreError::Failed(reason) = &error else { return Err(error) };
        tracing::error!(account = %account.name(), event = %id.0, %error, "an event cannot be applied");
        self.store.flush().await?;
        if !self.failed.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.0) {
            // The store may have been locked for a while.
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.0);
            return Err(error);
        }
        self.metrics.interpreted(false);
        let event = format!("cannot be applied: {reason}");
        let profile = &account.profile;
        let unknown = vec![Inbound::Unknown { event }];
        self.store.apply_event(id, account.name(), profile.channel, profile.window, unknown).await.map(|_| ())
    }

    /// What an event reports. A dialect that panics on it does not stop the others: the event is stored as unknown.
    fn interpret(&self, account: &ConfiguredAccount, webhook: &Webhook, at: Timestamp) -> Vec<Inbound> {
        let read = || account.provider.interpret(&account.profile, webhook, at);
        catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
            self.tasks.panicked("dialect", panic.as_ref());
            vec![Inbound::Unknown { event: "the dialect failed on this event".to_owned() }]
        })
    }

    /// Applies an event with the account's rules; `in_webhook` sends their replies in the response to the webhook.
    fn apply(
        &self,
        account: &Arc<ConfiguredAccount>,
        id: EventId,
        inbound: Vec<Inbound>,
        in_webhook: Option<LeaseOwner>,
    ) -> Pending<ApplyOutcome> {
        let profile = &account.profile;
        let rules = rules::of_account(account, in_webhook);
        self.store.apply_event_with(id, account.name(), (profile.channel, profile.window), inbound, rules)
    }
}

/// Sets everything that was not understood to be read again, in slices; returns how many events.
pub(crate) async fn read_again(store: &Store) -> Result<usize, StoreError> {
    let (mut total, mut after) = (0, None);
    loop {
        let (events, last) = store.read_again(after, READ_AGAIN_SLICE).await?;
        total += events;
        if events < READ_AGAIN_SLICE {
            return Ok(total);
        }
        after = last;
    }
}

async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}
