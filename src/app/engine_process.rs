//! What makes a process the engine: the engine's tasks, the webhook listener and the tunnel, started and stopped in
//! this order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::file_limit;
use super::tunnel::TunnelTask;
use crate::cli::Exit;
use crate::config::Settings;
use crate::engine::tasks::supervise;
use crate::engine::{Client, Engine, EngineLock, Ingest, config_watch, engine_status};
use crate::listener::{self, ListenerOptions};

/// How long requests and attempts that have begun may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// A bound socket for webhooks that is not served yet.
pub(super) struct BoundListener {
    socket: TcpListener,
    pub(super) address: SocketAddr,
}

/// An address on which webhooks cannot be taken.
#[derive(Debug, thiserror::Error)]
#[error("webhooks cannot be taken on {address}: {source}; choose another address with --listen or [listener] bind")]
pub(super) struct ListenError {
    pub(super) address: SocketAddr,
    pub(super) source: std::io::Error,
}

impl From<ListenError> for Exit {
    fn from(error: ListenError) -> Self {
        Exit::failed(error.to_string())
    }
}

impl BoundListener {
    pub(super) async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        let failed = |source: std::io::Error| ListenError { address, source };
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(BoundListener { socket, address })
    }
}

/// A running engine that takes webhooks.
pub(super) struct EngineProcess {
    engine: Engine,
    pub(super) address: SocketAddr,
    server: JoinHandle<()>,
    stop: watch::Sender<bool>,
    tunnel: Option<TunnelTask>,
    /// The tasks that end with the process: the watch of the configuration, and what screens are told.
    watches: JoinSet<()>,
    reload: Arc<Notify>,
    client: Client,
    lock: EngineLock,
}

impl EngineProcess {
    pub(super) async fn start(
        settings: &Settings,
        client: &Client,
        lock: EngineLock,
        listener: BoundListener,
        for_screens: bool,
    ) -> Result<Self, Exit> {
        let BoundListener { socket, address } = listener;
        client.change_engine_status(|engine| {
            engine.pid = std::process::id();
            engine.for_screens = for_screens;
            engine.stays = settings.engine.stay;
            engine.listener = Some(address);
            engine.config = settings.fingerprint;
        });
        let (stop, stopped) = watch::channel(false);
        let tunnel = match &settings.listener.tunnel {
            Some(setting) => Some(TunnelTask::start(setting, address, client)?),
            None => None,
        };
        let engine = Engine::start(client).await?;
        let socket = socket.into_std().map_err(|source| ListenError { address, source })?;
        let connections = file_limit::raise();
        let options = ListenerOptions { connections, metrics_public: settings.listener.metrics_public };
        let (ingest, until) = (engine.ingest().clone(), stopped.clone());
        let listen = move || serve(socket.try_clone(), ingest.clone(), options, until.clone());
        let server = tokio::spawn(supervise(client.tasks().clone(), "listener".to_owned(), stopped.clone(), listen));
        let reload = Arc::new(Notify::new());
        let mut watches = JoinSet::new();
        // The configuration of a demo is no file.
        if !client.status().sandbox {
            let (own, again) = (client.clone(), reload.clone());
            let watch = move || config_watch::run(own.clone(), again.clone());
            watches.spawn(supervise(client.tasks().clone(), "configuration".to_owned(), stopped, watch));
        }
        watches.spawn(tell_screens(client.clone()));
        Ok(EngineProcess { engine, address, server, stop, tunnel, watches, reload, client: client.clone(), lock })
    }

    /// Reads the configuration again when it is notified.
    pub(super) fn reload(&self) -> Arc<Notify> {
        self.reload.clone()
    }

    /// Takes no more webhooks, lets what has begun end, and stops.
    pub(super) async fn stop(mut self) {
        self.watches.abort_all();
        self.lock.retire();
        engine_status::remove(self.client.data_dir());
        self.stop.send_replace(true);
        if let Some(tunnel) = self.tunnel {
            tunnel.stop().await;
        }
        let mut server = self.server;
        if tokio::time::timeout(STOP_TIMEOUT, &mut server).await.is_err() {
            server.abort();
        }
        self.engine.stop(STOP_TIMEOUT).await;
    }
}

/// Serves webhooks until `stop` becomes true.
async fn serve(
    socket: std::io::Result<std::net::TcpListener>,
    ingest: Ingest,
    options: ListenerOptions,
    mut stop: watch::Receiver<bool>,
) {
    let until = async move { drop(stop.wait_for(|stop| *stop).await) };
    let served = async { listener::serve(TcpListener::from_std(socket?)?, ingest, options, until).await };
    if let Err(error) = served.await {
        tracing::error!(%error, "webhooks are taken no more");
    }
}

/// Tells screens when a task has panicked, when a change of the configuration cannot be used, and whether this engine
/// stays.
async fn tell_screens(client: Client) {
    let (mut tasks, mut accounts) = (client.tasks().watch(), client.registry().watch());
    let mut told = None;
    loop {
        tokio::select! {
            _ = tasks.changed() => {}
            _ = accounts.changed() => {}
        }
        let settings = client.settings();
        let now = Some((client.tasks().failed(), client.config_error(), settings.engine.stay, settings.fingerprint));
        if now != told {
            client.change_engine_status(|engine| {
                engine.failed_tasks = client.tasks().failed();
                engine.config_error = client.config_error();
                engine.stays = settings.engine.stay;
                engine.config = settings.fingerprint;
            });
            told = now;
        }
    }
}
