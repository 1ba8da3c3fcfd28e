//! The engine on a virtual clock, with gateways that are functions: tests run years of it in seconds, and a seed runs
//! the same again.
//!
//! Everything but sockets, the clock and the writer's thread is the real engine and the real store. It must run on a
//! current-thread runtime whose clock is paused, for the virtual clock belongs to its thread.

use std::sync::Arc;
use std::time::Duration;

use super::client::Client;
use super::clock;
use super::inbound::ingest::Reply;
use super::supervisor::Engine;
use crate::config::{Environment, Paths, Settings};
use crate::domain::{StoreError, Timestamp};
use crate::providers::Webhook;

pub use super::outbound::http::{HttpError, Network};

/// Sets the wall clock, which follows the runtime's paused clock from here on; again when somebody sets it wrong.
pub fn set_clock(wall: Timestamp) {
    clock::set_virtual(wall);
}

/// A running engine in a simulation. Dropping it without [`SimulatedEngine::stop`] is a crash: its tasks end where
/// they are.
pub struct SimulatedEngine {
    client: Client,
    engine: Engine,
}

impl SimulatedEngine {
    /// Opens the store in `paths.data_dir` and starts an engine whose requests go to `network`.
    pub async fn start(
        settings: Arc<Settings>,
        paths: Paths,
        environment: Environment,
        network: Arc<dyn Network>,
    ) -> Result<Self, StoreError> {
        let client = Client::simulated(settings, paths, environment, network)?;
        client.load_accounts()?;
        let engine = Engine::start(&client).await?;
        Ok(SimulatedEngine { client, engine })
    }

    /// How agents use the engine.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Receives a webhook; returns the HTTP status of the answer. Dropping the future is a sender that hangs up.
    pub fn receive(&self, account: &str, token: &str, webhook: Webhook) -> impl Future<Output = u16> + use<> {
        let (ingest, account, token) = (self.engine.ingest().clone(), account.to_owned(), token.to_owned());
        async move {
            match ingest.receive(&account, &token, webhook).await {
                Reply::Accepted(_) => 200,
                Reply::AcceptedWithReplies { written, .. } => {
                    // The response is written to nowhere, at once.
                    let _ = written.send(());
                    200
                }
                Reply::Unknown => 404,
                Reply::Unauthorised(_) => 401,
                Reply::NotJson => 400,
                Reply::Unavailable => 503,
            }
        }
    }

    /// Stops as at SIGTERM: what is being sent may take `timeout` to end.
    pub async fn stop(self, timeout: Duration) {
        self.engine.stop(timeout).await;
    }
}
