//! What Meta's Cloud API defines and gateways pass on unchanged: interactive objects in requests, events in
//! webhooks. Several gateways share it; none is named here.
//!
//! Invariant: no request, no response, no authentication; those belong to the gateway that carries Meta's JSON.
//!
//! Sources: providers.md section 6, and the public fixtures that it names (`david-lev/pywa`
//! `tests/data/updates/`, `nyaruka/courier` `handlers/meta/testdata/wac/`) for the shapes.

mod account;
pub(crate) mod body;
mod calls;
pub(crate) mod envelope;
mod error;
mod history;
mod identity;
pub(crate) mod interactive;
mod message;
mod people;
pub(crate) mod simulated_events;
mod status;
