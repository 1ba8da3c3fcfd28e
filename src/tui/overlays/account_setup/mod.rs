//! The overlay that adds an account.

pub(crate) mod draw;
pub mod state;
pub(crate) mod update;
