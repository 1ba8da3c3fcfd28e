//! The results of a send and of a webhook's verification.

use std::time::Duration;

use super::http::Request;
use crate::domain::Failure;

/// The gateway's API has no such request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gateway has no such request")]
pub struct Unsupported;

/// What became of a send, as far as the gateway's response proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the gateway.
    Accepted {
        /// The id by which receipts name the message, where the response holds one.
        remote_id: Option<String>,
    },
    /// Nothing was processed; the send may be repeated.
    Later {
        failure: Failure,
        /// The wait that the gateway asks for.
        retry_after: Option<Duration>,
    },
    /// The gateway will not accept this message as it is.
    Refused { failure: Failure },
    /// Unknown whether it was processed; never repeated without a person's decision.
    Unsure { failure: Failure },
    /// Nothing was processed; the same message is to be sent at once by this other request.
    Fallback(Box<Request>),
}

/// Whether a webhook is genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Genuine {
        /// The event's key in the journal; equal keys are the same event (providers.md A8).
        key: String,
        /// The key is unique only for this long, because the gateway gives no event id.
        within: Option<Duration>,
    },
    /// A dashboard's unsigned ping or an empty body: answered with 200, not stored (providers.md A5).
    Ping,
    /// No signature or key, or a wrong one.
    Unauthorised,
    /// The signature is valid but too old.
    TooOld,
    /// Signed (or unsigned where that is allowed), but not JSON.
    NotJson,
}
