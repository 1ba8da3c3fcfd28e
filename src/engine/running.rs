//! A running engine: what is started together and stopped together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::clock;
use super::counters::Counters;
use super::courier::Courier;
use super::http::Http;
use super::ingest::Ingest;
use super::interpret::Interpreter;
use super::limits::window_start;
use super::roster::Roster;
use super::wake::Wake;
use crate::domain::ConversationId;
use crate::store::{Store, StoreError};

/// Changes that are kept for readers that lag behind; a reader that lags more reads everything anew.
const CHANGES_KEPT: usize = 50_000;

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

/// A running engine. Its caller holds the [`super::EngineLock`].
pub struct Engine {
    ingest: Ingest,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Recovers what an earlier run left, then starts interpreter and couriers. Must be called within a runtime.
    pub async fn start(roster: Roster, store: Store, wake: Wake) -> Result<Self, EngineError> {
        let counters = Arc::new(Counters::default());
        let interpreter = Interpreter::new(roster.clone(), store.clone());
        let ingest = Ingest::new(roster.clone(), store.clone(), interpreter.clone(), counters);
        let mut engine = Self::couriers(&roster, &store, &wake, None, ingest).await?;
        let watch = engine.stop.subscribe();
        engine.tasks.spawn(interpreter.run(watch));
        // Nobody waits for it, and a failure only means that old changes stay a while longer.
        drop(store.prune_changes(CHANGES_KEPT));
        Ok(engine)
    }

    /// An engine that only carries one conversation's messages, for a command that sends without an engine beside it.
    pub async fn start_for(
        roster: Roster,
        store: Store,
        wake: Wake,
        only: ConversationId,
    ) -> Result<Self, EngineError> {
        let interpreter = Interpreter::new(roster.clone(), store.clone());
        let ingest = Ingest::new(roster.clone(), store.clone(), interpreter, Arc::new(Counters::default()));
        Self::couriers(&roster, &store, &wake, Some(only), ingest).await
    }

    async fn couriers(
        roster: &Roster,
        store: &Store,
        wake: &Wake,
        only: Option<ConversationId>,
        ingest: Ingest,
    ) -> Result<Self, EngineError> {
        let http = Http::new().map_err(EngineError::Http)?;
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
        for member in roster.members() {
            member.remember(store.attempts_since(member.name(), window_start(now))?);
            let courier =
                Courier { member: member.clone(), store: store.clone(), http: http.clone(), wake: wake.clone(), only };
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
