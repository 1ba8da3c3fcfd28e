//! Every gateway held against its documents: fixtures byte for byte, one conformance suite for all, hostile input.
//!
//! Invariant: no test here names a gateway outside its own fixtures; a new line in the registry is tested at once.

#[cfg(test)]
#[path = "providers/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "providers/fixtures.rs"]
mod fixtures;
#[cfg(test)]
#[path = "providers/spelling.rs"]
mod spelling;
