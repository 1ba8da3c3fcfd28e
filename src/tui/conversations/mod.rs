//! The conversation list.

pub(crate) mod draw;
pub(crate) mod layout;
pub mod state;
pub(crate) mod update;
