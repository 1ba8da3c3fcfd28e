//! Messages that cannot be shown whole: what they are as far as that is known, why they are not here, what to do.
//!
//! Invariant: "look at the phone" is said only where the account has one.

use serde_json::Value;

use super::context::Context;
use super::row::{ContentRow, wrap_into};
use crate::domain::Message;
use crate::text::Clean;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;

/// The code by which WhatsApp says that it holds a message back for now.
const HELD_BACK: i64 = 131_060;
/// The code by which WhatsApp says that its API has no such messages.
const NOT_IN_API: i64 = 131_051;

/// The question and options of a poll that arrived; none where only its kind is known.
pub(super) fn poll(message: &Message) -> Option<Vec<String>> {
    let payload = message.payload.as_ref()?;
    let poll = payload.get("poll").unwrap_or(payload);
    let options = poll.get("options")?.as_array()?;
    let name = |option: &Value| {
        let text = option.as_str().or_else(|| ["name", "optionName"].iter().find_map(|key| option.get(*key)?.as_str()));
        text.map(|text| Clean::line(text).into_string())
    };
    let options: Vec<String> = options.iter().filter_map(name).take(12).collect();
    (!options.is_empty()).then_some(options)
}

/// The rows that say why a message is not shown.
pub(super) fn reason_rows(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = &cx.locale.strings().message;
    let what = what(message, cx);
    let remedy = if cx.phone { &strings.look_at_phone } else { &strings.ask_again };
    wrap_into(out, &format!("{what} {remedy}"), width, cx.theme.style(Meaning::MessageSystem));
}

fn what(message: &Message, cx: &Context<'_>) -> String {
    let strings = &cx.locale.strings().message;
    let payload = message.payload.as_ref();
    let named = payload.and_then(|payload| {
        let name = payload.pointer("/unsupported/type").or_else(|| payload.get("type"))?;
        name.as_str().filter(|name| !name.trim().is_empty())
    });
    let code = payload.and_then(|payload| payload.pointer("/errors/0/code")?.as_i64());
    match (named.unwrap_or_default(), code) {
        ("view_once" | "view_once_message" | "viewOnce", _) => strings.view_once.clone(),
        ("poll" | "poll_creation" | "poll_update", _) => strings.poll_hidden.clone(),
        (_, Some(HELD_BACK)) => strings.held_back.clone(),
        (_, Some(NOT_IN_API)) => strings.not_in_api.clone(),
        ("" | "unsupported" | "unknown" | "interactive", _) => strings.cannot_show.clone(),
        (name, _) => fill(&strings.unknown_kind, &[("kind", &Clean::line(name).into_string().replace('_', " "))]),
    }
}
