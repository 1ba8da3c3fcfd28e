//! Queries to WAHA: groups, the login QR, whether a number is on WhatsApp, whether the session works.
//!
//! Source: waha.devlike.pro/docs/how-to: "Sessions" (Get QR, Get session), "Contacts" (Check phone number exists),
//! "Groups" (Get all groups). Where a page says that engines differ, the shapes of all of them are read.

use serde_json::Value;

use super::ids::session;
use super::response::{explain, not_working};
use crate::domain::{Failure, Group, Timestamp};
use crate::providers::common::json::{first_text, first_text_at};
use crate::providers::common::response::query_failure;
use crate::providers::common::url::{api_endpoint, encode, with_parameters};
use crate::providers::types::{
    LoginState, Method, Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported,
};

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
    Ok(Request::bare(Method::Get, api_endpoint(profile, &path)).secret_header("X-Api-Key", &profile.api_key))
}

/// Reads the response to a query.
pub(super) fn read_response(
    profile: &Profile,
    query: &Query,
    response: &Response,
) -> Result<QueryResponse, QueryFailure> {
    if let Some((status, failure)) = not_working(response) {
        return read_session_status(query, &status, failure);
    }
    let body = match response.value() {
        Some(body) if (200..300).contains(&response.status) => body,
        _ => {
            let error = query_failure(response);
            return Err(QueryFailure { failure: explain(error.failure, response), ..error });
        }
    };
    let answer = match query {
        Query::Probe if body.is_object() => Some(QueryResponse::Alive),
        Query::Login => body.get("value").map(|_| {
            let code = first_text(&body, &["value"]);
            QueryResponse::Login(code.map_or(LoginState::NotReady, LoginState::Code))
        }),
        Query::CheckNumber(_) => body.get("numberExists").and_then(Value::as_bool).map(QueryResponse::Registered),
        Query::Groups => groups(profile, &body).map(QueryResponse::Groups),
        _ => None,
    };
    answer.ok_or_else(QueryFailure::unreadable)
}

/// The QR exists only while a login is wanted; the refusal tells the session's other states.
fn read_session_status(query: &Query, status: &str, failure: Failure) -> Result<QueryResponse, QueryFailure> {
    match (query, status) {
        (Query::Login, "WORKING") => Ok(QueryResponse::Login(LoginState::Connected { number: None, name: None })),
        (Query::Login, "STARTING") => Ok(QueryResponse::Login(LoginState::NotReady)),
        // The key was accepted, which is all that a probe asks.
        (Query::Probe, _) => Ok(QueryResponse::Alive),
        _ => Err(failure.into()),
    }
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
    let id = first_text_at(item, &["/id/_serialized", "/id", "/JID", "/groupMetadata/id/_serialized"])?;
    let times = ["/timestamp", "/lastMessage/timestamp", "/conversationTimestamp"];
    Some(Group {
        account: profile.account.clone(),
        id: id.strip_suffix("@g.us").unwrap_or(&id).to_owned(),
        name: first_text_at(item, &["/subject", "/name", "/Name", "/groupMetadata/subject"]).unwrap_or_default(),
        // No arrival time here; only the past can be listed, so no future is absurd.
        last_at: times
            .iter()
            .filter_map(|pointer| item.pointer(pointer))
            .find_map(|at| Timestamp::from_gateway(at, Timestamp(i64::MAX))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waha::tests::profile;
    use serde_json::json;

    fn read(query: &Query, status: u16, body: &Value) -> Result<QueryResponse, QueryFailure> {
        read_response(&profile(), query, &Response::json(status, body))
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
    fn a_login_is_a_code_not_ready_or_connected() {
        let refused = |status: &str| json!({"error": "Session status is not as expected.", "status": status});
        let login = |state| Ok(QueryResponse::Login(state));
        let code = json!({"value": "2@cuTD5E9F"});
        assert_eq!(read(&Query::Login, 200, &code), login(LoginState::Code("2@cuTD5E9F".into())));
        assert_eq!(read(&Query::Login, 200, &json!({"value": null})), login(LoginState::NotReady));
        assert_eq!(read(&Query::Login, 422, &refused("STARTING")), login(LoginState::NotReady));
        let connected = login(LoginState::Connected { number: None, name: None });
        assert_eq!(read(&Query::Login, 422, &refused("WORKING")), connected);
        assert_eq!(read(&Query::Login, 422, &refused("FAILED")).unwrap_err().failure.code, "session_not_working");
        assert_eq!(read(&Query::Login, 200, &json!([])).unwrap_err().failure.code, "unreadable");
    }

    #[test]
    fn groups_are_read_in_the_shape_of_every_engine() {
        for body in [
            json!([{"id": {"_serialized": "120363000000000001@g.us"}, "name": "Reseller", "timestamp": 1_700_000_000}]),
            json!({"120363000000000001@g.us": {"id": "120363000000000001@g.us", "subject": "Reseller",
                   "conversationTimestamp": 1_700_000_000}}),
            json!([{"JID": "120363000000000001@g.us", "Name": "Reseller", "timestamp": "1700000000"}, {"broken": 1}]),
        ] {
            let Ok(QueryResponse::Groups(groups)) = read(&Query::Groups, 200, &body) else { panic!("{body}") };
            let [group] = groups.as_slice() else { panic!("{groups:?}") };
            assert_eq!((group.id.as_str(), group.name.as_str()), ("120363000000000001", "Reseller"));
            assert_eq!(group.last_at, Some(Timestamp::from_seconds(1_700_000_000)));
        }
    }

    #[test]
    fn a_missing_session_fails_with_wahas_own_message() {
        let body =
            json!({"message": "We didn't find a session with name 'toko'.", "error": "Not Found", "statusCode": 404});
        let error = read(&Query::Probe, 404, &body).unwrap_err();
        assert_eq!(error.failure, Failure::new("http_404", "We didn't find a session with name 'toko'."));
        let crash = json!({"statusCode": 500, "exception": {"message": "browser is gone"}});
        assert_eq!(read(&Query::Probe, 500, &crash).unwrap_err().failure.message, "browser is gone");
        assert_eq!(
            read(&Query::CheckNumber("1".into()), 200, &json!({"numberExists": false})),
            Ok(QueryResponse::Registered(false))
        );
    }
}
