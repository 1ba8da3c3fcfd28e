//! What WAHA can be asked: groups, the login QR, whether a number is on WhatsApp, how the session is.
//!
//! Source: waha.devlike.pro/docs/how-to: "Sessions" (Get QR, Get session), "Contacts" (Check phone number exists),
//! "Groups" (Get all groups). Nothing here expects the shape of one engine where the page says that engines differ.

use serde_json::Value;

use super::send::endpoint;
use super::session;
use crate::domain::{Failure, Group, Timestamp};
use crate::providers::common::json::scalar;
use crate::providers::common::response::query_failure;
use crate::providers::common::url::{encode, with_parameters};
use crate::providers::types::Profile;
use crate::providers::types::{LoginState, Query, QueryFailure, QueryResponse, Unsupported};
use crate::providers::types::{Method, Request, Response};

/// The longest piece of the gateway's own words that is kept, in characters.
const WORDS_MAX: usize = 400;

/// The request that asks `query`.
pub(super) fn request(profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
    let name = session(profile);
    let session = encode(name);
    let path = match query {
        Query::Groups => format!("{session}/groups"),
        Query::Login => format!("{session}/auth/qr?format=raw"),
        Query::Probe => format!("sessions/{session}"),
        Query::CheckNumber(phone) => with_parameters("contacts/check-exists", &[("phone", phone), ("session", name)]),
        Query::Contacts { .. } | Query::CreateContact(_) | Query::Templates { .. } => return Err(Unsupported),
    };
    Ok(Request::bare(Method::Get, endpoint(profile, &path)).secret_header("X-Api-Key", &profile.api_key))
}

/// What the answer to a query means.
pub(super) fn answer(profile: &Profile, query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
    if let Some((status, failure)) = not_working(response) {
        return not_working_answer(query, &status, failure);
    }
    let body = match response.value() {
        Some(body) if (200..300).contains(&response.status) => body,
        _ => return Err(refused(response)),
    };
    match query {
        Query::Probe if body.is_object() => Ok(QueryResponse::Alive),
        Query::Login => match body.get("value") {
            Some(code) => Ok(QueryResponse::Login(scalar(code).map_or(LoginState::NotReady, LoginState::Code))),
            None => Err(unreadable()),
        },
        Query::CheckNumber(_) => {
            body.get("numberExists").and_then(Value::as_bool).map(QueryResponse::Registered).ok_or_else(unreadable)
        }
        Query::Groups => groups(profile, &body).map(QueryResponse::Groups).ok_or_else(unreadable),
        _ => Err(unreadable()),
    }
}

/// The QR can only be had while one is wanted; the refusal says which other state the session is in.
fn not_working_answer(query: &Query, status: &str, failure: Failure) -> Result<QueryResponse, QueryFailure> {
    match (query, status) {
        (Query::Login, "WORKING") => Ok(QueryResponse::Login(LoginState::Connected { number: None, name: None })),
        (Query::Login, "STARTING") => Ok(QueryResponse::Login(LoginState::NotReady)),
        // The key was accepted; that is what was asked.
        (Query::Probe, _) => Ok(QueryResponse::Alive),
        _ => Err(QueryFailure { failure, retry_after: None, later: false }),
    }
}

/// The session's status and the failure, when WAHA refuses because of it: 422
/// `{"error","session","status","expected"}` (source: manager.abc.ts, `waitUntilStatus`).
pub(super) fn not_working(response: &Response) -> Option<(String, Failure)> {
    if response.status != 422 {
        return None;
    }
    let body = response.value()?;
    let status = body.get("status").and_then(Value::as_str)?.to_owned();
    let words = body.get("error").and_then(scalar).unwrap_or_default();
    let words = cut(format!("{words} ({status})").trim());
    Some((status, Failure::new("session_not_working", words)))
}

fn refused(response: &Response) -> QueryFailure {
    let error = query_failure(response);
    QueryFailure { failure: explain(error.failure, response), ..error }
}

fn unreadable() -> QueryFailure {
    QueryFailure { failure: Failure::new("unreadable", ""), retry_after: None, later: false }
}

/// Puts WAHA's real words into a failure: its `error` is only the status's name, the reason is in `message`, one
/// text or several, or in `exception.message`.
pub(super) fn explain(failure: Failure, response: &Response) -> Failure {
    let body = response.value().unwrap_or(Value::Null);
    let words = match body.get("message") {
        Some(Value::Array(reasons)) => reasons.iter().filter_map(scalar).collect::<Vec<_>>().join("; "),
        Some(reason) => scalar(reason).unwrap_or_default(),
        None => body.pointer("/exception/message").and_then(scalar).unwrap_or_default(),
    };
    if words.is_empty() { failure } else { Failure { message: cut(&words), ..failure } }
}

fn cut(words: &str) -> String {
    words.chars().take(WORDS_MAX).collect()
}

