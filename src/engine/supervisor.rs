//! A running engine: the tasks that are started together and stopped together.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::accounts::account::ConfiguredAccount;
use super::accounts::session_watch;
use super::client::Client;
use super::inbound::ingest::Ingest;
use super::inbound::interpret::Interpreter;
use super::outbound::limits::window_start;
use super::outbound::sender::Sender;
use super::{clock, maintenance};
use crate::domain::{AccountName, ConversationId, StoreError};

/// Starts the tasks of accounts that are added while the engine runs.
struct AddedAccounts {
    client: Client,
    interpreter: Interpreter,
    /// Accounts whose tasks run.
    started: HashSet<AccountName>,
}

impl AddedAccounts {
    /// Works until `stop` becomes true; then waits for what its senders are sending.
    async fn run(mut self, mut added: watch::Receiver<u64>, mut stop: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        while !*stop.borrow() {
            tokio::select! {
                _ = stop.changed() => {}
                changed = added.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    for account in self.client.registry().accounts() {
                        if self.started.insert(account.name().clone()) {
                            tasks.spawn(watch_session(&self.client, account.clone(), stop.clone()));
                            tasks.spawn(sender(&self.client, account, None).run(stop.clone()));
                        }
                    }
                    // Events that came while the account was unknown wait in the journal.
                    self.interpreter.wake();
                }
            }
        }
        while tasks.join_next().await.is_some() {}
    }
}

fn sender(client: &Client, account: Arc<ConfiguredAccount>, only: Option<ConversationId>) -> Sender {
    let (store, http, notifier) = (client.store().clone(), client.http().clone(), client.notifier().clone());
    Sender { account, store, http, notifier, only }
}

fn watch_session(
    client: &Client,
    account: Arc<ConfiguredAccount>,
    stop: watch::Receiver<bool>,
) -> impl Future<Output = ()> + use<> {
    session_watch::watch(account, client.store().clone(), client.http().clone(), stop)
}

/// A running engine. Its caller holds the [`super::EngineLock`].
pub(crate) struct Engine {
    ingest: Ingest,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Recovers what an earlier run left, then starts everything. Must be called within a runtime.
    pub(crate) async fn start(client: &Client) -> Result<Self, StoreError> {
        let (registry, store) = (client.registry().clone(), client.store().clone());
        let interpreter = Interpreter::new(registry.clone(), store.clone());
        // Subscribed before the accounts are read, so that none is added unseen between the two.
        let added = registry.watch();
        let accounts = registry.accounts();
        let mut engine = Self::with_senders(client, &accounts, None, interpreter.clone()).await?;
        engine.tasks.spawn(interpreter.clone().run(client.watch(), engine.stop.subscribe()));
        let started = accounts.iter().map(|account| account.name().clone()).collect();
        for account in accounts {
            engine.tasks.spawn(watch_session(client, account, engine.stop.subscribe()));
        }
        let notifier = client.notifier().clone();
        engine.tasks.spawn(maintenance::run(registry, store, notifier, engine.stop.subscribe()));
        let added_accounts = AddedAccounts { client: client.clone(), interpreter, started };
        engine.tasks.spawn(added_accounts.run(added, engine.stop.subscribe()));
        Ok(engine)
    }

    /// An engine that only sends one conversation's messages, for a command without an engine beside it.
    pub(crate) async fn start_for(client: &Client, conversation: ConversationId) -> Result<Self, StoreError> {
        let interpreter = Interpreter::new(client.registry().clone(), client.store().clone());
        Self::with_senders(client, &client.registry().accounts(), Some(conversation), interpreter).await
    }

    async fn with_senders(
        client: &Client,
        accounts: &[Arc<ConfiguredAccount>],
        only: Option<ConversationId>,
        interpreter: Interpreter,
    ) -> Result<Self, StoreError> {
        let (now, store) = (clock::now(), client.store());
        let unsure = store.recover_leases(now).await?;
        if !unsure.is_empty() {
            tracing::warn!(
                messages = unsure.len(),
                "an earlier run ended while it was sending; the messages are unsure"
            );
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for account in accounts {
            account.count_earlier(store.attempts_since(account.name(), window_start(now))?);
            tasks.spawn(sender(client, account.clone(), only).run(stopped.clone()));
        }
        let ingest = Ingest::new(client.registry().clone(), store.clone(), interpreter);
        Ok(Engine { ingest, stop, tasks })
    }

    /// The way in for webhooks.
    pub(crate) fn ingest(&self) -> &Ingest {
        &self.ingest
    }

    /// Starts nothing new, lets what is being sent end within `timeout`, then gives up on it: it will be unsure at the
    /// next start.
    pub(crate) async fn stop(mut self, timeout: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(timeout, ended).await.is_err() {
            tracing::warn!("stopped while messages were being sent; they will be unsure");
        }
        self.tasks.abort_all();
    }
}
