//! What stands under a message that is not on its way as it should be: why, and what to do.
//!
//! Invariant: a failed message never stands there without a reason in words.

use super::{Context, Piece, wrap_into};
use crate::domain::{Message, Status};
use crate::tui::look::Meaning;
use crate::tui::words::{clock, failure, fill};

pub(super) fn pieces(message: &Message, cx: &Context<'_>, width: u16) -> Vec<Piece> {
    let words = &cx.locale.words().thread;
    let reason = message.error.as_ref().map(|e| failure(cx.locale, e));
    let (what, remedy) = reason.map(|r| (sentence(&r.what), sentence(&r.remedy))).unwrap_or_default();
    let (text, meaning) = match message.status {
        Status::Failed => {
            let what = if what.is_empty() { words.failed.clone() } else { what };
            (join(&what, &remedy), Meaning::MessageFailed)
        }
        Status::Unsure => (join(&what, &words.unsure), Meaning::MessageUnsure),
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
    wrap_into(&mut out, &text, width, cx.look.style(meaning));
    out
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first.to_owned(),
        _ => format!("{first} {second}"),
    }
}
