//! Tries an account's key with a harmless request.
//!
//! Invariant: nothing is sent to a customer, and nothing is written.

use super::ask::{AskError, ask};
use super::http::Http;
use super::roster::Member;
use crate::domain::{Failure, Remedy, Timestamp};
use crate::providers::Query;

/// What a gateway says to an account's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// It is accepted.
    Accepted {
        /// The gateway's clock, by its `Date` header.
        gateway_time: Option<Timestamp>,
    },
    /// The gateway has no request that would tell without consequences.
    Untold,
    /// The key is wrong, expired or lacks a scope.
    Refused(Failure),
    /// The gateway did not answer, or said something else.
    Failed(Failure),
}

/// Asks an account's gateway whether it accepts the key.
pub async fn probe(http: &Http, member: &Member) -> Probed {
    match ask(http, member, &Query::Probe).await {
        Ok(told) => Probed::Accepted { gateway_time: told.gateway_time },
        Err(AskError::NotCarried) => Probed::Untold,
        Err(AskError::Failed(failure)) => match member.provider.remedy(&failure.code) {
            Remedy::RenewKey => Probed::Refused(failure),
            _ => Probed::Failed(failure),
        },
    }
}
