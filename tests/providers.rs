//! Tests of every gateway: its fixtures byte for byte, one conformance suite for all, hostile input.
//!
//! Invariant: no test here names a gateway outside its own fixtures; a new line in the registry is tested at once.

#[cfg(test)]
#[path = "providers/fixture_json.rs"]
mod fixture_json;
#[cfg(test)]
#[path = "providers/fixtures.rs"]
mod fixtures;
#[cfg(test)]
#[path = "providers/hostile.rs"]
mod hostile;
#[cfg(test)]
#[path = "providers/profiles.rs"]
mod profiles;
#[cfg(test)]
#[path = "providers/samples.rs"]
mod samples;
#[cfg(test)]
#[path = "providers/sending.rs"]
mod sending;
#[cfg(test)]
#[path = "providers/webhooks.rs"]
mod webhooks;
