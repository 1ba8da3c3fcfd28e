//! The overlay that begins a conversation with somebody new: account, recipient, first message.

pub(crate) mod draw;
pub mod state;
pub(crate) mod update;
