//! Gateways' dialects, sans-IO: a provider turns an [`Outgoing`](crate::domain::Outgoing) into an HTTP request as
//! data and the response into an outcome; it turns a webhook into a verdict and a list of
//! [`Inbound`](crate::domain::Inbound).
//!
//! Invariant: no socket, no async, no store, no clock. A new gateway is one folder here, one line in
//! [`registry`], one folder of fixtures in `tests/fixtures/providers/`.

pub(crate) mod cetar;
pub(crate) mod chatera;
pub(crate) mod cloudchat;
pub(crate) mod common;
pub(crate) mod meta;
pub(crate) mod provider;
pub mod registry;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod signature;
pub(crate) mod simulator;
pub(crate) mod types;
pub(crate) mod waha;
pub(crate) mod waviro;

pub use provider::Provider;
pub use simulator::GatewayRequest;
pub(crate) use simulator::Simulator;
pub use types::{
    LoginMethod, LoginState, Manifest, Method, Outcome, Profile, Query, QueryFailure, QueryResponse, RateLimit,
    Request, Response, Verdict, Webhook,
};
