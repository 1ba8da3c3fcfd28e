//! Objections and failures in the words of the screen, for standard error.

use crate::config::Locale;
use crate::domain::{Failure, Objection, Status};
use crate::engine::{ConfiguredAccount, clock};
use crate::tui::i18n;

/// Why a message is not sent, naming the account, the gateway and what it can carry, in the words of the flags
/// and of the JSON.
pub(super) fn objection(locale: Locale, objection: &Objection, member: &ConfiguredAccount) -> String {
    let (account, gateway) = (member.name().as_str(), member.manifest().name);
    let what = i18n::objection(locale, objection, account, gateway, Some(clock::now()));
    let can = &member.capabilities;
    let kinds: Vec<_> = can.kinds().iter().map(|kind| kind.as_str()).collect();
    let channels: Vec<_> = can.channels.iter().map(|channel| channel.as_str()).collect();
    let cli = &locale.strings().cli;
    let groups = if can.groups { cli.groups.as_str() } else { "" };
    let places = [
        ("account", account),
        ("gateway", gateway),
        ("what", &what),
        ("kinds", &kinds.join(", ")),
        ("channels", &channels.join(", ")),
        ("groups", groups),
    ];
    i18n::fill(&cli.refused, &places)
}

/// What became of a message that was not accepted, with the gateway's own words and code.
pub(super) fn failure(locale: Locale, failure: Option<&Failure>, status: Status) -> String {
    let Some(failure) = failure else { return locale.strings().status(status).to_owned() };
    let said = i18n::failure(locale, failure, None);
    format!("{} {} {}", said.what, said.remedy, i18n::message_of(failure))
}

/// The message waits in the outbox.
pub(super) fn still_waiting(locale: Locale, failure: Option<&Failure>) -> String {
    let waits = &locale.strings().cli.waiting;
    failure.map_or_else(|| waits.clone(), |f| format!("{waits} {}", self::failure(locale, Some(f), Status::Queued)))
}
