//! Tries an account's key with a harmless request.
//!
//! Invariant: nothing is sent to a customer, and nothing is written.

use super::registry::ConfiguredAccount;
use crate::domain::{Failure, Remedy, Timestamp};
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::{QueryError, ask};
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
pub async fn probe(http: &Http, member: &ConfiguredAccount) -> Probed {
    match ask(http, member, &Query::Probe).await {
        Ok(told) => Probed::Accepted { gateway_time: told.gateway_time },
        Err(QueryError::Unsupported) => Probed::Untold,
        Err(QueryError::Failed(failure)) => match member.provider.remedy(&failure.code) {
            Remedy::RenewKey => Probed::Refused(failure),
            _ => Probed::Failed(failure),
        },
    }
}
