//! What is known of the person behind a conversation: beside the thread where the screen is wide, else in an overlay.

pub(crate) mod draw;
pub(crate) mod rows;
pub(crate) mod state;
pub(crate) mod update;
