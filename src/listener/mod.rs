//! The door for webhooks: raw bytes in, status out.
//!
//! Invariant: no SQL, no gateway's details, and no answer before the event is durable.

pub(crate) mod response;
pub(crate) mod routes;

pub use routes::{ListenerOptions, serve};
