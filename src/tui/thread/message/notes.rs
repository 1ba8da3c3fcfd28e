//! What stands under a message that is not on its way as it should be: why, and what to do.
//!
//! Invariant: a failed message never stands there without a reason in words.

use super::{Context, Piece, wrap_into};
use crate::domain::{Message, Status};
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::clock;
use crate::tui::theme::styles::Meaning;

pub(crate) fn pieces(message: &Message, cx: &Context<'_>, width: u16) -> Vec<Piece> {
    let words = &cx.locale.strings().thread;
    let reason = message.error.as_ref().map(|e| failure(cx.locale, e, None));
    let (what, remedy, said) = reason.map(|r| (r.what, r.remedy, r.gateway_message)).unwrap_or_default();
    let (text, meaning) = match message.status {
        Status::Failed => {
            let what = if what.is_empty() { words.failed.clone() } else { what };
            (join(&join(&what, &remedy), &said), Meaning::MessageFailed)
        }
        Status::Unsure => (join(&join(&what, &words.unsure), &said), Meaning::MessageUnsure),
        Status::Queued | Status::Sending => match message.retry_at {
            Some(at) => {
                let again = fill(&words.retry_at, &[("time", &clock(at, cx.zone))]);
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
