//! Objections and failures as text for standard error, worded as on the screen.

use crate::config::Locale;
use crate::domain::{AccountStatus, Failure, Objection, Status, Timestamp};
use crate::tui::i18n;

/// Why a message is not sent, with the account, the gateway and what it can send.
pub(super) fn objection(locale: Locale, objection: &Objection, account: &AccountStatus, now: Timestamp) -> String {
    let can = &account.capabilities;
    let (account, gateway) = (account.account.name.as_str(), account.provider_name);
    let what = i18n::objection(locale, objection, account, gateway, Some(now));
    let kinds: Vec<_> = can.kinds().iter().map(|kind| locale.strings().kind(*kind).to_lowercase()).collect();
    let channels: Vec<_> = can.channels.iter().map(|channel| i18n::channel(*channel)).collect();
    let cli = &locale.strings().cli;
    let groups = if can.groups { cli.groups.as_str() } else { "" };
    let values = [
        ("account", account),
        ("gateway", gateway),
        ("what", &what),
        ("kinds", &kinds.join(", ")),
        ("channels", &channels.join(", ")),
        ("groups", groups),
    ];
    i18n::fill(&cli.refused, &values)
}

/// Why a message was not accepted, with the gateway's own message and code.
pub(super) fn failure(locale: Locale, failure: Option<&Failure>, status: Status) -> String {
    let Some(failure) = failure else { return locale.strings().status(status).to_owned() };
    let text = i18n::failure(locale, failure, None);
    format!("{} {} {}", text.what, text.remedy, i18n::message_of(failure))
}

/// That a message waits in the outbox, and why.
pub(super) fn still_waiting(locale: Locale, failure: Option<&Failure>) -> String {
    let waits = &locale.strings().cli.waiting;
    failure.map_or_else(|| waits.clone(), |f| format!("{waits} {}", self::failure(locale, Some(f), Status::Queued)))
}

/// A time where this machine is, to the minute.
pub(super) fn local_time(at: Timestamp) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at.millis()).map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|_| at.rfc3339(), |zoned| zoned.strftime("%Y-%m-%d %H:%M").to_string())
}
