//! The tasks of each account: they start, stop and are replaced as the configuration changes.
//!
//! Invariant: a task that is stopped finishes what it has begun; what it was sending is not lost.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::domain::{AccountName, ConversationId};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::session_watch;
use crate::engine::client::Client;
use crate::engine::inbound::interpret::Interpreter;
use crate::engine::outbound::sender::Sender;
use crate::engine::tasks::supervise;

/// Runs the tasks of the accounts of a client's registry.
pub(super) struct AccountTasks {
    client: Client,
    interpreter: Interpreter,
    running: HashMap<AccountName, Running>,
    tasks: JoinSet<()>,
}

/// An account whose tasks run, and what stops them.
struct Running {
    account: Arc<ConfiguredAccount>,
    stop: watch::Sender<bool>,
}

impl AccountTasks {
    /// No account's tasks run yet.
    pub(super) fn new(client: Client, interpreter: Interpreter) -> Self {
        AccountTasks { client, interpreter, running: HashMap::new(), tasks: JoinSet::new() }
    }

    /// Works until `stop` becomes true; then waits for what its senders are sending.
    pub(super) async fn run(mut self, mut changed: watch::Receiver<u64>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            changed.borrow_and_update();
            self.follow_registry();
            tokio::select! {
                _ = stop.changed() => {}
                changed = changed.changed() => if changed.is_err() {
                    break;
                },
                Some(_) = self.tasks.join_next() => {}
            }
        }
        for running in self.running.values() {
            running.stop.send_replace(true);
        }
        while self.tasks.join_next().await.is_some() {}
    }

    /// Starts the tasks of new and changed accounts, and stops those of removed ones.
    fn follow_registry(&mut self) {
        let accounts = self.client.registry().accounts();
        self.running.retain(|_, running| {
            let stays = accounts.iter().any(|account| Arc::ptr_eq(account, &running.account));
            if !stays {
                running.stop.send_replace(true);
            }
            stays
        });
        for account in accounts {
            if !self.running.contains_key(account.name()) {
                self.start(account);
                // Events that came while the account was unknown wait in the journal.
                self.interpreter.wake();
            }
        }
    }

    fn start(&mut self, account: Arc<ConfiguredAccount>) {
        let (stop, stopped) = watch::channel(false);
        let (client, name) = (&self.client, account.name().clone());
        let (store, http) = (client.store().clone(), client.http().clone());
        let watched = account.clone();
        let (session, until) = (stopped.clone(), stopped.clone());
        let watch = move || session_watch::watch(watched.clone(), store.clone(), http.clone(), session.clone());
        self.tasks.spawn(supervise(client.tasks().clone(), format!("session {name}"), until, watch));
        self.tasks.spawn(run_sender(client, account.clone(), None, stopped));
        self.running.insert(name, Running { account, stop });
    }
}

/// Sends an account's messages, or those of one conversation of it, until `stop` becomes true.
pub(super) fn run_sender(
    client: &Client,
    account: Arc<ConfiguredAccount>,
    only: Option<ConversationId>,
    stop: watch::Receiver<bool>,
) -> impl Future<Output = ()> + use<> {
    let name = format!("sender {}", account.name());
    let (store, http, notifier) = (client.store().clone(), client.http().clone(), client.notifier().clone());
    let sender = Sender::new(account, store, http, notifier, only).counted_in(client.tasks().clone());
    let sender = sender.with_links(client.clone());
    let stopped = stop.clone();
    supervise(client.tasks().clone(), name, stop, move || sender.clone().run(stopped.clone()))
}
