//! What the tests of the whole program stand on: the real binary in a house of its own, and strangers on
//! loopback that speak as the gateways' documents say.
//!
//! Invariant: nothing here uses a type of the program, so that both cannot err alike.

mod client;
pub(crate) mod events;
mod house;
mod wait;

pub(crate) use client::{Got, ask};
pub(crate) use events::{Posted, Voice, account, hook_path};
pub(crate) use house::{House, Serving};
pub(crate) use wait::until;
