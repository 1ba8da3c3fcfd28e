//! What a message has besides its content: forwarded, about a product, sent after a click on an advertisement, without
//! its file, edited, deleted.

use serde_json::Value;

use super::context::Context;
use super::row::{ContentRow, wrap_at_most, wrap_into};
use crate::domain::{Direction, Kind, Message};
use crate::text::Clean;
use crate::tui::i18n::failures::known_failure;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;

/// The most rows for what an edited message said before.
const ORIGINAL_ROWS: usize = 3;

fn is_set(message: &Message, flag: &str) -> bool {
    message.payload.as_ref().and_then(|payload| payload.get(flag)) == Some(&Value::Bool(true))
}

/// Whether its author deleted the message for everyone.
pub(super) fn is_revoked(message: &Message) -> bool {
    is_set(message, "revoked")
}

/// Why a voice note has no text, where a program was to write it.
fn error_text(message: &Message) -> Option<&str> {
    message.payload.as_ref()?.get("transcript_error")?.as_str()
}

/// The rows above a message's content: where it came from.
pub(crate) fn origin_rows(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = &cx.locale.strings().message;
    let dim = cx.theme.style(Meaning::Dim);
    if is_set(message, "forwarded") {
        wrap_into(out, &strings.forwarded, width, dim);
    }
    let field = |name: &str| message.payload.as_ref().and_then(|payload| payload.get(name));
    if let Some(product) = field("product") {
        let name = first_line(product, &["name", "title", "product_retailer_id", "retailer_id", "id"]);
        wrap_into(out, fill(&strings.product, &[("name", &name)]).trim_end(), width, dim);
    }
    if let Some(referral) = field("referral") {
        let post = referral.get("source_type").and_then(Value::as_str) == Some("post");
        let sentence = if post { &strings.referral_post } else { &strings.referral };
        let title = first_line(referral, &["headline", "body", "source_url"]);
        let line = fill(sentence, &[("title", &title)]);
        wrap_into(out, line.trim_end().trim_end_matches(':'), width, dim);
    }
}

/// The first of these fields that holds a text, cleaned to one line; empty if none does.
fn first_line(object: &Value, names: &[&str]) -> String {
    let found = names.iter().filter_map(|name| object.get(*name)?.as_str()).find(|text| !text.trim().is_empty());
    Clean::line(found.unwrap_or_default()).into_string()
}

/// The rows below a message's content: why its file is missing, and what became of it.
pub(crate) fn change_rows(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = &cx.locale.strings().message;
    if let Some(words) = message.transcript() {
        let line = fill(&strings.transcript, &[("text", Clean::line(words).as_str())]);
        wrap_into(out, &line, width, cx.theme.style(Meaning::Text));
    } else if let Some(reason) = error_text(message) {
        let line = fill(&strings.transcript_failed, &[("reason", Clean::line(reason).as_str())]);
        wrap_into(out, &line, width, cx.theme.style(Meaning::MessageSystem));
    }
    if message.kind != Kind::Unsupported
        && let Some(reason) = content_error(message, cx)
    {
        let line = fill(&strings.media_failed, &[("reason", &reason)]);
        wrap_into(out, &line, width, cx.theme.style(Meaning::MessageFailed));
    }
    if is_revoked(message) {
        let by = match message.direction {
            _ if cx.group && message.direction == Direction::In => &strings.revoked,
            Direction::In => &strings.revoked_by_customer,
            Direction::Out | Direction::Internal => &strings.revoked_by_us,
        };
        wrap_into(out, by, width, cx.theme.style(Meaning::MessageSystem));
    } else if is_set(message, "edited") {
        let original = message.payload.as_ref().and_then(|payload| payload.get("original")?.as_str());
        let original = Clean::line(original.unwrap_or_default()).into_string();
        let line = match original.trim() {
            "" => strings.edited.clone(),
            text => fill(&strings.edited_from, &[("text", text)]),
        };
        wrap_at_most(out, &line, width, cx.theme.style(Meaning::Dim), ORIGINAL_ROWS);
    }
}

/// Why the gateway could not deliver the content whole: our words for its code, else its own.
pub(super) fn content_error(message: &Message, cx: &Context<'_>) -> Option<String> {
    let error = message.payload.as_ref()?.get("errors")?.get(0)?;
    let code = error.get("code").map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned));
    let known = code.and_then(|code| known_failure(cx.locale, &code));
    let own = || first_line(error.get("error_data").unwrap_or(error), &["details", "message", "title"]);
    let own =
        || Some(own()).filter(|text| !text.is_empty()).unwrap_or_else(|| first_line(error, &["message", "title"]));
    Some(known.unwrap_or_else(own)).filter(|text| !text.is_empty())
}
