//! The thread: the messages of the open conversation.

pub(crate) mod draw;
pub(crate) mod layout;
pub mod message;
pub(crate) mod open;
mod placeholder;
pub mod state;
pub(crate) mod update;
