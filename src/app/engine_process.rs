//! What makes a process the engine: the engine's tasks, the webhook listener and the tunnel, started and stopped in
//! this order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::file_limit;
use super::tunnel::TunnelTask;
use crate::cli::Exit;
use crate::config::Settings;
use crate::engine::tasks::supervise;
use crate::engine::{Client, Engine, EngineLock, config_watch, engine_status};
use crate::listener::{self, ListenerOptions, MetricsAccess, TrustedProxies};

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

/// The sockets of an engine process.
pub(super) struct Sockets {
    pub(super) listener: BoundListener,
    /// Where `/healthz` and `/metrics` alone are served.
    pub(super) health: Option<BoundListener>,
}

/// A running engine that takes webhooks.
pub(super) struct EngineProcess {
    engine: Engine,
    pub(super) address: SocketAddr,
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
    tunnel: Option<TunnelTask>,
    /// The tasks that end with the process: the watch of the configuration, and the report to screens.
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
        sockets: Sockets,
        for_screens: bool,
    ) -> Result<Self, Exit> {
        let Sockets { listener: BoundListener { socket, address }, health } = sockets;
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
        let mut servers = JoinSet::new();
        let metrics = match (&health, settings.listener.metrics_public) {
            (Some(_), _) => MetricsAccess::Elsewhere,
            (None, true) => MetricsAccess::Public,
            (None, false) => MetricsAccess::Local,
        };
        let proxies = TrustedProxies::new(&settings.listener.trusted_proxies);
        let options = ListenerOptions { connections: file_limit::raise(), metrics, proxies };
        if let Some(health) = health {
            tracing::info!("/healthz and /metrics are served on http://{}", health.address);
            let (ingest, until) = (engine.ingest().clone(), stopped.clone());
            let serve = move |socket| listener::serve_health(socket, ingest.clone(), stop_of(until.clone()));
            serve_supervised(&mut servers, client, ("health listener", health), stopped.clone(), serve)?;
        }
        let (ingest, links, until) = (engine.ingest().clone(), engine.media_links(), stopped.clone());
        let serve = move |socket| {
            listener::serve(socket, (ingest.clone(), links.clone()), options.clone(), stop_of(until.clone()))
        };
        let webhooks = BoundListener { socket, address };
        serve_supervised(&mut servers, client, ("listener", webhooks), stopped.clone(), serve)?;
        let reload = Arc::new(Notify::new());
        let mut watches = JoinSet::new();
        // The configuration of a demo is no file.
        if !client.status().sandbox {
            let (own, again) = (client.clone(), reload.clone());
            let watch = move || config_watch::run(own.clone(), again.clone());
            watches.spawn(supervise(client.tasks().clone(), "configuration".to_owned(), stopped, watch));
        }
        watches.spawn(tell_screens(client.clone()));
        Ok(EngineProcess { engine, address, servers, stop, tunnel, watches, reload, client: client.clone(), lock })
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
        let mut servers = self.servers;
        let ended = async { while servers.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIMEOUT, ended).await.is_err() {
            servers.abort_all();
        }
        self.engine.stop(STOP_TIMEOUT).await;
    }
}

/// Adds the task that serves a socket by `serve`, and does so again after a panic.
fn serve_supervised<F: Future<Output = std::io::Result<()>> + Send + 'static>(
    servers: &mut JoinSet<()>,
    client: &Client,
    (name, bound): (&'static str, BoundListener),
    stopped: watch::Receiver<bool>,
    serve: impl Fn(TcpListener) -> F + Clone + Send + Sync + 'static,
) -> Result<(), Exit> {
    let BoundListener { socket, address } = bound;
    let socket = socket.into_std().map_err(|source| ListenError { address, source })?;
    let run = move || {
        let (socket, serve) = (socket.try_clone(), serve.clone());
        async move {
            let served = async { serve(TcpListener::from_std(socket?)?).await };
            if let Err(error) = served.await {
                tracing::error!(name, %error, "nothing is taken any more");
            }
        }
    };
    servers.spawn(supervise(client.tasks().clone(), name.to_owned(), stopped, run));
    Ok(())
}

/// Waits until `stop` becomes true.
async fn stop_of(mut stop: watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Tells screens when a task has panicked, when a change of the configuration cannot be used, and whether this engine
/// stays.
async fn tell_screens(client: Client) {
    let (mut tasks, mut accounts) = (client.tasks().watch(), client.registry().watch());
    let mut reported = None;
    loop {
        tokio::select! {
            _ = tasks.changed() => {}
            _ = accounts.changed() => {}
        }
        let settings = client.settings();
        let now = Some((client.tasks().failed(), client.config_error(), settings.engine.stay, settings.fingerprint));
        if now != reported {
            client.change_engine_status(|engine| {
                engine.failed_tasks = client.tasks().failed();
                engine.config_error = client.config_error();
                engine.stays = settings.engine.stay;
                engine.config = settings.fingerprint;
            });
            reported = now;
        }
    }
}
