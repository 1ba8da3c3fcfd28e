//! Asks gateways for what is no message: contacts, groups, templates, numbers, the login code.
//!
//! Questions wait for their place in the account's budget, behind sends, and are asked again only when the
//! gateway said that nothing was processed (429, no connection).

use std::time::Duration;

use super::http::{Fault, Http, retry_after};
use super::limits::Purpose;
use crate::domain::{Failure, Timestamp};
use crate::engine::accounts::registry::ConfiguredAccount;
use crate::engine::clock;
use crate::providers::{Query, QueryResponse, Response};

/// The longest a question waits for its place or for the gateway's patience.
const PATIENCE: Duration = Duration::from_secs(180);

/// A question that was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The gateway has no such request.
    #[error("the gateway has no such request")]
    Unsupported,
    /// The gateway refused it, or could not be reached.
    #[error("{}: {}", .0.code, .0.message)]
    Failed(Failure),
}

/// An answer, with what its headers told.
#[derive(Debug, Clone)]
pub struct QueryReply {
    /// The answer.
    pub answer: QueryResponse,
    /// The gateway's clock, by its `Date` header.
    pub gateway_time: Option<Timestamp>,
}

/// Asks `query` of an account's gateway.
pub async fn ask(http: &Http, member: &ConfiguredAccount, query: &Query) -> Result<QueryReply, QueryError> {
    let request = member.provider.query_request(&member.profile, query).map_err(|_| QueryError::Unsupported)?;
    let started = clock::now();
    let mut pause = Duration::from_secs(2);
    loop {
        wait_for_place(member, started).await?;
        let now = clock::now();
        let failure = match http.carry(&request).await {
            Ok(response) => match member.provider.read_query_response(&member.profile, query, &response) {
                Ok(answer) => return Ok(QueryReply { answer, gateway_time: gateway_time(&response) }),
                Err(error) if error.later => {
                    pause = retry_after(&response, now).or(error.retry_after).unwrap_or(pause);
                    member.pause(now.plus(pause));
                    error.failure
                }
                Err(error) => return Err(QueryError::Failed(error.failure)),
            },
            Err(fault) => return Err(QueryError::Failed(failure_of(&fault))),
        };
        if clock::now().plus(pause).since(started) > PATIENCE {
            return Err(QueryError::Failed(failure));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(60));
    }
}

async fn wait_for_place(member: &ConfiguredAccount, started: Timestamp) -> Result<(), QueryError> {
    loop {
        let now = clock::now();
        match member.take(Purpose::Query, now) {
            Ok(()) => return Ok(()),
            Err(at) if at.since(started) > PATIENCE => {
                return Err(QueryError::Failed(Failure::new(
                    "http_429",
                    "the account's budget of requests is used up",
                )));
            }
            Err(at) => tokio::time::sleep(at.since(now)).await,
        }
    }
}

/// The failure that a fault of the connection is.
pub fn failure_of(fault: &Fault) -> Failure {
    match fault {
        Fault::NotSent(words) => Failure::new("unreachable", words.clone()),
        Fault::Timeout => Failure::new("timeout", fault.to_string()),
        Fault::Broken(words) => Failure::new("interrupted", words.clone()),
    }
}

fn gateway_time(response: &Response) -> Option<Timestamp> {
    let date = response.header("date")?;
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date.trim()).ok()?;
    Some(Timestamp(parsed.as_millisecond()))
}
