//! Queries to gateways, which are everything but messages: contacts, groups, templates, numbers, the login code.
//!
//! A query waits for the account's rate limit, behind sends, and is repeated only when the gateway reports that nothing
//! was processed (429).

use super::http::{Http, HttpError};
use super::retry_after::retry_after;
use crate::domain::{Failure, QueryError, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::providers::{Query, QueryResponse, Response};
use crate::store::{Purpose, RequestId, Reservation, Store};
use std::time::Duration;
use tokio::time::Instant;

/// The longest that a query waits for the rate limit, its own or the gateway's.
const WAIT_MAX: Duration = Duration::from_secs(180);
/// The longest between two looks at the budget: a person may end the account's pause.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A gateway's answer to a query.
#[derive(Debug, Clone)]
pub(crate) struct QueryReply {
    pub(crate) response: QueryResponse,
    /// The gateway's clock, by its `Date` header.
    pub(crate) gateway_time: Option<Timestamp>,
}

/// Sends a query to an account's gateway. It is counted in the account's budget, which is in `store`; an account that is
/// not in the configuration yet has none.
pub(crate) async fn query(
    http: &Http,
    store: Option<&Store>,
    account: &ConfiguredAccount,
    query: &Query,
) -> Result<QueryReply, QueryError> {
    let request = account.provider.query_request(&account.profile, query).map_err(|_| QueryError::Unsupported)?;
    let started = Instant::now();
    let mut pause = Duration::from_secs(2);
    loop {
        let reserved = match store {
            Some(store) => Some((store, wait_for_budget(store, account, started).await?)),
            None => None,
        };
        let response = match http.send(&request).await {
            Ok(response) => response,
            Err(error) => {
                if let (Some((store, request)), HttpError::NotSent(_)) = (reserved, &error) {
                    store.release_request(request).await?;
                }
                return Err(QueryError::Failed(failure_of(&error)));
            }
        };
        let now = clock::now();
        let failure = match account.provider.read_query_response(&account.profile, query, &response) {
            Ok(answer) => return Ok(QueryReply { response: answer, gateway_time: gateway_time(&response) }),
            Err(error) if error.later => {
                pause = retry_after(&response, error.retry_after, now).unwrap_or(pause);
                if let Some(store) = store {
                    store.pause_requests(account.name(), now.plus(pause), now).await?;
                }
                error.failure
            }
            Err(error) => return Err(QueryError::Failed(error.failure)),
        };
        if started.elapsed() + pause > WAIT_MAX {
            return Err(QueryError::Failed(failure));
        }
        if store.is_none() {
            tokio::time::sleep(pause).await;
        }
        pause = (pause * 2).min(Duration::from_secs(60));
    }
}

/// The error for a response that belongs to another query.
pub(crate) fn unexpected_response() -> QueryError {
    QueryError::Failed(Failure::new("unreadable", "the response belongs to another query"))
}

async fn wait_for_budget(
    store: &Store,
    account: &ConfiguredAccount,
    started: Instant,
) -> Result<RequestId, QueryError> {
    loop {
        let now = clock::now();
        match store.reserve_request(account.name(), account.limit, Purpose::Query, now).await? {
            Reservation::Granted(request) => return Ok(request),
            Reservation::Wait(at) if started.elapsed() + at.since(now) > WAIT_MAX => {
                let failure = Failure::new("budget", "the account's budget of requests is used up");
                return Err(QueryError::Failed(failure));
            }
            Reservation::Wait(at) => tokio::time::sleep(at.since(now).min(LOOK_AGAIN)).await,
        }
    }
}

/// The failure that a request without a response is.
pub(crate) fn failure_of(error: &HttpError) -> Failure {
    match error {
        HttpError::NotSent(reason) => Failure::new("unreachable", reason.clone()),
        HttpError::Timeout => Failure::new("timeout", error.to_string()),
        HttpError::Interrupted(reason) => Failure::new("interrupted", reason.clone()),
    }
}

fn gateway_time(response: &Response) -> Option<Timestamp> {
    let date = response.header("date")?;
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date.trim()).ok()?;
    Some(Timestamp(parsed.as_millisecond()))
}
