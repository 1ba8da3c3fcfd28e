//! The composer: the draft of the open conversation, from the first key to the outbox.

pub(crate) mod begun;
pub(crate) mod draft;
pub(crate) mod draw;
pub(crate) mod keep_begun;
pub(crate) mod layout;
pub(crate) mod send;
pub(crate) mod state;
pub(crate) mod taken_back;
pub(crate) mod update;
