//! The contract of a simulated gateway: it reads the requests that a [`Provider`](super::provider::Provider) builds
//! and writes the responses and webhooks that the gateway's documents describe. The sandbox gives it sockets and
//! customers; the conformance tests hold it against the provider.

use super::types::{Profile, Query, QueryResponse, Request, Response, Webhook};
use crate::domain::{Channel, Content, Failure, Inbound, Timestamp};
use std::time::Duration;

/// A simulated gateway. Pure, like a provider.
pub trait Simulator: Send + Sync {
    /// Authenticates, validates and reads a request; the error is the documented error response.
    /// The request's URL is the whole URL that the provider built from `profile.base_url`.
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response>;

    /// The documented response to an accepted send. `id` is the message's id on the channel (a wamid, a
    /// WhatsApp id); gateways that answer with another id derive it from `now` or `id`.
    fn send_response(&self, profile: &Profile, request: &GatewayRequest, id: &str, now: Timestamp) -> Response;

    /// The documented response to a query that has this answer.
    fn query_response(&self, profile: &Profile, query: &Query, answer: &QueryResponse, now: Timestamp) -> Response;

    /// The documented error response with an HTTP status (429, 500, 422, …).
    fn error_response(&self, status: u16, failure: &Failure) -> Response;

    /// The signed webhook that reports `inbound`, or `None` when the gateway's documents have no such event.
    /// `serial` makes ids unique.
    fn webhook(&self, profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook>;

    fn retry_policy(&self) -> RetryPolicy;

    /// The automatic replies in the response to a webhook, which this gateway sends on to the customer.
    fn read_replies(&self, _response: &Response) -> Vec<Content> {
        Vec::new()
    }
}

/// A request as the simulated gateway understands it.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayRequest {
    Send {
        channel: Channel,
        /// The recipient as the request names it.
        to: String,
        /// The recipient is a group.
        group: bool,
        content: Content,
        /// Where to post acknowledgements, if the request says so.
        notify_url: Option<String>,
    },
    Query(Query),
}

/// How a gateway repeats the delivery of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long it waits for a response.
    pub timeout: Duration,
    /// The delay before each further delivery; empty = one delivery only.
    pub(crate) delays: &'static [Duration],
    /// A webhook that was refused (4xx) is delivered again too.
    pub(crate) retry_refused: bool,
}
