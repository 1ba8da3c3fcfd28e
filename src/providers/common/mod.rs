//! What the gateways share: reading responses, JSON and URLs, and the events of gateways that flatten WhatsApp's
//! events into a small object of their own. Tolerant on purpose, because their documents are thin.
//!
//! Invariant: nothing here fails, and no gateway is named; what cannot be read is absent or `unsupported`.

pub(crate) mod ack;
pub(crate) mod body;
pub(crate) mod buttons;
pub(crate) mod choice;
pub(crate) mod contact_card;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod lenient_json;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod redact;
pub(crate) mod response;
pub(crate) mod sender;
pub(crate) mod simulation;
pub(crate) mod url;
