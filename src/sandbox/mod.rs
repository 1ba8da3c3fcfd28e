//! The gateways' other side over real loopback HTTP, with customers who write and answer.
//!
//! Invariant: a stranger on the network. Nothing here knows the engine, the store or the screen; what it says
//! reaches them as signed webhooks, what it hears comes as requests to the gateways' documented addresses.

mod actor;
mod agenda;
mod cast;
mod dice;
mod intents;
mod persona;
mod stage;

use std::time::Duration;

pub use stage::{Stage, all_stages, config, stages};

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
        address: std::net::SocketAddr,
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
