//! What a message has besides its content: forwarded, sent after a click on an advertisement, edited, deleted.

use serde_json::Value;

use super::context::Context;
use super::row::{ContentRow, wrap_into};
use crate::domain::Message;
use crate::text::Clean;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;

fn is_set(message: &Message, flag: &str) -> bool {
    message.payload.as_ref().and_then(|payload| payload.get(flag)) == Some(&Value::Bool(true))
}

/// The rows above a message's content: where it came from.
pub(crate) fn origin_rows(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = &cx.locale.strings().thread;
    let dim = cx.theme.style(Meaning::Dim);
    if is_set(message, "forwarded") {
        wrap_into(out, &strings.forwarded, width, dim);
    }
    let Some(referral) = message.payload.as_ref().and_then(|payload| payload.get("referral")) else { return };
    let text = |key: &str| referral.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let title = Clean::line(text("headline").or_else(|| text("source_url")).unwrap_or_default());
    wrap_into(out, fill(&strings.referral, &[("title", title.as_str())]).trim_end(), width, dim);
}

/// The rows below a message's content: what became of it.
pub(crate) fn change_rows(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let strings = &cx.locale.strings().thread;
    if is_set(message, "revoked") {
        wrap_into(out, &strings.revoked, width, cx.theme.style(Meaning::MessageSystem));
    } else if is_set(message, "edited") {
        wrap_into(out, &strings.edited, width, cx.theme.style(Meaning::Dim));
    }
}
