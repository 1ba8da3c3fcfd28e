//! Bytes of customers' files become what can be shown of them: pixels of pictures, pages of documents.
//!
//! Invariant: no IO, no clock, not a word of the inbox. Every limit is checked before the work that it bounds, and no
//! bytes make a decoder panic.

pub(crate) mod pdf;
pub(crate) mod picture;
