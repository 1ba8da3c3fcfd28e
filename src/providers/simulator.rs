//! A gateway's other side, as its documents describe it: reads the requests that we send, writes the events
//! that it would. The sandbox gives it sockets and customers; the conformance tests hold it against the dialect.

use std::time::Duration;

use super::profile::Profile;
use super::provider::{Query, QueryResponse};
use super::wire::{Request, Response, Webhook};
use crate::domain::{Channel, Content, Failure, Inbound, Timestamp};

/// A gateway's other side. Pure, like [`super::Provider`].
pub trait Simulator: Send + Sync {
    /// Authenticates and validates a request as documented, and says what it asks; or the documented error.
    /// The request's URL is the whole URL that our side built from `profile.base_url`.
    fn read(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response>;

    /// The documented answer to an accepted send. `id` is the message's id on the channel (a wamid, a
    /// WhatsApp id); gateways that answer with another id derive it from `now` or `id`.
    fn sent(&self, profile: &Profile, asked: &GatewayRequest, id: &str, now: Timestamp) -> Response;

    /// The documented answer to a query.
    fn answered(&self, profile: &Profile, query: &Query, answer: &QueryResponse, now: Timestamp) -> Response;

    /// The documented error answer for an HTTP status (429, 500, 422, …).
    fn error(&self, status: u16, failure: &Failure) -> Response;

    /// The signed webhook that tells `claim`, or `None` when the gateway's documents know no such event.
    /// `serial` makes ids unique.
    fn event(&self, profile: &Profile, claim: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook>;

    /// The gateway's rules for delivering a webhook again.
    fn retries(&self) -> Retries;

    /// Automatic replies in the body that answered a webhook, which this gateway sends to the customer.
    fn replies(&self, answer: &Response) -> Vec<Content> {
        let _ = answer;
        Vec::new()
    }
}

/// What a request asks.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayRequest {
    /// To send a message.
    Send {
        /// The channel.
        channel: Channel,
        /// The recipient as the request names it.
        to: String,
        /// The recipient is a group.
        group: bool,
        /// What to send.
        content: Content,
        /// Where to post acknowledgements, when the request says so.
        notify_url: Option<String>,
    },
    /// Something else.
    Query(Query),
}

/// A gateway's rules for delivering a webhook again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How long an answer may take.
    pub timeout: Duration,
    /// The gaps before each further delivery; empty = one delivery only.
    pub gaps: &'static [Duration],
    /// A refusal (4xx) is delivered again too.
    pub after_refusal: bool,
}
