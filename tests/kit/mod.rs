//! For tests of the real binary: a home of its own, a client, and webhooks as the gateways' documents have them.
//!
//! Invariant: nothing here uses a type of the program, so that both cannot err alike.

pub(crate) mod events;
mod home;
mod http;
mod wait;
pub(crate) use events::{Dialect, Webhook, account, webhook_path};
pub(crate) use home::{Home, RunningEngine};
pub(crate) use http::{Response, request};
pub(crate) use wait::wait_until;
