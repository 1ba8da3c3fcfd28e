//! The engine with its door: prepared, opened, closed, in this order.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::passage::Passage;
use crate::cli::{Context, Exit};
use crate::config::Settings;
use crate::engine::{AccountRegistry, Engine, EngineLock, Notifier};
use crate::listener::{self, ListenerOptions};
use crate::store::Store;

/// How long requests and messages on their way may take to end.
const PATIENCE: Duration = Duration::from_secs(8);

/// Said when an account is set to be faster than its gateway documents.
pub(super) const OVER_PACE: &str = "requests_per_minute is more than the gateway advises: the number may be blocked; remove it to keep the documented pace";

/// What an engine needs before it runs: the lock, the store, the accounts.
pub(super) struct House {
    lock: EngineLock,
    store: Store,
    roster: AccountRegistry,
    wake: Notifier,
}

/// A running engine that takes webhooks.
pub(super) struct OpenHouse {
    engine: Engine,
    address: SocketAddr,
    door: JoinHandle<std::io::Result<()>>,
    stop: watch::Sender<bool>,
    tunnel: Option<Passage>,
    _lock: EngineLock,
}

/// The store of a configuration, and what tells of its commits.
pub(super) fn record(context: &Context) -> Result<(Store, Notifier), Exit> {
    let store = context.store()?;
    let wake = Notifier::on(store.path());
    let on_commit = wake.clone();
    store.on_commit(Box::new(move || on_commit.touch()));
    Ok((store, wake))
}

impl House {
    /// Takes the lock and makes the accounts ready. Blocks.
    pub(super) fn prepare(context: &Context) -> Result<Self, Exit> {
        let (store, wake) = record(context)?;
        let lock = EngineLock::take(&context.paths.data_dir)?;
        Self::with(context, lock, store, wake)
    }

    /// The same with a lock that is held already.
    pub(super) fn with(context: &Context, lock: EngineLock, store: Store, wake: Notifier) -> Result<Self, Exit> {
        let roster = context.roster(&store)?;
        Ok(Self::of(lock, store, roster, wake))
    }

    /// The same with accounts that are ready already.
    pub(super) fn of(lock: EngineLock, store: Store, roster: AccountRegistry, wake: Notifier) -> Self {
        House { lock, store, roster, wake }
    }

    /// The accounts.
    pub(super) fn roster(&self) -> &AccountRegistry {
        &self.roster
    }

    /// The record.
    pub(super) fn store(&self) -> Store {
        self.store.clone()
    }

    /// What tells of commits.
    pub(super) fn wake(&self) -> Notifier {
        self.wake.clone()
    }

    /// Binds the door, then starts the engine behind it.
    pub(super) async fn open(self, context: &Context) -> Result<OpenHouse, Exit> {
        let door = bind(context.settings.listener.bind).await?;
        self.open_at(context.settings.clone(), &context.paths.data_dir, door).await
    }

    /// Starts the engine behind a door that is bound already.
    pub(super) async fn open_at(self, settings: Arc<Settings>, data_dir: &Path, door: Door) -> Result<OpenHouse, Exit> {
        let Door { socket, address } = door;
        let tunnel = match &settings.listener.tunnel {
            Some(setting) => Some(Passage::open(setting, address, &self.roster, &self.wake, data_dir)?),
            None => None,
        };
        let engine =
            Engine::start(self.roster, self.store, self.wake).await.map_err(|e| Exit::failed(e.to_string()))?;
        let (stop, mut stopped) = watch::channel(false);
        let options = ListenerOptions { metrics_public: settings.listener.metrics_public };
        let until = async move { drop(stopped.wait_for(|stop| *stop).await) };
        let door = tokio::spawn(listener::serve(socket, engine.ingest().clone(), options, until));
        Ok(OpenHouse { engine, address, door, stop, tunnel, _lock: self.lock })
    }
}

impl OpenHouse {
    /// Where webhooks are taken.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more webhooks, lets what runs end, and stops.
    pub(super) async fn close(self) {
        self.stop.send_replace(true);
        if let Some(tunnel) = self.tunnel {
            tunnel.close().await;
        }
        let mut door = self.door;
        if tokio::time::timeout(PATIENCE, &mut door).await.is_err() {
            door.abort();
        }
        self.engine.stop(PATIENCE).await;
    }
}

/// A bound door, not yet open.
pub(super) struct Door {
    socket: TcpListener,
    /// Where webhooks are taken.
    pub(super) address: SocketAddr,
}

/// Binds the door for webhooks.
pub(super) async fn bind(address: SocketAddr) -> Result<Door, Exit> {
    let failed = |error: std::io::Error| {
        Exit::failed(format!(
            "webhooks cannot be taken on {address}: {error}; choose another address with --listen or [listener] bind"
        ))
    };
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok(Door { socket, address })
}
