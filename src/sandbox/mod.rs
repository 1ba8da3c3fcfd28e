//! Simulated gateways over real loopback HTTP, with customers who write and answer.
//!
//! [`Sandbox::start`] serves every account of [`all_accounts`] at one address. `server` passes a request to the
//! gateway's simulator; a message that it accepts reaches the `customers`; what they write leaves through `delivery` as
//! signed webhooks. `faults` decides what goes wrong. `control` has addresses for people and tests under `/sandbox`.
//!
//! Invariant: the sandbox is reached over the network only. Nothing here knows the engine, the store or the screen; it
//! reaches them by signed webhooks only, and they reach it by requests to the gateways' documented addresses.

mod accounts;
mod address_book;
mod clock;
mod control;
mod customers;
mod delivery;
mod error;
mod faults;
mod fetch;
mod inbound;
mod media;
mod options;
mod rate_limit;
mod rng;
mod schedule;
mod sent_log;
mod server;
mod simulated_account;
mod simulation;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use accounts::{SandboxAccount, all_accounts, config, demo_accounts};
pub(crate) use error::SandboxError;
pub use options::{Pace, SandboxOptions};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use self::address_book::AddressBook;
use self::clock::Clock;
use self::customers::scenario::{ReceivedMessage, Scenario};
use self::faults::FaultPlan;
use self::simulated_account::{GatewayEvent, SimulatedAccount};
use self::simulation::Simulation;

/// A running sandbox. It ends when it is dropped; [`Sandbox::stop`] ends it in order.
pub struct Sandbox {
    address: SocketAddr,
    simulation: Arc<Simulation>,
    server: JoinSet<()>,
    workers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// The most events of one account that wait for their delivery.
const EVENTS_MAX: usize = 2048;
/// The most messages to customers that wait to be read.
const RECEIVED_MAX: usize = 2048;
/// How long requests may take to end when the sandbox stops.
const STOP_WITHIN: Duration = Duration::from_secs(1);

impl Sandbox {
    /// Starts to listen and to simulate customers.
    pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
        let scenario = Scenario::new(options.seed, options.pace, options.customers)?;
        let client = client()?;
        let failed = |source| SandboxError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopping) = watch::channel(false);
        let (to_customers, received) = mpsc::channel::<ReceivedMessage>(RECEIVED_MAX);
        let clock = Clock::start();
        let (accounts, events) = open_accounts(&options, address, clock)?;
        let faults = FaultPlan(options.chaos);
        let pace = options.pace;
        let simulation = Arc::new(Simulation {
            address,
            clock,
            pace,
            faults,
            accounts,
            to_customers,
            stopping,
            client: client.clone(),
        });
        let mut workers = JoinSet::new();
        for (account, events) in simulation.accounts.iter().zip(events) {
            workers.spawn(delivery::deliver(Arc::clone(&simulation), Arc::clone(account), client.clone(), events));
        }
        workers.spawn(simulation::run_scenario(Arc::clone(&simulation), scenario, received));
        let mut server = JoinSet::new();
        server.spawn(serve(listener, Arc::clone(&simulation)));
        Ok(Sandbox { address, simulation, server, workers, stop })
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of an account's API.
    pub fn base_url(&self, account: &SandboxAccount) -> String {
        account.base_url(self.address)
    }

    /// Sets the URL to which an account's events are posted; `false` when there is no account of that name.
    pub fn connect(&self, account: &str, webhook_url: String) -> bool {
        let account = self.simulation.account(account);
        account.map(|account| account.webhook_url.send_replace(Some(webhook_url))).is_some()
    }

    /// Stops the customers, then the server; requests in progress are cut off after a second.
    pub async fn stop(mut self) {
        self.workers.shutdown().await;
        self.stop.send_replace(true);
        if tokio::time::timeout(STOP_WITHIN, self.server.join_next()).await.is_err() {
            self.server.shutdown().await;
        }
    }
}

/// The simulated accounts, and for each the events that it has to deliver.
type OpenAccounts = (Vec<Arc<SimulatedAccount>>, Vec<mpsc::Receiver<GatewayEvent>>);

fn open_accounts(options: &SandboxOptions, address: SocketAddr, clock: Clock) -> Result<OpenAccounts, SandboxError> {
    let (mut accounts, mut receivers) = (Vec::new(), Vec::new());
    for definition in all_accounts() {
        let (provider, profile) = definition.resolve(address)?;
        let (events, receiver) = mpsc::channel(EVENTS_MAX);
        let name = profile.account.clone();
        let address_book = AddressBook::new(name, definition.logged_out, options.pace, options.seed);
        let account = SimulatedAccount::new(definition, provider, profile, address_book, events, clock.started_at());
        if let Some(receiver) = &options.receiver {
            let url = format!("{}{}", receiver.trim_end_matches('/'), definition.webhook_path());
            account.webhook_url.send_replace(Some(url));
        }
        accounts.push(Arc::new(account));
        receivers.push(receiver);
    }
    Ok((accounts, receivers))
}

async fn serve(listener: TcpListener, simulation: Arc<Simulation>) {
    let mut stopping = simulation.stopping.clone();
    let stopped = async move {
        // An error means that the sandbox was dropped, which is a reason to stop as well.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let result = axum::serve(listener, server::router(simulation)).with_graceful_shutdown(stopped).await;
    if let Err(error) = result {
        tracing::warn!(%error, "the sandbox's server ended");
    }
}

fn client() -> Result<reqwest::Client, SandboxError> {
    // Fails when the program has installed a provider already, which is just as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .user_agent(concat!("loket-sandbox/", env!("CARGO_PKG_VERSION")))
        // Both programs run on this machine; a proxy could not reach it.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    Ok(client)
}
