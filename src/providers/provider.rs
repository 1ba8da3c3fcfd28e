//! The contract between the engine and a gateway's dialect.

use std::time::Duration;

use super::profile::{Manifest, Profile};
use super::simulator::Simulator;
use super::wire::{Request, Response, Webhook};
use crate::domain::contact::ContactPage;
use crate::domain::window::WindowRule;
use crate::domain::{Capabilities, Contact, Content, Failure, Group, Inbound, Outgoing, Remedy, Template, Timestamp};

/// A gateway's dialect. Every function is pure: same arguments, same result, no IO, no clock.
pub trait Provider: Send + Sync {
    /// What is fixed about the gateway.
    fn manifest(&self) -> &'static Manifest;

    /// The window rule of a mode when the account does not set one (providers.md A20).
    fn default_window(&self, mode: Option<&str>) -> WindowRule;

    /// What an account can carry.
    fn capabilities(&self, profile: &Profile) -> Capabilities;

    /// The request that sends `outgoing`, which [`Capabilities::allows`] has let through.
    fn send(&self, profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported>;

    /// What the answer to a send means.
    fn outcome(&self, profile: &Profile, outgoing: &Outgoing, response: &Response) -> Outcome;

    /// The request that asks `query`.
    fn query(&self, profile: &Profile, query: &Query) -> Result<Request, Unsupported>;

    /// What the answer to a query means.
    fn answer(&self, profile: &Profile, query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure>;

    /// Whether a webhook is genuine, judged over its raw bytes in constant time, before anything else.
    /// `now` is when it came.
    fn verify(&self, profile: &Profile, webhook: &Webhook, now: Timestamp) -> Verdict;

    /// What a genuine webhook claims. Never fails: what cannot be read becomes [`Inbound::Unknown`], and one
    /// broken item never spoils its batch. `arrival` is when it came.
    fn interpret(&self, profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound>;

    /// The body that answers a genuine webhook with 200, carrying automatic `replies` where the gateway can
    /// (`manifest().answers_in_webhook`); elsewhere `replies` is empty and so is their place.
    fn acknowledgement(&self, webhook: &Webhook, replies: &[Content]) -> serde_json::Value {
        let _ = (webhook, replies);
        serde_json::json!({"success": true})
    }

    /// What can be done about a failure code that the gateway's documents (or Meta's) name.
    fn remedy(&self, code: &str) -> Remedy {
        super::outcome::common_remedy(code)
    }

    /// The gateway's other side, for the sandbox and the conformance tests.
    fn sim(&self) -> &'static dyn Simulator;
}

/// The gateway has no such request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gateway has no such request")]
pub struct Unsupported;

/// What the answer to a send means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The gateway took it.
    Accepted {
        /// The id by which its receipts name the message, when it gave one.
        remote_id: Option<String>,
    },
    /// Nothing was processed; it may be tried again.
    Later {
        /// Why.
        failure: Failure,
        /// How long the gateway asks to wait.
        retry_after: Option<Duration>,
    },
    /// It will not be taken as it is.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// Unknown whether it was processed; never tried again without a person's word.
    Unsure {
        /// What happened.
        failure: Failure,
    },
    /// Nothing was processed; the same message is to be tried at once by this other request.
    Instead(Box<Request>),
}

/// Something to ask a gateway.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// A page of the address book.
    Contacts {
        /// From 1.
        page: u32,
        /// At most 100.
        per_page: u32,
        /// Name, number or e-mail contains this.
        search: Option<String>,
    },
    /// Adds to the address book.
    CreateContact(Box<Contact>),
    /// The templates; a page from 1 where the gateway pages.
    Templates {
        /// From 1.
        page: u32,
    },
    /// The phone's groups.
    Groups,
    /// Whether a number (digits with country code) is on WhatsApp.
    CheckNumber(String),
    /// The login QR, or that the session is connected.
    Login,
    /// A harmless call that proves the key.
    Probe,
}

/// What a gateway answered to a query.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryResponse {
    /// To `Contacts`.
    Contacts(ContactPage),
    /// To `CreateContact`: the contact as the gateway keeps it.
    Created(Box<Contact>),
    /// To `CreateContact`: it exists already.
    Exists,
    /// To `Templates`; and whether another page follows.
    Templates(Vec<Template>, bool),
    /// To `Groups`.
    Groups(Vec<Group>),
    /// To `CheckNumber`.
    Registered(bool),
    /// To `Login`.
    Login(LoginState),
    /// To `Probe`: the key was accepted.
    Alive,
}

/// Where a login stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginState {
    /// The session is connected.
    Connected {
        /// The phone's number, when the gateway says it.
        number: Option<String>,
        /// The phone's name, when the gateway says it.
        name: Option<String>,
    },
    /// This code is to be scanned; the raw text of the QR.
    Code(String),
    /// No code yet; ask again.
    NotReady,
}

/// A query that was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", failure.code, failure.message)]
pub struct QueryFailure {
    /// Why.
    pub failure: Failure,
    /// How long the gateway asks to wait, when it is worth asking again.
    pub retry_after: Option<Duration>,
    /// The query may be asked again by itself (429).
    pub later: bool,
}

/// Whether a webhook is genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Genuine, and known to the journal by this key.
    Genuine {
        /// Equal keys are the same event (providers.md A8).
        key: String,
        /// The key says so only for this long, because the gateway gives no event id.
        within: Option<Duration>,
    },
    /// A dashboard's unsigned ping or an empty body: answered with 200, nothing stored (providers.md A5).
    Ping,
    /// No signature, or a wrong one, or a wrong key.
    Unauthorised,
    /// The signature is too old.
    TooOld,
    /// Signed (or unsigned where that is allowed), but not JSON.
    NotJson,
}
