//! The webhook listener: raw bytes in, status out.
//!
//! Invariant: no SQL, no gateway's details, and no answer before the event is durable.

mod client_address;
mod connection;
mod connection_limit;
mod limits;
mod media;
mod response;
mod routes;
mod socket;
pub(crate) use client_address::TrustedProxies;
pub(crate) use routes::{ListenerOptions, MetricsAccess, serve, serve_health};
