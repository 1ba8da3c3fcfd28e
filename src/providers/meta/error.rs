//! Meta's error objects, as in `value.errors`, `messages[].errors` and `statuses[].errors`.
//!
//! Invariant: a title alone never decides anything, because titles are to be removed (providers.md 6.5).

use crate::domain::{Failure, Inbound, SessionState};
use crate::providers::common::json::scalar;
use serde_json::Value;

/// The longest part of an error's text that is kept, in characters.
const TEXT_MAX: usize = 400;

/// The code and text of one error object; code `unknown` when it has none.
pub(super) fn failure(error: &Value) -> Failure {
    let code = error.get("code").and_then(scalar).unwrap_or_else(|| "unknown".to_owned());
    let text = ["message", "title"].into_iter().find_map(|key| error.get(key).and_then(scalar));
    let details = ["/error_data/details", "/details"].into_iter().find_map(|path| error.pointer(path).and_then(scalar));
    let message = match (text, details) {
        (Some(text), Some(details)) if !text.contains(&details) => format!("{text}: {details}"),
        (Some(text), _) => text,
        (None, details) => details.unwrap_or_default(),
    };
    Failure::new(code, message.chars().take(TEXT_MAX).collect::<String>())
}

/// The account's state that an error of the whole event (`value.errors`) means; any other error stays in the
/// journal as not understood.
pub(super) fn account_state(error: &Value) -> Inbound {
    let failure = failure(error);
    let state = match failure.code.as_str() {
        "0" | "190" => SessionState::LoggedOut,
        "4" | "80007" | "130429" => SessionState::RateLimited,
        "368" | "131031" => SessionState::Banned,
        _ => return Inbound::Unknown { event: format!("error {}: {}", failure.code, failure.message) },
    };
    Inbound::Session { state, detail: failure.message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_follow_the_text_unless_it_contains_them() {
        let full =
            json!({"code": 130_472, "title": "t", "message": "Experiment", "error_data": {"details": "Not sent"}});
        assert_eq!(failure(&full), Failure::new("130472", "Experiment: Not sent"));
        assert_eq!(failure(&json!({"code": "1", "title": "Only"})), Failure::new("1", "Only"));
        assert_eq!(failure(&json!({"details": "D"})), Failure::new("unknown", "D"));
        assert_eq!(failure(&json!(7)), Failure::new("unknown", ""));
    }

    #[test]
    fn only_codes_about_the_account_change_its_state() {
        let expired = account_state(&json!({"code": 190, "title": "Access token has expired"}));
        assert!(matches!(expired, Inbound::Session { state: SessionState::LoggedOut, .. }));
        assert!(matches!(account_state(&json!({"code": 131_000})), Inbound::Unknown { .. }));
    }
}
