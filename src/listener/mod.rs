//! The door for webhooks: raw bytes in, status out.
//!
//! Invariant: no SQL, no gateway's details, and no answer before the event is durable.

mod answer;
mod door;

pub use door::{ListenerOptions, serve};
