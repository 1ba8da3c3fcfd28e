//! Gateways' dialects, sans-IO: an [`Outgoing`](crate::domain::Outgoing) becomes HTTP requests as data, their
//! responses become an outcome, a webhook becomes a verdict and a list of claims.
//!
//! Invariant: no socket, no async, no store, no clock. A new gateway is one folder here, one line in
//! [`registry`], one folder of fixtures in `tests/fixtures/providers/`.

pub mod cetar;
pub mod chatera;
pub mod cloudchat;
pub mod common;
pub mod meta;
pub mod outcome;
pub mod profile;
pub mod provider;
pub mod registry;
pub mod signature;
pub mod simulator;
pub mod url;
pub mod waha;
pub mod waviro;
pub mod wire;

pub use profile::{Field, LoginWay, Manifest, Pace, Profile};
pub use provider::{LoginState, Outcome, Provider, Query, QueryFailure, QueryResponse, Unsupported, Verdict};
pub use simulator::{GatewayRequest, Retries, Simulator};
pub use wire::{Method, Request, Response, Webhook};
