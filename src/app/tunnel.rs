//! Runs the tunnel program: gateways are given the URL at which the listener is reachable, and people are notified when
//! it has changed.

use std::net::SocketAddr;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::cli::Exit;
use crate::config;
use crate::engine::Client;
use crate::engine::process_group::own_program;
use crate::engine::tunnel::{Tunnel, TunnelEvent, TunnelProcess};
use crate::text::Clean;

/// A tunnel program and the task that reads its events.
pub(super) struct TunnelTask {
    tunnel: Tunnel,
    events: JoinHandle<()>,
}

impl TunnelTask {
    /// Starts the tunnel program for a listener that is bound at `address`.
    pub(super) fn start(setting: &config::Tunnel, address: SocketAddr, client: &Client) -> Result<Self, Exit> {
        let process = TunnelProcess { hidden: client.hidden_variables(), guard: own_program() };
        let (tunnel, events) = Tunnel::open(setting, address, process).map_err(|e| Exit::wrong(e.to_string()))?;
        Ok(TunnelTask { tunnel, events: tokio::spawn(handle(events, client.clone())) })
    }
    pub(super) async fn stop(self) {
        self.tunnel.stop().await;
        self.events.abort();
    }
}

async fn handle(mut events: mpsc::Receiver<TunnelEvent>, client: Client) {
    while let Some(event) = events.recv().await {
        match event {
            TunnelEvent::Up(url) | TunnelEvent::Changed(url) => {
                let shown = Clean::line(&url);
                match client.set_tunnel_url(&url) {
                    Ok(true) => tracing::warn!(
                        url = shown.as_str(),
                        "the tunnel's URL has changed: paste the new webhook URLs in the gateways' dashboards \
                         (loket account url NAME)"
                    ),
                    Ok(false) => tracing::info!(url = shown.as_str(), "the tunnel is up"),
                    Err(error) => tracing::warn!(%error, url = shown.as_str(), "the tunnel's URL cannot be stored"),
                }
            }
            TunnelEvent::Down(reason) => {
                tracing::warn!(why = Clean::line(&reason).as_str(), "the tunnel is down; it is tried again");
            }
        }
    }
}
