//! The options of a sandbox.

use std::net::SocketAddr;
use std::time::Duration;

/// How the sandbox behaves.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// The address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The seed of faults: refused and failed requests, timeouts, and webhooks doubled, late and out of order.
    /// `None` = no faults.
    pub chaos: Option<u64>,
    pub pace: Pace,
    /// The seed of the customers' choices: the same seed and the same replies give the same conversations.
    pub seed: u64,
    /// The listener's public URL. Events of each account are posted to its fixed path there
    /// ([`SandboxAccount::webhook_path`](super::SandboxAccount::webhook_path)) until
    /// [`Sandbox::connect`](super::Sandbox::connect) sets another URL; without one they wait.
    pub receiver: Option<String>,
    /// Simulate customers who write and answer, not only gateways.
    pub customers: bool,
}

/// How fast customers read and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as people.
    Human,
    /// A hundred times as fast, for tests.
    Fast,
}

impl Pace {
    /// Converts a duration at human pace to this pace.
    pub(super) fn scale(self, duration: Duration) -> Duration {
        match self {
            Pace::Human => duration,
            Pace::Fast => duration / 100,
        }
    }
}
