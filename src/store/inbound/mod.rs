//! Applying what a gateway reports: messages, echoes, edits, names, moves.
//!
//! Invariant: a report never decides what a person decides, and one that fits nothing does not stop the others of
//! its event.

pub(crate) mod apply;
pub(crate) mod echo;
pub(crate) mod edit;
pub(crate) mod message;
mod peer;
pub(crate) mod rules;

pub use apply::ApplyOutcome;
pub use rules::{FindReply, RuleReply, Rules};
