//! Configured accounts: their registry, setup, login and health.

pub(crate) mod account;
pub mod health;
pub mod login;
pub mod probe;
pub mod registry;
pub(crate) mod sessions;
pub mod setup;
pub(crate) mod token;
pub(crate) mod validate;
