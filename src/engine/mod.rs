//! The engine: takes webhooks in, carries messages out, and knows what happened. It runs without a screen.
//!
//! Invariant: it draws nothing, serves no HTTP, and says no words to people: failures and objections are data.

pub mod accounts;
pub mod client;
pub mod clock;
pub mod contacts;
pub mod counters;
pub mod inbound;
pub mod lock;
pub(crate) mod maintenance;
pub mod notify;
pub mod outbound;
pub(crate) mod supervisor;
pub mod transfer;
pub mod tunnel;

pub use accounts::registry::{AccountRegistry, ConfiguredAccount};
pub use accounts::setup::{AccountSetup, AccountSetupError, AddedAccount};
pub use client::{AccountStatus, Agent, Client, ProcessInfo, SendError, SendRequest};
pub use counters::Counters;
pub use inbound::ingest::{Ingest, Reply};
pub use lock::{EngineLock, LockError};
pub use notify::Notifier;
pub use outbound::http::Http;
pub use supervisor::{Engine, EngineError};
