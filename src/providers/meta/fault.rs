//! Meta's error objects, which stand in `value.errors`, `messages[].errors` and `statuses[].errors`.
//!
//! Invariant: a title alone never decides anything, because titles are to be removed (providers.md 6.5).

use serde_json::Value;

use crate::domain::{Failure, Inbound, SessionState};
use crate::providers::common::json::scalar;

/// The longest piece of Meta's own words that is kept, in characters.
const WORDS_MAX: usize = 400;

/// The code and words of one error object; code `unknown` when it has none.
pub fn failure(error: &Value) -> Failure {
    let code = error.get("code").and_then(scalar).unwrap_or_else(|| "unknown".to_owned());
    let words = ["message", "title"].into_iter().find_map(|key| error.get(key).and_then(scalar));
    let details = ["/error_data/details", "/details"].into_iter().find_map(|path| error.pointer(path).and_then(scalar));
    let message = match (words, details) {
        (Some(words), Some(details)) if !words.contains(&details) => format!("{words}: {details}"),
        (Some(words), _) => words,
        (None, details) => details.unwrap_or_default(),
    };
    Failure::new(code, message.chars().take(WORDS_MAX).collect::<String>())
}

/// What an error of the whole event (`value.errors`) says about the account; what says nothing about it stays
/// in the journal as not understood.
pub fn of_account(error: &Value) -> Inbound {
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
    fn details_follow_the_words_unless_they_say_the_same() {
        let full =
            json!({"code": 130_472, "title": "t", "message": "Experiment", "error_data": {"details": "Not sent"}});
        assert_eq!(failure(&full), Failure::new("130472", "Experiment: Not sent"));
        assert_eq!(failure(&json!({"code": "1", "title": "Only"})), Failure::new("1", "Only"));
        assert_eq!(failure(&json!({"details": "D"})), Failure::new("unknown", "D"));
        assert_eq!(failure(&json!(7)), Failure::new("unknown", ""));
    }

    #[test]
    fn only_codes_about_the_account_change_its_state() {
        let expired = of_account(&json!({"code": 190, "title": "Access token has expired"}));
        assert!(matches!(expired, Inbound::Session { state: SessionState::LoggedOut, .. }));
        assert!(matches!(of_account(&json!({"code": 131_000})), Inbound::Unknown { .. }));
    }
}
