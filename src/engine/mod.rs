//! The engine: receives webhooks, sends messages, and keeps the store current. It runs without a screen.
//!
//! Invariant: it draws nothing, serves no HTTP, and holds no text for people: failures and objections are values.

pub(crate) mod accounts;
pub(crate) mod backup;
pub(crate) mod blocking;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod config_watch;
pub(crate) mod contacts;
pub(crate) mod engine_status;
pub(crate) mod file_watch;
pub(crate) mod forget;
mod import_pace;
pub(crate) mod inbound;
pub(crate) mod lock;
pub(crate) mod maintenance;
pub(crate) mod media;
pub(crate) mod notifier;
mod open_store;
pub(crate) mod outbound;
mod outside;
pub(crate) mod presence;
pub(crate) mod process_group;
mod program;
mod retention;
pub(crate) mod screens;
pub mod simulation;
pub(crate) mod supervisor;
pub(crate) mod tasks;
mod transcription;
pub(crate) mod tunnel;

pub use client::{Client, Line, LineCounts};

pub use accounts::account::ConfiguredAccount;
pub(crate) use client::{EngineBeside, Process};
pub(crate) use inbound::ingest::{Ingest, Reply};
pub(crate) use lock::{EngineLock, LockError};
pub(crate) use media::{LinkedFile, MediaLinks, OWN_FETCH};
pub(crate) use outbound::http::Http;
pub(crate) use screens::OpenScreen;
pub(crate) use supervisor::Engine;

pub(crate) use crate::config::Network;
pub(crate) use crate::providers::Webhook;
