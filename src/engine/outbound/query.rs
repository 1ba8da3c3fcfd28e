//! Queries to gateways, which are everything but messages: contacts, groups, templates, numbers, the login code.
//!
//! A query waits for the account's rate limit, behind sends, and is repeated only when the gateway reports that nothing
//! was processed (429).

use super::http::{Http, HttpError, retry_after};
use super::limits::Purpose;
use crate::domain::{Failure, QueryError, Timestamp};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::providers::{Query, QueryResponse, Response};
use std::time::Duration;

/// The longest that a query waits for the rate limit, its own or the gateway's.
const WAIT_MAX: Duration = Duration::from_secs(180);

/// A gateway's answer to a query.
#[derive(Debug, Clone)]
pub(crate) struct QueryReply {
    pub(crate) response: QueryResponse,
    /// The gateway's clock, by its `Date` header.
    pub(crate) gateway_time: Option<Timestamp>,
}

/// Sends a query to an account's gateway.
pub(crate) async fn query(http: &Http, account: &ConfiguredAccount, query: &Query) -> Result<QueryReply, QueryError> {
    let request = account.provider.query_request(&account.profile, query).map_err(|_| QueryError::Unsupported)?;
    let started = clock::now();
    let mut pause = Duration::from_secs(2);
    loop {
        wait_for_budget(account, started).await?;
        let now = clock::now();
        let response = http.send(&request).await.map_err(|error| QueryError::Failed(failure_of(&error)))?;
        let failure = match account.provider.read_query_response(&account.profile, query, &response) {
            Ok(answer) => return Ok(QueryReply { response: answer, gateway_time: gateway_time(&response) }),
            Err(error) if error.later => {
                pause = retry_after(&response, now).or(error.retry_after).unwrap_or(pause);
                account.pause(now.plus(pause));
                error.failure
            }
            Err(error) => return Err(QueryError::Failed(error.failure)),
        };
        if clock::now().plus(pause).since(started) > WAIT_MAX {
            return Err(QueryError::Failed(failure));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(60));
    }
}

/// The error for a response that belongs to another query.
pub(crate) fn unexpected_response() -> QueryError {
    QueryError::Failed(Failure::new("unreadable", "the response belongs to another query"))
}

async fn wait_for_budget(account: &ConfiguredAccount, started: Timestamp) -> Result<(), QueryError> {
    loop {
        let now = clock::now();
        match account.reserve(Purpose::Query, now) {
            Ok(()) => return Ok(()),
            Err(at) if at.since(started) > WAIT_MAX => {
                let failure = Failure::new("http_429", "the account's budget of requests is used up");
                return Err(QueryError::Failed(failure));
            }
            Err(at) => tokio::time::sleep(at.since(now)).await,
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
