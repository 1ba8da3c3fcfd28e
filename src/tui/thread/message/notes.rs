//! Notes below a message that was not delivered as it should be. Messages in a row with the same cause have one note;
//! what to do at length stands in the details.
//!
//! Invariant: a failed message never lacks a reason in strings, and a note is at most two rows high.

use super::context::{Context, NoteRun};
use super::row::{ContentRow, wrap_at_most};
use crate::domain::{Kind, Message, Status};
use crate::text;
use crate::tui::i18n::failures::{failure, is_explained};
use crate::tui::i18n::fill;
use crate::tui::i18n::time::clock;
use crate::tui::theme::styles::Meaning;

/// The most rows of a note.
const MOST_ROWS: usize = 2;

/// What several messages have in common when one note can stand for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause<'m> {
    /// `System` for a notice; nothing for a message, of whatever kind.
    kind: Option<Kind>,
    status: Status,
    code: &'m str,
}

/// Why a message needs a note; none when it needs none.
pub(crate) fn cause(message: &Message) -> Option<Cause<'_>> {
    let needs_note = match message.status {
        _ if message.kind == Kind::System => message.error.is_some(),
        Status::Failed | Status::Unsure => true,
        Status::Queued | Status::Sending => message.retry_at.is_some(),
        Status::Received | Status::Sent | Status::Delivered | Status::Read => false,
    };
    let code = message.error.as_ref().map_or("", |error| error.code.as_str());
    needs_note.then_some(Cause {
        kind: Some(message.kind).filter(|kind| *kind == Kind::System),
        status: message.status,
        code,
    })
}

/// The rows that say why a message failed, may not have arrived, or waits for another try; else none.
pub(crate) fn note_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<ContentRow> {
    let count = match cx.decorations.notes {
        NoteRun::Covered => return Vec::new(),
        NoteRun::Last(count) => count,
    };
    let strings = &cx.locale.strings().message;
    let (what, more, meaning) = match message.status {
        Status::Failed => {
            let (what, remedy) = failed(message, cx);
            (what, remedy, Meaning::MessageFailed)
        }
        Status::Unsure => {
            let more = if cx.phone { &strings.unsure_phone } else { &strings.unsure_no_phone };
            (strings.unsure.clone(), more.clone(), Meaning::MessageUnsure)
        }
        Status::Queued | Status::Sending => match message.retry_at {
            Some(at) => {
                let again = fill(&strings.retry_at, &[("time", &clock(at, cx.zone))]);
                let what = message.error.as_ref().map(|error| failure(cx.locale, error, None).what);
                (join(&what.unwrap_or_default(), &again), String::new(), Meaning::MessageQueued)
            }
            None => return Vec::new(),
        },
        Status::Received | Status::Sent | Status::Delivered | Status::Read => return Vec::new(),
    };
    let what = if count > 1 { fill(&strings.same_cause, &[("n", &count.to_string()), ("what", &what)]) } else { what };
    // What to do stands here where there is room, and always in the details.
    let whole = join(&what, &more);
    let shown = if text::wrap(&whole, width).len() <= MOST_ROWS { whole } else { what };
    let mut out = Vec::new();
    wrap_at_most(&mut out, &shown, width, cx.theme.style(meaning), MOST_ROWS);
    out
}

/// Why a message failed, and what to do. Where the code is not known the gateway's own message says most.
fn failed(message: &Message, cx: &Context<'_>) -> (String, String) {
    let strings = &cx.locale.strings().message;
    let Some(error) = &message.error else { return (strings.failed.clone(), String::new()) };
    let words = failure(cx.locale, error, None);
    if !is_explained(&error.code) && !error.message.trim().is_empty() {
        return (fill(&strings.gateway_refused, &[("message", &words.gateway_message)]), String::new());
    }
    let what = if words.what.is_empty() { strings.failed.clone() } else { words.what };
    (what, words.remedy)
}

fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first.to_owned(),
        _ => format!("{first} {second}"),
    }
}
