//! The gateways' other side over real loopback HTTP, with customers who write and answer.
//!
//! [`Sandbox::start`] serves every account of [`all_stages`] at one address. A request goes through `server` to the
//! gateway's `sim`; what it sends reaches the `cast` of personas; what they say leaves by `delivery` as signed
//! webhooks. `control` has addresses for people and tests under `/sandbox`.
//!
//! Invariant: a stranger on the network. Nothing here knows the engine, the store or the screen; what it says
//! reaches them as signed webhooks, what it hears comes as requests to the gateways' documented addresses.

mod actor;
mod agenda;
mod book;
mod cast;
mod chaos;
mod claims;
mod clock;
mod control;
mod delivery;
mod desk;
mod dice;
mod intents;
mod ledger;
mod limit;
mod media;
mod persona;
mod server;
mod stage;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub use stage::{Stage, all_stages, config, stages};

use self::book::Book;
use self::cast::{Cast, Heard};
use self::chaos::Chaos;
use self::clock::Clock;
use self::desk::{Parcel, SimulatedAccount};
use self::world::World;

/// How the sandbox is to behave.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where it listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The seed of a bad day: refusals, faults, silence, and webhooks doubled, late and out of order.
    pub chaos: Option<u64>,
    /// How fast customers are.
    pub pace: Pace,
    /// What the customers' choices grow from: the same seed and the same answers play the same evening.
    pub seed: u64,
    /// The listener's public URL. Events of each account go to its fixed path there ([`Stage::webhook_path`]) until
    /// [`Sandbox::connect`] says otherwise; without one they wait.
    pub receiver: Option<String>,
    /// Customers write and answer. Without them only the gateways are there.
    pub customers: bool,
}

/// How fast customers read, type and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As people do.
    Human,
    /// A hundred times as fast, for tests.
    Fast,
}

impl Pace {
    /// A span of a person's time in this pace.
    fn scale(self, span: Duration) -> Duration {
        match self {
            Pace::Human => span,
            Pace::Fast => span / 100,
        }
    }
}

/// Why the sandbox cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A simulated account's gateway or mode is not in the registry.
    #[error("the sandbox's account {0} has no gateway")]
    Stage(&'static str),
    /// A persona or the intent table cannot be used.
    #[error("assets/personas/{file}: {why}")]
    Persona {
        /// The file.
        file: &'static str,
        /// What is wrong in it.
        why: String,
    },
    /// The HTTP client that delivers webhooks cannot be made.
    #[error("the sandbox cannot deliver webhooks: {0}")]
    Client(#[from] reqwest::Error),
}

/// The running sandbox. It ends when it is dropped; [`Sandbox::stop`] lets it end in order.
pub struct Sandbox {
    address: SocketAddr,
    world: Arc<World>,
    server: JoinSet<()>,
    workers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// Events of one account that may wait to be told.
const PARCELS_MAX: usize = 2048;
/// Messages of ours that may wait to be heard.
const HEARD_MAX: usize = 2048;
/// How long requests may take to end when the sandbox stops.
const STOP_WITHIN: Duration = Duration::from_secs(1);

impl Sandbox {
    /// Begins to listen, and lets the customers come.
    pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
        let cast = Cast::new(options.seed, options.pace, options.customers)?;
        let client = client()?;
        let failed = |source| SandboxError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopping) = watch::channel(false);
        let (ears, heard) = mpsc::channel::<Heard>(HEARD_MAX);
        let clock = Clock::start();
        let (desks, parcels) = open_desks(&options, address, clock)?;
        let chaos = Chaos(options.chaos);
        let world = Arc::new(World { address, clock, pace: options.pace, chaos, desks, ears, stopping });
        let mut workers = JoinSet::new();
        for (desk, parcels) in world.desks.iter().zip(parcels) {
            workers.spawn(delivery::deliver(Arc::clone(&world), Arc::clone(desk), client.clone(), parcels));
        }
        workers.spawn(world::conduct(Arc::clone(&world), cast, heard));
        let mut server = JoinSet::new();
        server.spawn(serve(listener, Arc::clone(&world)));
        Ok(Sandbox { address, world, server, workers, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of an account's API.
    pub fn base_url(&self, stage: &Stage) -> String {
        stage.base_url(self.address)
    }

    /// Where an account's events go from now on; `false` when there is no account of that name.
    pub fn connect(&self, stage: &str, webhook_url: String) -> bool {
        let desk = self.world.desk(stage);
        desk.map(|desk| desk.webhook.send_replace(Some(webhook_url))).is_some()
    }

    /// Ends: no customer writes any more, requests under way are answered or cut off after a second.
    pub async fn stop(mut self) {
        self.workers.shutdown().await;
        self.stop.send_replace(true);
        if tokio::time::timeout(STOP_WITHIN, self.server.join_next()).await.is_err() {
            self.server.shutdown().await;
        }
    }
}

/// The accounts at work, each with what it has yet to tell.
type SimulatedAccounts = (Vec<Arc<SimulatedAccount>>, Vec<mpsc::Receiver<Parcel>>);

fn open_desks(options: &SandboxOptions, address: SocketAddr, clock: Clock) -> Result<SimulatedAccounts, SandboxError> {
    let (mut desks, mut receivers) = (Vec::new(), Vec::new());
    for stage in all_stages() {
        let (provider, profile) = stage.resolve(address)?;
        let (parcels, receiver) = mpsc::channel(PARCELS_MAX);
        let book = Book::new(profile.account.clone(), stage.logged_out, options.pace, options.seed);
        let desk = SimulatedAccount::new(stage, provider, profile, book, parcels, clock.began());
        if let Some(receiver) = &options.receiver {
            desk.webhook.send_replace(Some(format!("{}{}", receiver.trim_end_matches('/'), stage.webhook_path())));
        }
        desks.push(Arc::new(desk));
        receivers.push(receiver);
    }
    Ok((desks, receivers))
}

async fn serve(listener: TcpListener, world: Arc<World>) {
    let mut stopping = world.stopping.clone();
    let stopped = async move {
        // An error means that the sandbox is gone, which is a reason to stop as well.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let served = axum::serve(listener, server::router(world)).with_graceful_shutdown(stopped).await;
    if let Err(error) = served {
        tracing::warn!(%error, "the sandbox's server ended");
    }
}

fn client() -> Result<reqwest::Client, SandboxError> {
    // Somebody may have chosen a provider already; then it stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .user_agent(concat!("loket-sandbox/", env!("CARGO_PKG_VERSION")))
        // A proxy has no business between two programs on one machine.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    Ok(client)
}
