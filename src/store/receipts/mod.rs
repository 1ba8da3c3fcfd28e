//! Receipts: matching what a gateway reports with the message that it is about.
//!
//! Source of the rule for unknown ids: providers.md section 9, A7.
//!
//! Invariant: what an id is matched with by evidence follows from the set of receipts and sends, not from the order in
//! which they came; a failure is never matched by evidence, and an id that is proven wins.

pub(crate) mod apply;
mod assign;
pub(crate) mod evidence;
mod notice;
pub(crate) mod unmatched;

pub(super) use apply::{apply_receipt, match_orphans, only_echo_candidate};
pub(super) use evidence::{forget_guess, rematch};
