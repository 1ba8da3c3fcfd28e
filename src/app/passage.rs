//! The tunnel at work: gateways are told where the listener is reachable, people when that has changed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::cli::Exit;
use crate::config;
use crate::engine::tunnel::{Tunnel, TunnelEvent, memory};
use crate::engine::{AccountRegistry, Notifier};
use crate::text::Clean;

/// A tunnel under watch.
pub(super) struct Passage {
    tunnel: Tunnel,
    listening: JoinHandle<()>,
}

impl Passage {
    /// Starts the tunnel program for a listener bound at `address`.
    pub(super) fn open(
        setting: &config::Tunnel,
        address: SocketAddr,
        roster: &AccountRegistry,
        wake: &Notifier,
        data_dir: &Path,
    ) -> Result<Self, Exit> {
        let (tunnel, events) = Tunnel::start(setting, address).map_err(|e| Exit::wrong(e.to_string()))?;
        let listening = tokio::spawn(listen(events, roster.clone(), wake.clone(), memory(data_dir)));
        Ok(Passage { tunnel, listening })
    }

    /// Ends the program.
    pub(super) async fn close(self) {
        self.tunnel.stop().await;
        self.listening.abort();
    }
}

async fn listen(mut events: mpsc::Receiver<TunnelEvent>, roster: AccountRegistry, wake: Notifier, memory: PathBuf) {
    while let Some(event) = events.recv().await {
        match event {
            TunnelEvent::Up(url) | TunnelEvent::Changed(url) => {
                let before = std::fs::read_to_string(&memory).unwrap_or_default();
                let shown = Clean::line(&url);
                let moved = !before.is_empty() && before != url;
                if moved {
                    tracing::warn!(
                        url = shown.as_str(),
                        "the tunnel's URL has changed: paste the new webhook URLs in the gateways' dashboards \
                         (loket account url NAME)"
                    );
                } else {
                    tracing::info!(url = shown.as_str(), "the tunnel is up");
                }
                if let Err(error) = std::fs::write(&memory, &url) {
                    tracing::warn!(%error, "the tunnel's URL cannot be remembered");
                }
                roster.set_reached_at(&url, moved);
            }
            TunnelEvent::Down(why) => {
                tracing::warn!(why = Clean::line(&why).as_str(), "the tunnel is down; it is tried again");
            }
        }
        // The screen shows where the listener is reached.
        wake.touch();
    }
}
