//! The engine: receives webhooks, sends messages, and keeps the store current. It runs without a screen.
//!
//! Invariant: it draws nothing, serves no HTTP, and holds no text for people: failures and objections are values.

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

pub use accounts::account::ConfiguredAccount;
pub use accounts::registry::AccountRegistry;
pub use client::{Client, Process};
pub use counters::Counters;
pub use inbound::ingest::{Ingest, Reply};
pub use lock::{EngineLock, LockError};
pub use notify::Notifier;
pub use outbound::http::Http;
pub use supervisor::Engine;
