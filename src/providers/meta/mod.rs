//! What Meta's Cloud API defines and gateways pass on unchanged: interactive objects on the way out, webhook
//! events on the way in. Several gateways share it; none is named here.
//!
//! Invariant: no request, no response, no authentication; those belong to the gateway that carries Meta's JSON.

pub mod interactive;
