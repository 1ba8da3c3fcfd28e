//! How responses are read where all gateways agree: success, error messages, waiting times, remedies.
//!
//! Source: providers.md section 9, A15 to A17, and section 6.5 for Meta's codes.

use serde_json::Value;

use super::json::scalar;
use crate::domain::{Failure, Remedy};
use crate::providers::types::{Outcome, QueryFailure, Response};

/// The longest error message that is kept, in characters.
const MESSAGE_MAX: usize = 400;

/// Whether a response is a success: 2xx, a JSON object, and not `success:false`.
pub(crate) fn is_success(response: &Response, body: &Value) -> bool {
    (200..300).contains(&response.status) && body.get("success") != Some(&Value::Bool(false)) && body.is_object()
}

/// Reads the response to a send; `remote_id` finds the message id in the body of a success.
pub(crate) fn send_outcome(response: &Response, remote_id: impl FnOnce(&Value) -> Option<String>) -> Outcome {
    let body = response.value();
    match (response.status, body) {
        (200..300, Some(body)) if is_success(response, &body) => Outcome::Accepted { remote_id: remote_id(&body) },
        // 2xx that is no JSON object came from something else than the gateway (a proxy, a sign-in page),
        // or the gateway broke off: nobody knows what became of the message.
        (200..300, body) if !body.as_ref().is_some_and(Value::is_object) => {
            Outcome::Unsure { failure: failure(response) }
        }
        (429, _) => Outcome::Later { failure: failure(response), retry_after: response.retry_after_seconds() },
        (408 | 500.., _) => Outcome::Unsure { failure: failure(response) },
        _ => Outcome::Refused { failure: failure(response) },
    }
}

/// Reads the error response to a query.
pub(crate) fn query_failure(response: &Response) -> QueryFailure {
    QueryFailure {
        failure: failure(response),
        retry_after: response.retry_after_seconds(),
        later: response.status == 429,
    }
}

/// The code and message of an error response (A15).
pub(crate) fn failure(response: &Response) -> Failure {
    let body = response.value().unwrap_or(Value::Null);
    let http = format!("http_{}", response.status);
    // A code that only repeats the HTTP status says no more than the status does.
    let code = error_code(&body).filter(|code| *code != response.status.to_string()).unwrap_or(http);
    // A page of HTML says nothing to a person, inside JSON neither.
    let message = error_message(&body).filter(|message| !message.starts_with('<'));
    Failure::new(code, message.unwrap_or_else(|| body_as_message(response)))
}

/// The failure inside an event or a part of a response, in the same forms as in an error response.
pub(crate) fn failure_in(body: &Value) -> Option<Failure> {
    match (error_code(body), error_message(body)) {
        (None, None) => None,
        (Some(code), message) => Some(Failure::new(code.clone(), message.unwrap_or(code))),
        (None, Some(message)) => Some(Failure::new("failed", message)),
    }
}

/// Cuts a gateway's error message to the length that is kept.
pub(crate) fn cut_message(message: &str) -> String {
    message.chars().take(MESSAGE_MAX).collect()
}

fn error_code(body: &Value) -> Option<String> {
    let error = body.get("error");
    [
        error.and_then(|e| e.get("code")),
        body.get("code"),
        body.pointer("/errors/0/code"),
        error.and_then(|e| e.pointer("/error/code")),
    ]
    .into_iter()
    .flatten()
    .find_map(scalar)
}

fn error_message(body: &Value) -> Option<String> {
    let error = body.get("error");
    let message = [
        error.and_then(|e| e.get("message")),
        error.filter(|e| e.is_string()),
        body.get("errorMessage"),
        body.get("message").filter(|m| m.is_string()),
        error.and_then(|e| e.get("code")),
        body.pointer("/errors/0/message"),
    ]
    .into_iter()
    .flatten()
    .find_map(scalar)?;
    // Meta: decide by code and details, for titles are to be removed (6.5).
    let details = error.and_then(|e| e.pointer("/error_data/details")).and_then(Value::as_str);
    Some(cut_message(&match details {
        Some(details) if !message.contains(details) => format!("{message}: {details}"),
        _ => message,
    }))
}

/// The body as an error message, unless it is a page or an object.
fn body_as_message(response: &Response) -> String {
    let text = String::from_utf8_lossy(&response.body);
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') || text.starts_with('{') {
        format!("HTTP {}", response.status)
    } else {
        cut_message(text)
    }
}

