//! Configured accounts: their registry, setup, login and health.

pub mod health;
pub mod login;
pub mod probe;
pub mod registry;
pub(crate) mod sessions;
pub mod setup;
