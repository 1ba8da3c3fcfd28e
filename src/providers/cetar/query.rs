//! The one query that Cetar documents: whether a number is on WhatsApp.
//!
//! Invariant: no query sends a message.
use serde_json::{Map, Value, json};

use super::mode::Mode;
use crate::domain::Failure;
use crate::providers::common::response;
use crate::providers::types::{Profile, Query, QueryFailure, QueryResponse, Request, Response, Unsupported};

/// The number of the page's own sample. Checking it is the one harmless call that proves a key.
const PROBE_NUMBER: &str = "6281234567890";

/// seeds/002, "Cek Nomor WA". Meta's product has no such call, so its key cannot be probed without sending.
pub(super) fn request(profile: &Profile, query: &Query) -> Result<Request, Unsupported> {
    let phone = match (Mode::of(profile), query) {
        (Mode::Unofficial, Query::CheckNumber(phone)) => phone.as_str(),
        (Mode::Unofficial, Query::Probe) => PROBE_NUMBER,
        _ => return Err(Unsupported),
    };
    let mut body = Map::new();
    body.insert("channel".to_owned(), json!("whatsapp"));
    body.insert("phone".to_owned(), json!(phone));
    if let Some(session) = profile.session.as_deref().filter(|s| !s.is_empty()) {
        body.insert("session_id".to_owned(), json!(session));
    }
    let url = format!("{}/check-number", profile.base_url);
    Ok(Request::post_json(url, &Value::Object(body)).bearer(&profile.api_key))
}

pub(super) fn read_response(query: &Query, response: &Response) -> Result<QueryResponse, QueryFailure> {
    let body = response.value().unwrap_or(Value::Null);
    if !response::is_success(response, &body) {
        return Err(response::query_failure(response));
    }
    if *query == Query::Probe {
        return Ok(QueryResponse::Alive);
    }
    let registered =
        ["/data/is_registered", "/is_registered"].into_iter().find_map(|path| body.pointer(path)?.as_bool());
    registered.map(QueryResponse::Registered).ok_or_else(|| QueryFailure {
        failure: Failure::new("unexpected_answer", "is_registered is missing"),
        retry_after: None,
        later: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::sample;

    fn check() -> Query {
        Query::CheckNumber("628999".into())
    }

    #[test]
    fn only_number_checks_are_supported_and_only_for_a_linked_phone() {
        let profile = Profile { session: Some("S1".into()), ..sample::default_profile("cetar", "unofficial") };
        let request = request(&profile, &check()).unwrap();
        assert_eq!(request.url, "https://api.cetar.ai/v1/check-number");
        assert_eq!(request.body.unwrap(), br#"{"channel":"whatsapp","phone":"628999","session_id":"S1"}"#);
        assert_eq!(super::request(&sample::default_profile("cetar", "meta"), &check()), Err(Unsupported));
        assert_eq!(super::request(&profile, &Query::Groups), Err(Unsupported));
        assert_eq!(super::request(&profile, &Query::Login), Err(Unsupported));
    }

    #[test]
    fn a_response_is_a_result_or_an_error() {
        let result = |status, body: Value| read_response(&check(), &Response::json(status, &body));
        assert_eq!(
            result(200, json!({"success": true, "data": {"is_registered": false}})),
            Ok(QueryResponse::Registered(false))
        );
        assert_eq!(result(200, json!({"success": true})).unwrap_err().failure.code, "unexpected_answer");
        let refused = result(403, json!({"message": "IP terblokir"})).unwrap_err();
        assert_eq!((refused.failure.code.as_str(), refused.later), ("http_403", false));
        assert!(result(429, json!({})).unwrap_err().later);
        assert_eq!(
            read_response(&Query::Probe, &Response::json(200, &json!({"success": true}))),
            Ok(QueryResponse::Alive)
        );
    }
}
