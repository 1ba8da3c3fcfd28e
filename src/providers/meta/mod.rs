//! What Meta's Cloud API defines and gateways pass on unchanged: interactive objects on the way out, webhook
//! events on the way in. Several gateways share it; none is named here.
//!
//! Invariant: no request, no response, no authentication; those belong to the gateway that carries Meta's JSON.
//!
//! Sources: providers.md section 6, and the public fixtures that it names (`david-lev/pywa`
//! `tests/data/updates/`, `nyaruka/courier` `handlers/meta/testdata/wac/`) for the shapes.

pub mod body;
pub mod envelope;
pub mod event;
pub mod fault;
pub mod identity;
pub mod interactive;
pub mod message;
pub mod status;

#[cfg(test)]
pub(in crate::providers) mod arbitrary;
