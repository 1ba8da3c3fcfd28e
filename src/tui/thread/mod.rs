//! The thread: the messages of the open conversation.

pub(crate) mod cards;
pub(crate) mod draw;
pub(crate) mod hits;
pub(crate) mod layout;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod open;
mod placeholder;
pub(crate) mod playback;
mod previews;
pub(crate) mod reactions;
pub(crate) mod state;
pub(crate) mod update;