/// The remedy for codes that gateways share: HTTP statuses, our own codes for transport faults, and Meta's codes
/// (providers.md 6.5).
pub(crate) fn common_remedy(code: &str) -> Remedy {
    match code {
        "timeout" | "interrupted" | "defect" | "http_408" => Remedy::LookBeforeResending,
        "unreachable" | "budget" | "http_429" | "4" | "80007" | "130429" | "131056" => Remedy::WaitsAndRetries,
        "http_401" | "http_403" | "0" | "190" => Remedy::RenewKey,
        "3" | "10" | "131005" | "131031" | "368" | "130497" | "131037" | "131042" | "131045" | "131057" | "131048" => {
            Remedy::AskAdministrator
        }
        "131026" | "131021" | "131030" | "131062" => Remedy::CheckRecipient,
        "window_closed" | "131047" | "470" => Remedy::SendTemplate,
        "132000" | "132001" | "132005" | "132007" | "132008" | "132012" | "132015" | "132016" | "132018" | "131064" => {
            Remedy::CorrectTemplate
        }
        "131052" | "131053" => Remedy::CheckMedia,
        "131049" | "131050" | "130472" => Remedy::LetItRest,
        "expired" | "131000" | "131016" | "135000" | "1" | "2" | "131060" | "137000" | "132068" | "132069" => {
            Remedy::TryLater
        }
        _ if code.parse::<u16>().is_ok_and(|n| (200..300).contains(&n)) => Remedy::AskAdministrator,
        _ if code.starts_with("http_5") => Remedy::LookBeforeResending,
        _ => Remedy::CorrectContent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn read(status: u16, body: &Value) -> (String, String) {
        let failure = failure(&Response::json(status, body));
        (failure.code, failure.message)
    }

    #[test]
    fn error_messages_are_found_wherever_gateways_put_them() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read(400, &json!({"success":false,"error":{"code":"X","message":"m"}})), pair("X", "m"));
        assert_eq!(read(403, &json!({"error":"Invalid key"})), pair("http_403", "Invalid key"));
        assert_eq!(read(400, &json!({"success":false,"errorMessage":"nohp kosong"})), pair("http_400", "nohp kosong"));
        assert_eq!(read(422, &json!({"message":"The to field"})), pair("http_422", "The to field"));
        assert_eq!(read(400, &json!({"error":{"code":"X"}})), pair("X", "X"));
        assert_eq!(read(400, &json!({"errors":[{"code":7,"message":"m"}]})), pair("7", "m"));
        assert_eq!(read(500, &json!(null)), pair("http_500", "null"));
        assert_eq!(read(401, &json!({"code":401,"message":"Unauthorized"})), pair("http_401", "Unauthorized"));
        assert_eq!(read(502, &json!({"error":"<html>…"})), pair("http_502", "HTTP 502"));
    }

    #[test]
    fn a_response_that_proves_nothing_is_unsure() {
        let html = Response { status: 200, headers: vec![], body: b"<html>sign in</html>".to_vec() };
        assert!(matches!(send_outcome(&html, |_| None), Outcome::Unsure { .. }));
        let refused = Response::json(200, &json!({"success":false,"message":"no"}));
        assert!(matches!(send_outcome(&refused, |_| None), Outcome::Refused { .. }));
        for status in [408, 500, 502, 504] {
            assert!(matches!(send_outcome(&Response::json(status, &json!({})), |_| None), Outcome::Unsure { .. }));
        }
        assert!(matches!(send_outcome(&Response::json(429, &json!({})), |_| None), Outcome::Later { .. }));
    }

    #[test]
    fn the_retry_after_header_is_read() {
        let mut response = Response::json(429, &json!({"error": "slow down"}));
        response.headers.push(("Retry-After".to_owned(), "7".to_owned()));
        let Outcome::Later { retry_after, .. } = send_outcome(&response, |_| None) else { panic!("429 is later") };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
        assert_eq!(query_failure(&response).retry_after, retry_after);
    }

    #[test]
    fn an_event_without_an_error_has_no_failure() {
        assert_eq!(failure_in(&json!({"messageId": "x"})), None);
        let event = json!({"errors": [{"code": 131_026, "message": "Undeliverable"}]});
        assert_eq!(failure_in(&event), Some(Failure::new("131026", "Undeliverable")));
        assert_eq!(failure_in(&json!({"error": "no signal"})), Some(Failure::new("failed", "no signal")));
    }
}
