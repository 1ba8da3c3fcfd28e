//! The people behind conversations: what is known of one on all accounts and channels, and what is changed of it here.
//!
//! Invariant: everything about one person is found by index, whatever else the store holds.

pub(super) mod edit;
mod find;
pub(crate) mod read;
