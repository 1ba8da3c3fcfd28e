//! The values that pass between the engine, a provider and its simulator: HTTP as data, accounts, queries, outcomes.

mod http;
mod manifest;
mod outcome;
mod query;

pub(crate) use crate::domain::AccountField;
pub use http::{Method, Request, Response, Webhook};
pub use manifest::{LoginMethod, Manifest, Profile, RateLimit};
pub(crate) use outcome::Unsupported;
pub use outcome::{Outcome, Verdict};
pub use query::{LoginState, Query, QueryFailure, QueryResponse};
