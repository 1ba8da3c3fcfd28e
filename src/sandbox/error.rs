//! Why a sandbox cannot start.

use std::net::SocketAddr;

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// The gateway or mode of a simulated account is not in the registry.
    #[error("the sandbox's account {0} has no gateway")]
    Account(&'static str),
    /// The file of a persona or of the intents is invalid.
    #[error("assets/personas/{file}: {reason}")]
    Persona { file: &'static str, reason: String },
    /// The HTTP client that delivers webhooks cannot be created.
    #[error("the sandbox cannot deliver webhooks: {0}")]
    Client(#[from] reqwest::Error),
}
