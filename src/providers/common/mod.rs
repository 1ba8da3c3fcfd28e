//! What the gateways share: reading responses, JSON and URLs, and the events of gateways that flatten WhatsApp's
//! events into a small object of their own. Tolerant on purpose, because their documents are thin.
//!
//! Invariant: nothing here fails, and no gateway is named; what cannot be read is absent or `unsupported`.

pub mod ack;
pub mod body;
pub(crate) mod buttons;
pub mod choice;
pub mod contact_card;
pub mod json;
pub mod media;
pub(crate) mod message;
pub mod response;
pub mod sender;
pub(crate) mod simulation;
pub mod url;
