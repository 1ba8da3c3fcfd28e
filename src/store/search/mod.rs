//! Full-text search over the texts of messages.
//!
//! Invariant: the index is never filled inside a commit that a person or a gateway waits for, and no text that a person types is
//! read as a query language.

pub(crate) mod filtered;
pub(crate) mod index;
pub(crate) mod query;
