//! The webhook listener: raw bytes in, status out.
//!
//! Invariant: no SQL, no gateway's details, and no answer before the event is durable.

mod connection;
mod connection_limit;
mod limits;
mod response;
mod routes;
mod socket;
pub(crate) use routes::{ListenerOptions, MetricsAccess, serve, serve_health};
