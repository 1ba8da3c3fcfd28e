//! Configured accounts: their registry, setup, login and health.

pub(crate) mod account;
pub(crate) mod health;
pub(crate) mod key_check;
pub(crate) mod login;
mod preparation;
pub(crate) mod registry;
pub(crate) mod session_watch;
pub(crate) mod setup;
pub(crate) mod token;
pub(crate) mod validate;
