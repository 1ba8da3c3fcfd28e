//! The conversation list.

pub(crate) mod count;
pub(crate) mod draw;
pub(crate) mod filter;
pub(crate) mod layout;
pub(crate) mod state;
pub(crate) mod update;
