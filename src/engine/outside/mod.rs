//! The one way to addresses that somebody outside names: the files that customers send.
//!
//! Invariant: a link never leads into the network that Loket stands in. The address that is checked is the one that is
//! connected to, each redirect is checked as the first address was, and a key goes to its gateway's own host only.

mod address;
mod guard;
mod resolver;

pub(crate) use guard::{FetchError, Limits, Outside, Permitted, Resume};

#[cfg(test)]
mod tests;
