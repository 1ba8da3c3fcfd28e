//! Objections and failures in the words of the screen, for standard error.

use crate::config::Locale;
use crate::domain::{Failure, Objection, Status};
use crate::engine::clock;
use crate::tui::words;

/// Why a message is not sent, naming the account, the gateway and what it can carry.
pub(super) fn objection(locale: Locale, objection: &Objection, account: &str, gateway: &str) -> String {
    words::objection(locale, objection, account, gateway, Some(clock::now()))
}

/// What became of a message that was not accepted, with the gateway's own words and code.
pub(super) fn failure(locale: Locale, failure: Option<&Failure>, status: Status) -> String {
    let Some(failure) = failure else { return locale.words().status(status).to_owned() };
    let said = words::failure(locale, failure, None);
    format!("{} {} {}", said.what, said.remedy, words::own_words(failure))
}

/// The message waits in the outbox.
pub(super) fn still_waiting(locale: Locale, failure: Option<&Failure>) -> String {
    let waits = &locale.words().cli.waiting;
    failure.map_or_else(|| waits.clone(), |f| format!("{waits} {}", self::failure(locale, Some(f), Status::Queued)))
}
