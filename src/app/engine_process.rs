//! What makes a process the engine: the engine's tasks, the webhook listener and the tunnel, started and stopped in
//! this order.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::tunnel::TunnelTask;
use crate::cli::Exit;
use crate::config::Settings;
use crate::engine::{Client, Engine, EngineLock, engine_status};
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
    server: JoinHandle<std::io::Result<()>>,
    stop: watch::Sender<bool>,
    tunnel: Option<TunnelTask>,
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
        });
        let tunnel = match &settings.listener.tunnel {
            Some(setting) => Some(TunnelTask::start(setting, address, client)?),
            None => None,
        };
        let engine = Engine::start(client).await?;
        let (stop, mut stopped) = watch::channel(false);
        let options = ListenerOptions { metrics_public: settings.listener.metrics_public };
        let until = async move { drop(stopped.wait_for(|stop| *stop).await) };
        let server = tokio::spawn(listener::serve(socket, engine.ingest().clone(), options, until));
        Ok(EngineProcess { engine, address, server, stop, tunnel, client: client.clone(), lock })
    }

    /// Takes no more webhooks, lets what has begun end, and stops.
    pub(super) async fn stop(self) {
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
