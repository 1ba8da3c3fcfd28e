//! CloudChat's queries: whether a number is on WhatsApp, and whether the key is valid.
//!
//! Source: providers.md 5.1 (`check-number` is in public clients, not in the page).
use serde_json::{Value, json};

use crate::domain::Failure;
use crate::providers::common::response::{is_success, query_failure};
use crate::providers::types::{Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported};

pub(super) fn request(profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
    let request = match query {
        Query::CheckNumber(phone) => {
            Request::post_json(format!("{}/check-number", profile.base_url), &json!({"phone": phone}))
        }
        // No documented call only reads. An empty body names neither channel nor recipient, so nothing can be
        // sent: the response to a valid key is 400 (seed 004: "parameter wajib hilang"), else 401 or 403.
        Query::Probe => Request::post_json(format!("{}/messages", profile.base_url), &json!({})),
        Query::Contacts { .. } | Query::CreateContact(_) | Query::Templates { .. } | Query::Groups | Query::Login => {
            return Err(Unsupported);
        }
    };
    Ok(request.bearer(&profile.api_key))
}

pub(super) fn read_response(query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
    let body = response.value().unwrap_or(Value::Null);
    match query {
        Query::Probe if matches!(response.status, 400 | 422) || is_success(response, &body) => Ok(QueryResponse::Alive),
        Query::CheckNumber(_) if is_success(response, &body) => {
            let data = body.get("data").unwrap_or(&body);
            let registered = ["is_registered", "isRegistered"].iter().find_map(|field| data.get(*field)?.as_bool());
            registered.map(QueryResponse::Registered).ok_or_else(|| QueryFailure {
                failure: Failure::new("unreadable", "is_registered is missing in the answer"),
                retry_after: None,
                later: false,
            })
        }
        _ => Err(query_failure(response)),
    }
}
