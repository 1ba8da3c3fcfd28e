//! WAHA's error responses: the session is not working, or the message of a refusal.
//!
//! Source: devlikeapro/waha `src/core`, manager.abc.ts; error bodies as its server (Nest) writes them.

use serde_json::Value;

use crate::domain::Failure;
use crate::providers::common::json::{first_text, first_text_at, scalar};
use crate::providers::common::response::cut_message;
use crate::providers::types::Response;

/// The session's status and the failure, when WAHA refuses because of it: 422
/// `{"error","session","status","expected"}` (source: manager.abc.ts, `waitUntilStatus`).
pub(super) fn not_working(response: &Response) -> Option<(String, Failure)> {
    if response.status != 422 {
        return None;
    }
    let body = response.value()?;
    let status = body.get("status").and_then(Value::as_str)?.to_owned();
    let message = first_text(&body, &["error"]).unwrap_or_default();
    let message = cut_message(format!("{message} ({status})").trim());
    Some((status, Failure::new("session_not_working", message)))
}

/// Replaces the message of a failure by the real reason: WAHA's `error` is only the status's name, the reason is in
/// `message`, one text or several, or in `exception.message`.
pub(super) fn explain(failure: Failure, response: &Response) -> Failure {
    let body = response.value().unwrap_or(Value::Null);
    let reason = match body.get("message") {
        Some(Value::Array(reasons)) => reasons.iter().filter_map(scalar).collect::<Vec<_>>().join("; "),
        Some(reason) => scalar(reason).unwrap_or_default(),
        None => first_text_at(&body, &["/exception/message"]).unwrap_or_default(),
    };
    if reason.is_empty() { failure } else { Failure { message: cut_message(&reason), ..failure } }
}
