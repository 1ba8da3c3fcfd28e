//! Gateways' dialects, sans-IO: a provider turns an [`Outgoing`](crate::domain::Outgoing) into an HTTP request as
//! data and the response into an outcome; it turns a webhook into a verdict and a list of
//! [`Inbound`](crate::domain::Inbound).
//!
//! Invariant: no socket, no async, no store, no clock. A new gateway is one folder here, one line in
//! [`registry`], one folder of fixtures in `tests/fixtures/providers/`.

pub mod cetar;
pub mod chatera;
pub mod cloudchat;
pub mod common;
pub mod meta;
pub mod provider;
pub mod registry;
#[cfg(test)]
pub(crate) mod sample;
pub mod signature;
pub mod simulator;
pub mod types;
pub mod waha;
pub mod waviro;

pub use provider::Provider;
pub use simulator::{GatewayRequest, RetryPolicy, Simulator};
pub use types::{
    AccountField, LoginMethod, LoginState, Manifest, Method, Outcome, Profile, Query, QueryFailure, QueryResponse,
    RateLimit, Request, Response, Unsupported, Verdict, Webhook,
};
