//! People's and scripts' way to use the engine: the screen and the commands reach it by [`Client`] only.
//!
//! Works the same in the engine's process and in another one beside it: the store is all that they share.
//! Invariant: nothing here sends a message; it is put into the outbox.

mod accounts;
mod backup;
mod contacts;
mod diagnostics;
mod query;
mod read;
mod send;
mod write;

pub(crate) use super::accounts::key_check::KeyCheck;
pub(crate) use super::accounts::login::{Login, Step, Timing};
pub(crate) use super::accounts::setup::remove as remove_account;
pub use super::backup::{Line, LineCounts};
pub(crate) use super::lock::running as engine_pid;
pub(crate) use super::tunnel::check as check_tunnel;
pub(crate) use crate::providers::{LoginMethod, LoginState};
pub(crate) use accounts::{AccountDetails, check_new_account};
pub(crate) use diagnostics::validate_account;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::accounts::registry::AccountRegistry;
use super::clock;
use super::notifier::Notifier;
use super::outbound::http::{Http, Network};
use crate::config::{Environment, Paths, Settings};
use crate::domain::{ProcessStatus, Role, Timestamp};
use crate::store::{Store, StoreError};

/// The engine as people and scripts use it. Cheap to clone; all clones are the same client.
///
/// Methods that are not async read or write local files only and take micro- to milliseconds, but block: call them on
/// a blocking thread. Writes return when they are durable.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    registry: AccountRegistry,
    notifier: Notifier,
    http: Http,
    settings: Arc<Settings>,
    paths: Paths,
    environment: Environment,
    process: RwLock<Process>,
}

/// What this process does beside being a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Process {
    /// The pid of the process that runs the engine, when this one does not; `?` when it is not known.
    pub(crate) engine_pid: Option<String>,
    /// All gateways are simulated. No account can be added, for the configuration is not the person's own.
    pub sandbox: bool,
    /// Where this process takes webhooks.
    pub listener: Option<SocketAddr>,
}

impl Client {
    /// Opens the store. No account is ready yet: see [`Client::load_accounts`].
    pub fn open(settings: Arc<Settings>, paths: Paths, environment: Environment) -> Result<Self, StoreError> {
        let store = Store::open(&paths.data_dir)?;
        let notifier = Notifier::on(store.path());
        Ok(Self::assemble(store, notifier, Http::default(), (settings, paths, environment)))
    }

    /// A client of a simulation: without threads, and without sockets.
    pub(crate) fn simulated(
        settings: Arc<Settings>,
        paths: Paths,
        environment: Environment,
        network: Arc<dyn Network>,
    ) -> Result<Self, StoreError> {
        let store = Store::open_inline(&paths.data_dir)?;
        Ok(Self::assemble(store, Notifier::of_process(), Http::simulated(network), (settings, paths, environment)))
    }

    fn assemble(
        store: Store,
        notifier: Notifier,
        http: Http,
        (settings, paths, environment): (Arc<Settings>, Paths, Environment),
    ) -> Self {
        let committed = notifier.clone();
        store.on_commit(Box::new(move || committed.notify()));
        let (registry, process) = (AccountRegistry::new(), RwLock::default());
        let shared = Shared { store, registry, notifier, http, settings, paths, environment, process };
        Client { shared: Arc::new(shared) }
    }

    /// Makes the accounts of the configuration ready. Blocks: secrets may come from programs and the keyring.
    pub fn load_accounts(&self) -> Result<(), StoreError> {
        let Shared { registry, settings, environment, store, .. } = &*self.shared;
        registry.load(settings, environment, store)
    }

    /// Sets what this process does: at its start, and when a viewer becomes the engine.
    pub(crate) fn set_process(&self, process: Process) {
        *self.shared.process.write().unwrap_or_else(PoisonError::into_inner) = process;
        self.shared.notifier.notify();
    }

    /// What people are shown about this process.
    pub fn status(&self) -> ProcessStatus {
        let process = self.process();
        let tunnel = self.registry().tunnel_url();
        ProcessStatus {
            role: match &process.engine_pid {
                Some(pid) => Role::Viewer { pid: pid.parse().unwrap_or_default() },
                None => Role::Engine,
            },
            sandbox: process.sandbox,
            listener: tunnel.or_else(|| process.listener.map(|address| address.to_string())),
            moved_to: self.registry().moved_to(),
        }
    }

    /// Becomes changed after every commit, in this or another process. Several commits may be one change.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.shared.notifier.watch()
    }

    /// The current time of the system's clock, in milliseconds.
    pub fn now(&self) -> Timestamp {
        clock::now()
    }

    /// The directory of the store; only its owner can read it.
    pub fn data_dir(&self) -> &Path {
        &self.shared.paths.data_dir
    }

    /// The environment variables that a program started by Loket must not inherit.
    pub(crate) fn hidden_variables(&self) -> Vec<OsString> {
        self.shared.settings.hidden_variables(&self.shared.environment)
    }

    fn process(&self) -> Process {
        self.shared.process.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The store, for the other modules of the client.
    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The accounts of the configuration, usable and invalid.
    pub(crate) fn registry(&self) -> &AccountRegistry {
        &self.shared.registry
    }

    /// What notifies this process of commits.
    pub(crate) fn notifier(&self) -> &Notifier {
        &self.shared.notifier
    }

    /// The connections to gateways that this process shares.
    pub(crate) fn http(&self) -> &Http {
        &self.shared.http
    }
}
