//! A running engine: what is started together and stopped together.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::accounts::registry::{AccountRegistry, ConfiguredAccount};
use super::accounts::sessions;
use super::clock;
use super::counters::Counters;
use super::inbound::ingest::Ingest;
use super::inbound::interpret::Interpreter;
use super::maintenance;
use super::notify::Notifier;
use super::outbound::http::Http;
use super::outbound::limits::window_start;
use super::outbound::sender::Sender;
use crate::domain::{AccountName, ConversationId};
use crate::store::{Store, StoreError};

/// The engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No HTTP client.
    #[error("the HTTP client cannot be prepared: {0}")]
    Http(String),
}

/// Lets accounts work that are admitted while the engine runs.
struct Newcomers {
    roster: AccountRegistry,
    store: Store,
    http: Http,
    wake: Notifier,
    interpreter: Interpreter,
    /// Accounts that have a courier.
    known: HashSet<AccountName>,
}

impl Newcomers {
    /// Works until `stop` becomes true; then waits for what its couriers carry.
    async fn welcome(mut self, mut grown: watch::Receiver<usize>, mut stop: watch::Receiver<bool>) {
        let mut couriers = JoinSet::new();
        while !*stop.borrow() {
            tokio::select! {
                _ = stop.changed() => {}
                changed = grown.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    for member in self.roster.members() {
                        if self.known.insert(member.name().clone()) {
                            let (store, http, wake) = (self.store.clone(), self.http.clone(), self.wake.clone());
                            let watched = sessions::watch_over(member.clone(), store.clone(), http.clone(), stop.clone());
                            couriers.spawn(watched);
                            couriers.spawn(Sender { member, store, http, wake, only: None }.run(stop.clone()));
                        }
                    }
                    // What came for an account while it was unknown waits in the journal.
                    self.interpreter.nudge();
                }
            }
        }
        while couriers.join_next().await.is_some() {}
    }
}

/// A running engine. Its caller holds the [`super::EngineLock`].
pub struct Engine {
    ingest: Ingest,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Recovers what an earlier run left, then starts interpreter and couriers. Must be called within a runtime.
    pub async fn start(roster: AccountRegistry, store: Store, wake: Notifier) -> Result<Self, EngineError> {
        let counters = Arc::new(Counters::default());
        let interpreter = Interpreter::new(roster.clone(), store.clone());
        let ingest = Ingest::new(roster.clone(), store.clone(), interpreter.clone(), counters);
        let http = Http::new().map_err(EngineError::Http)?;
        // Watched before it is read, so that nobody is admitted unseen between the two.
        let grown = roster.watch();
        let members = roster.members();
        let mut engine = Self::couriers(&members, &store, &http, &wake, None, ingest).await?;
        engine.tasks.spawn(interpreter.clone().run(engine.stop.subscribe()));
        let known = members.iter().map(|member| member.name().clone()).collect();
        for member in members {
            let watched = sessions::watch_over(member, store.clone(), http.clone(), engine.stop.subscribe());
            engine.tasks.spawn(watched);
        }
        engine.tasks.spawn(maintenance::keep(roster.clone(), store.clone(), wake.clone(), engine.stop.subscribe()));
        let newcomers = Newcomers { roster, store, http, wake, interpreter, known };
        engine.tasks.spawn(newcomers.welcome(grown, engine.stop.subscribe()));
        Ok(engine)
    }

    /// An engine that only carries one conversation's messages, for a command that sends without an engine beside it.
    pub async fn start_for(
        roster: AccountRegistry,
        store: Store,
        wake: Notifier,
        only: ConversationId,
    ) -> Result<Self, EngineError> {
        let interpreter = Interpreter::new(roster.clone(), store.clone());
        let ingest = Ingest::new(roster.clone(), store.clone(), interpreter, Arc::new(Counters::default()));
        let http = Http::new().map_err(EngineError::Http)?;
        Self::couriers(&roster.members(), &store, &http, &wake, Some(only), ingest).await
    }

    async fn couriers(
        members: &[Arc<ConfiguredAccount>],
        store: &Store,
        http: &Http,
        wake: &Notifier,
        only: Option<ConversationId>,
        ingest: Ingest,
    ) -> Result<Self, EngineError> {
        let now = clock::now();
        let unsure = store.recover_leases(now).await?;
        if !unsure.is_empty() {
            tracing::warn!(
                messages = unsure.len(),
                "an earlier run ended while messages were on their way; they are unsure"
            );
        }
        let (stop, watch) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for member in members {
            member.remember(store.attempts_since(member.name(), window_start(now))?);
            let courier =
                Sender { member: member.clone(), store: store.clone(), http: http.clone(), wake: wake.clone(), only };
            tasks.spawn(courier.run(watch.clone()));
        }
        Ok(Engine { ingest, stop, tasks })
    }

    /// The way in for webhooks.
    pub fn ingest(&self) -> &Ingest {
        &self.ingest
    }

    /// Stops taking new work, lets what is on its way end for at most `patience`, then gives up on it: it will be
    /// unsure at the next start.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, ended).await.is_err() {
            tracing::warn!("stopped while messages were on their way; they will be unsure");
        }
        self.tasks.abort_all();
    }
}
