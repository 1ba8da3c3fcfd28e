//! Objections and failures in the words of the screen, for standard error.

use crate::config::Locale;
use crate::domain::{Failure, Objection, Status};

/// Why a message is not sent, naming the account, the gateway and what it can carry.
pub(super) fn objection(_locale: Locale, objection: &Objection, account: &str, gateway: &str) -> String {
    format!("account \"{account}\" ({gateway}): {objection:?}")
}

/// What became of a message that was not accepted.
pub(super) fn failure(_locale: Locale, failure: Option<&Failure>, status: Status) -> String {
    failure.map_or_else(|| status.to_string(), |f| format!("{}: {}", f.code, f.message))
}

/// The message waits in the outbox.
pub(super) fn still_waiting(_locale: Locale, failure: Option<&Failure>) -> String {
    failure.map_or_else(
        || "in the outbox, not sent yet".to_owned(),
        |f| format!("in the outbox, not sent yet: {}: {}", f.code, f.message),
    )
}