/// A list of groups, or an object with a group under each id ("depends on the engine you use").
fn groups(profile: &Profile, body: &Value) -> Option<Vec<Group>> {
    match body {
        Value::Array(items) => Some(items.iter().filter_map(|item| group(profile, item)).collect()),
        Value::Object(items) => Some(items.values().filter_map(|item| group(profile, item)).collect()),
        _ => None,
    }
}

fn group(profile: &Profile, item: &Value) -> Option<Group> {
    let first = |places: &[&str]| places.iter().filter_map(|place| item.pointer(place)).find_map(scalar);
    let id = first(&["/id/_serialized", "/id", "/JID", "/groupMetadata/id/_serialized"])?;
    let times = ["/timestamp", "/lastMessage/timestamp", "/conversationTimestamp"];
    Some(Group {
        account: profile.account.clone(),
        id: id.strip_suffix("@g.us").unwrap_or(&id).to_owned(),
        name: first(&["/subject", "/name", "/Name", "/groupMetadata/subject"]).unwrap_or_default(),
        // No arrival time here; only the past can be listed, so no future is absurd.
        last_at: times
            .iter()
            .filter_map(|place| item.pointer(place))
            .find_map(|at| Timestamp::from_gateway(at, Timestamp(i64::MAX))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waha::tests::profile;
    use serde_json::json;

    fn ask(query: &Query, status: u16, body: &Value) -> Result<QueryResponse, QueryFailure> {
        answer(&profile(), query, &Response::json(status, body))
    }

    #[test]
    fn queries_name_the_session_and_the_key() {
        let mut profile = profile();
        profile.session = Some("toko/1 a".into());
        for (query, url) in [
            (Query::Groups, "https://waha.example.com/api/toko%2F1%20a/groups"),
            (Query::Login, "https://waha.example.com/api/toko%2F1%20a/auth/qr?format=raw"),
            (Query::Probe, "https://waha.example.com/api/sessions/toko%2F1%20a"),
            (
                Query::CheckNumber("628123000000".into()),
                "https://waha.example.com/api/contacts/check-exists?phone=628123000000&session=toko%2F1%20a",
            ),
        ] {
            let request = request(&profile, &query).unwrap();
            assert_eq!((request.method, request.url.as_str()), (Method::Get, url));
            assert_eq!(request.header("x-api-key"), Some("kunci-rahasia"));
        }
    }

    #[test]
    fn the_qr_is_a_code_not_yet_or_no_longer_needed() {
        let refused = |status: &str| json!({"error": "Session status is not as expected.", "status": status});
        let login = |state| Ok(QueryResponse::Login(state));
        let code = json!({"value": "2@cuTD5E9F"});
        assert_eq!(ask(&Query::Login, 200, &code), login(LoginState::Code("2@cuTD5E9F".into())));
        assert_eq!(ask(&Query::Login, 200, &json!({"value": null})), login(LoginState::NotReady));
        assert_eq!(ask(&Query::Login, 422, &refused("STARTING")), login(LoginState::NotReady));
        let connected = login(LoginState::Connected { number: None, name: None });
        assert_eq!(ask(&Query::Login, 422, &refused("WORKING")), connected);
        assert_eq!(ask(&Query::Login, 422, &refused("FAILED")).unwrap_err().failure.code, "session_not_working");
        assert_eq!(ask(&Query::Login, 200, &json!([])).unwrap_err().failure.code, "unreadable");
    }

    #[test]
    fn groups_are_read_in_the_shape_of_every_engine() {
        for body in [
            json!([{"id": {"_serialized": "120363000000000001@g.us"}, "name": "Reseller", "timestamp": 1_700_000_000}]),
            json!({"120363000000000001@g.us": {"id": "120363000000000001@g.us", "subject": "Reseller",
                   "conversationTimestamp": 1_700_000_000}}),
            json!([{"JID": "120363000000000001@g.us", "Name": "Reseller", "timestamp": "1700000000"}, {"broken": 1}]),
        ] {
            let Ok(QueryResponse::Groups(groups)) = ask(&Query::Groups, 200, &body) else { panic!("{body}") };
            let [group] = groups.as_slice() else { panic!("{groups:?}") };
            assert_eq!((group.id.as_str(), group.name.as_str()), ("120363000000000001", "Reseller"));
            assert_eq!(group.last_at, Some(Timestamp::from_seconds(1_700_000_000)));
        }
    }

    #[test]
    fn a_missing_session_is_told_in_wahas_own_words() {
        let body =
            json!({"message": "We didn't find a session with name 'toko'.", "error": "Not Found", "statusCode": 404});
        let error = ask(&Query::Probe, 404, &body).unwrap_err();
        assert_eq!(error.failure, Failure::new("http_404", "We didn't find a session with name 'toko'."));
        let crash = json!({"statusCode": 500, "exception": {"message": "browser is gone"}});
        assert_eq!(ask(&Query::Probe, 500, &crash).unwrap_err().failure.message, "browser is gone");
        assert_eq!(
            ask(&Query::CheckNumber("1".into()), 200, &json!({"numberExists": false})),
            Ok(QueryResponse::Registered(false))
        );
    }
}
