//! The contract between the engine and a gateway's dialect.
use serde_json::{Value, json};

use super::common::{redact, response};
use super::simulator::Simulator;
use super::types::{
    Manifest, Method, Outcome, Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported, Verdict,
    Webhook,
};
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Content, Inbound, Media, Outgoing, Remedy, Timestamp};

/// A gateway's dialect. Every function is pure: equal arguments give equal results, without IO and without a clock.
pub trait Provider: Send + Sync {
    /// The fixed properties of the gateway.
    fn manifest(&self) -> &'static Manifest;

    /// The window rule of a mode when the account does not set one (providers.md A20).
    fn default_window(&self, _mode: Option<&str>) -> WindowRule {
        WindowRule::None
    }

    /// The messages and queries that an account supports.
    fn capabilities(&self, profile: &Profile) -> Capabilities;

    /// The request that sends `outgoing`, which [`Capabilities::allows`] has permitted.
    fn send_request(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported>;

    /// Reads the response to a send.
    fn read_send_response(&self, profile: &Profile, outgoing: &Outgoing, response: &Response) -> Outcome;

    /// The request that asks `query`.
    fn query_request(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported>;

    /// Reads the response to a query.
    fn read_query_response(
        &self,
        profile: &Profile,
        query: &Query,
        response: &Response,
    ) -> Result<QueryResponse, QueryFailure>;

    /// Decides whether a webhook is genuine, over its raw bytes, in constant time, before anything in it is read.
    /// `now` is the time of its arrival.
    fn verify(&self, profile: &Profile, webhook: &Webhook, now: Timestamp) -> Verdict;

    /// Reads what a genuine webhook reports. Never fails and never returns an empty list: what cannot be read
    /// becomes [`Inbound::Unknown`], and one broken item does not spoil its batch.
    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound>;

    /// A genuine webhook as it is stored: without what is secret in it and only proves where it comes from. What
    /// [`Provider::interpret`] reads is the same.
    fn redact(&self, webhook: &Webhook) -> Webhook {
        redact::webhook(webhook, &[])
    }

    /// The body with which a genuine webhook is answered. It carries automatic `replies` where the gateway sends
    /// them on (`Manifest::replies_in_webhook`); elsewhere `replies` is empty.
    fn webhook_response(&self, _webhook: &Webhook, _replies: &[Content]) -> Value {
        json!({"success": true})
    }

    /// The request that fetches the file of a message; `None` where there is no link to it. Its secret headers are sent
    /// to the gateway's own host only, whatever the link says.
    fn file_request(&self, profile: &Profile, media: &Media) -> Option<Request> {
        Some(Request::bare(Method::Get, media.url.clone()?).bearer(&profile.api_key))
    }

    /// What a person can do about a failure code that the gateway's documents (or Meta's) name.
    fn remedy(&self, code: &str) -> Remedy {
        response::common_remedy(code)
    }

    /// The gateway's simulator, for the sandbox and the conformance tests.
    fn simulator(&self) -> &'static dyn Simulator;
}
