//! A running engine: the tasks that are started together and stopped together, each supervised.

mod account_tasks;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use self::account_tasks::{AccountTasks, run_sender};
use super::client::Client;
use super::inbound::ingest::Ingest;
use super::inbound::interpret::Interpreter;
use super::media::MediaLinks;
use super::outbound::owner::PROCESS;
use super::tasks::supervise;
use super::{clock, maintenance, media, presence, transcription};
use crate::domain::{ConversationId, StoreError};
use crate::store::{Abandoned, Store};

/// A running engine. Its caller holds the [`super::EngineLock`].
pub(crate) struct Engine {
    ingest: Ingest,
    store: Store,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Recovers what an earlier run left, then starts everything. Must be called within a runtime.
    pub(crate) async fn start(client: &Client) -> Result<Self, StoreError> {
        let (registry, store) = (client.registry().clone(), client.store().clone());
        let interpreter = Interpreter::new(registry.clone(), store.clone(), client.tasks().clone());
        let mut engine = Self::prepare(client, interpreter.clone()).await?;
        let (stop, health) = (engine.stop.subscribe(), client.tasks().clone());
        let accounts = AccountTasks::new(client.clone(), interpreter.clone());
        engine.tasks.spawn(accounts.run(registry.watch(), stop.clone()));
        let (committed, stopped) = (client.watch(), stop.clone());
        let interpret = move || interpreter.clone().run(committed.clone(), stopped.clone());
        engine.tasks.spawn(supervise(health.clone(), "interpreter".to_owned(), stop.clone(), interpret));
        let (notifier, stopped, own) = (client.notifier().clone(), stop.clone(), client.clone());
        let maintain = move || {
            let client = own.clone();
            let keep = Box::new(move || client.settings().privacy.keep_days);
            maintenance::run(registry.clone(), store.clone(), notifier.clone(), keep, stopped.clone())
        };
        engine.tasks.spawn(supervise(health.clone(), "maintenance".to_owned(), stop.clone(), maintain));
        let (own, stopped) = (client.clone(), stop.clone());
        let fetch = move || media::run(own.clone(), stopped.clone());
        engine.tasks.spawn(supervise(health.clone(), "files".to_owned(), stop.clone(), fetch));
        let (own, stopped) = (client.clone(), stop.clone());
        let transcribe = move || transcription::run(own.clone(), stopped.clone());
        engine.tasks.spawn(supervise(health.clone(), "transcription".to_owned(), stop.clone(), transcribe));
        let (store, notifier) = (client.store().clone(), client.notifier().clone());
        let (data_dir, stopped) = (client.data_dir().to_owned(), stop.clone());
        let watch_screens = move || presence::run(data_dir.clone(), store.clone(), notifier.clone(), stopped.clone());
        engine.tasks.spawn(supervise(health, "presence".to_owned(), stop, watch_screens));
        Ok(engine)
    }

    /// An engine that only sends one conversation's messages, for a command without an engine beside it.
    pub(crate) async fn start_for(client: &Client, conversation: ConversationId) -> Result<Self, StoreError> {
        let (registry, store) = (client.registry().clone(), client.store().clone());
        let interpreter = Interpreter::new(registry, store, client.tasks().clone());
        let mut engine = Self::prepare(client, interpreter).await?;
        for account in client.registry().accounts() {
            engine.tasks.spawn(run_sender(client, account, Some(conversation), engine.stop.subscribe()));
        }
        Ok(engine)
    }

    /// An engine without tasks; what an earlier run left is recovered.
    async fn prepare(client: &Client, interpreter: Interpreter) -> Result<Self, StoreError> {
        let store = client.store().clone();
        let unsure = store.recover_leases(Abandoned::All, clock::now()).await?;
        if !unsure.is_empty() {
            tracing::warn!(
                messages = unsure.len(),
                "an earlier run ended while it was sending; the messages are unsure"
            );
        }
        let ingest = Ingest::new(client.registry().clone(), store.clone(), interpreter, client.tasks().clone());
        Ok(Engine { ingest, store, stop: watch::Sender::new(false), tasks: JoinSet::new() })
    }

    /// The way in for webhooks.
    pub(crate) fn ingest(&self) -> &Ingest {
        &self.ingest
    }

    /// The files that gateways fetch.
    pub(crate) fn media_links(&self) -> MediaLinks {
        MediaLinks::new(self.store.clone())
    }

    /// Starts nothing new, lets what is being sent end within `timeout`, then gives up on it: it is unsure.
    pub(crate) async fn stop(mut self, timeout: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(timeout, ended).await.is_ok() {
            return;
        }
        self.tasks.shutdown().await;
        match self.store.recover_leases(Abandoned::Process(PROCESS.clone()), clock::now()).await {
            Ok(unsure) if unsure.is_empty() => {}
            Ok(unsure) => tracing::warn!(messages = unsure.len(), "stopped while messages were being sent: unsure"),
            Err(error) => tracing::error!(%error, "messages that were being sent will be unsure at the next start"),
        }
    }
}
