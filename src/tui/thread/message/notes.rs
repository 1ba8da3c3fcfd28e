//! Notes below a message that was not delivered as it should be: why, and what to do.
//!
//! Invariant: a failed message never lacks a reason in strings.

use super::context::Context;
use super::row::{ContentRow, wrap_into};
use crate::domain::{Message, Status};
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::clock;
use crate::tui::theme::styles::Meaning;

/// The rows that say why a message failed, may not have arrived, or waits for another try; else none.
pub(crate) fn note_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<ContentRow> {
    let strings = &cx.locale.strings().thread;
    let reason = message.error.as_ref().map(|e| failure(cx.locale, e, None));
    let (what, remedy, quote) = reason.map(|r| (r.what, r.remedy, r.gateway_message)).unwrap_or_default();
    let (text, meaning) = match message.status {
        Status::Failed => {
            let what = if what.is_empty() { strings.failed.clone() } else { what };
            (join(&join(&what, &remedy), &quote), Meaning::MessageFailed)
        }
        Status::Unsure => (join(&join(&what, &strings.unsure), &quote), Meaning::MessageUnsure),
        Status::Queued | Status::Sending => match message.retry_at {
            Some(at) => {
                let again = fill(&strings.retry_at, &[("time", &clock(at, cx.zone))]);
                (join(&what, &again), Meaning::MessageQueued)
            }
            None => return Vec::new(),
        },
        Status::Received | Status::Sent | Status::Delivered | Status::Read => return Vec::new(),
    };
    let mut out = Vec::new();
    wrap_into(&mut out, &text, width, cx.theme.style(meaning));
    out
}

fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first.to_owned(),
        _ => format!("{first} {second}"),
    }
}
