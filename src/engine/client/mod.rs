//! People's and scripts' way to use the engine: the screen and the commands reach it by [`Client`] only.
//!
//! Works the same in the engine's process and in another one beside it: the store is all that they share.
//! Invariant: nothing here sends a message; it is put into the outbox.

mod accounts;
mod backup;
mod contacts;
mod customers;
mod diagnostics;
mod files;
mod forget;
mod media;
mod process;
mod query;
mod read;
mod reload;
mod report;
mod send;
mod write;

pub(crate) use super::accounts::key_check::KeyCheck;
pub(crate) use super::accounts::login::{Login, Step, Timing};
pub(crate) use super::accounts::setup::remove as remove_account;
pub use super::backup::{Line, LineCounts};
pub(crate) use super::engine_status::read as engine_status;
pub(crate) use super::forget::{ForgetError, Forgotten};
pub(crate) use super::lock::running as engine_pid;
pub(crate) use super::tunnel::check as check_tunnel;
pub(crate) use crate::providers::{LoginMethod, LoginState};
pub(crate) use accounts::{AccountDetails, check_new_account};
pub(crate) use diagnostics::validate_account;
pub(crate) use files::inspect_file;
pub(crate) use process::{EngineBeside, Process};

use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, RwLock};

use tokio::sync::watch;

use super::accounts::registry::AccountRegistry;
use super::clock;
use super::engine_status::EngineStatus;
use super::notifier::Notifier;
use super::open_store::open_store;
use super::outbound::http::{Http, Network};
use super::tasks::TaskHealth;
use crate::config::{Environment, Paths, Settings};
use crate::domain::Timestamp;
use crate::store::{Store, StoreError};

/// Whether the store of a data directory is of an older version: opening it takes a while then.
pub(crate) fn needs_upgrade(data_dir: &Path) -> bool {
    Store::needs_upgrade(data_dir)
}

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
    settings: watch::Sender<Arc<Settings>>,
    /// The settings with which this process started.
    first_settings: Arc<Settings>,
    /// Why the newest version of the configuration is not in force.
    config_error: Mutex<Option<String>>,
    /// The accounts have changed since they were last asked for.
    accounts_changed: AtomicBool,
    paths: Paths,
    environment: Environment,
    tasks: TaskHealth,
    process: RwLock<Process>,
    /// What this process's engine reports to screens.
    engine_status: Mutex<EngineStatus>,
}

impl Client {
    /// Opens the store. No account is ready yet: see [`Client::load_accounts`].
    pub fn open(settings: Arc<Settings>, paths: Paths, environment: Environment) -> Result<Self, StoreError> {
        let store = open_store(&paths.data_dir)?;
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
        let engine_status = Mutex::default();
        let shared = Shared {
            store,
            registry,
            notifier,
            http,
            settings: watch::Sender::new(settings.clone()),
            first_settings: settings,
            config_error: Mutex::default(),
            accounts_changed: AtomicBool::new(false),
            paths,
            environment,
            tasks: TaskHealth::default(),
            process,
            engine_status,
        };
        Client { shared: Arc::new(shared) }
    }

    /// Makes the accounts of the configuration ready. Blocks: secrets may come from programs and the keyring.
    pub fn load_accounts(&self) -> Result<(), StoreError> {
        let Shared { registry, environment, store, .. } = &*self.shared;
        registry.load(&self.settings(), environment, store)
    }

    /// As [`Client::load_accounts`], for a process that goes on: an account whose secrets take long keeps no other one
    /// waiting and is taken over when they are there. Blocks for some seconds at most.
    pub(crate) fn load_accounts_side_by_side(&self) -> Result<(), StoreError> {
        let Shared { registry, environment, store, .. } = &*self.shared;
        registry.load_side_by_side(&self.settings(), environment, store)
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
        self.settings().hidden_variables(&self.shared.environment)
    }

    /// The store, for the other modules of the client.
    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The accounts of the configuration, usable and invalid.
    pub(crate) fn registry(&self) -> &AccountRegistry {
        &self.shared.registry
    }

    /// The long-running tasks of this process.
    pub(crate) fn tasks(&self) -> &TaskHealth {
        &self.shared.tasks
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
