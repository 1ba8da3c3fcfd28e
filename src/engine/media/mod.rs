//! Fetching the files that customers send, as soon as their messages come: links die. And serving ours by link.
//!
//! Invariants: nothing waits for a file, neither a message that comes nor one that goes; each file ends as here, refused,
//! or failed with the reason; and what a crash interrupts is gone on with.

mod fetch;
mod fetcher;
mod links;
mod part;
mod retry;

pub(crate) use fetch::Fetch;
pub(crate) use fetcher::run;
pub(crate) use links::{LinkedFile, MediaLinks, OWN_FETCH};

#[cfg(test)]
mod tests;
