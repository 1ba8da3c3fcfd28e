//! Checks an account's key with a harmless request.
//!
//! Invariant: nothing is sent to a customer, and nothing is written.

use super::account::ConfiguredAccount;
use crate::domain::{Failure, QueryError, Remedy, Timestamp};
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::query;
use crate::providers::Query;
use crate::store::Store;

/// The result of checking an account's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyCheck {
    Accepted {
        /// The gateway's clock, by its `Date` header.
        gateway_time: Option<Timestamp>,
    },
    /// The gateway has no request that checks a key without side effects.
    Unsupported,
    /// The key is wrong, expired or lacks a scope.
    Refused(Failure),
    /// The gateway did not answer, or answered something else.
    Failed(Failure),
}

/// Asks an account's gateway whether it accepts the key. `store` holds the budget of a configured account.
pub(crate) async fn check_key(http: &Http, store: Option<&Store>, account: &ConfiguredAccount) -> KeyCheck {
    match query(http, store, account, &Query::Probe).await {
        Ok(reply) => KeyCheck::Accepted { gateway_time: reply.gateway_time },
        Err(QueryError::Failed(failure)) => match account.provider.remedy(&failure.code) {
            Remedy::RenewKey => KeyCheck::Refused(failure),
            _ => KeyCheck::Failed(failure),
        },
        Err(_) => KeyCheck::Unsupported,
    }
}
