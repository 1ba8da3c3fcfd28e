//! A message's file: what it is, the place for its preview, and in a person's words what has become of it.
//!
//! Invariant: the place for a preview has its rows before the preview is there.

use super::context::Context;
use super::flags::content_error;
use super::headline::{headline, sign};
use super::row::{ContentRow, wrap_at_most, wrap_into};
use super::voice::voice_row;
use crate::domain::{Kind, Media, MediaState, Message};
use crate::text::Clean;
use crate::tui::i18n::fill;
use crate::tui::i18n::media::{fault, unreadable};
use crate::tui::previews::preview::{Preview, PreviewSize, is_coming};
use crate::tui::theme::styles::Meaning;

/// The rows of a message's file.
pub(super) fn media(message: &Message, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let media = message.media.as_ref();
    let name = media.and_then(|m| m.name.as_deref()).map(|n| Clean::line(n).into_string());
    let size = media.and_then(|m| m.size).map(bytes);
    let facts: Vec<String> = [name, size, facts(cx)].into_iter().flatten().collect();
    if let Some(Preview::Voice { duration, waveform }) = cx.preview {
        out.push(voice_row(cx, (*duration, waveform), cx.progress, &facts, width));
    } else {
        let sign = if cx.progress.is_some() { cx.theme.glyphs.stop } else { sign(cx.theme.glyphs, message.kind) };
        headline(cx, width, sign, cx.locale.strings().kind(message.kind), &facts, out);
    }
    let words = media.and_then(|media| words(message, media, cx));
    match (cx.preview_size, words) {
        (Some(size), words) => place(size, words, cx, width, out),
        (None, Some((words, meaning))) => wrap_into(out, &words, width, cx.theme.style(meaning)),
        (None, None) => {}
    }
}

/// What the preview says of a file: its pixels, its pages.
fn facts(cx: &Context<'_>) -> Option<String> {
    let strings = &cx.locale.strings().media;
    match cx.preview? {
        Preview::Picture { size: (width, height), .. } => Some(format!("{width}×{height}")),
        Preview::Document { pages: Some(1) } => Some(strings.page.clone()),
        Preview::Document { pages: Some(pages) } => Some(fill(&strings.pages, &[("n", &pages.to_string())])),
        Preview::Document { pages: None } | Preview::Voice { .. } | Preview::Unreadable(_) => None,
    }
}

/// What is to be said of a file that is not here or cannot be shown.
fn words(message: &Message, media: &Media, cx: &Context<'_>) -> Option<(String, Meaning)> {
    let strings = &cx.locale.strings().media;
    let reason = media.file.error.as_ref().map(|error| fault(cx.locale, error));
    let with = |sentence: &str, reason: &str| fill(sentence, &[("reason", reason)]);
    match (media.file.state, reason) {
        (MediaState::Here, _) => {
            // Of a voice note whose length is not known nothing is missing: it can be heard.
            let Some(Preview::Unreadable(reason)) = cx.preview.filter(|_| message.kind != Kind::Audio) else {
                return None;
            };
            Some((unreadable(cx.locale, *reason), Meaning::MessageSystem))
        }
        (MediaState::Waiting, None) if media.file.unasked && media.url.is_some() => {
            Some((strings.not_fetched.clone(), Meaning::MessageSystem))
        }
        // A message of ours that has no file yet, or a gateway that never said of one.
        (MediaState::Waiting, None) if !is_coming(media) => None,
        (MediaState::Waiting, None) => Some((strings.fetching.clone(), Meaning::MessageSystem)),
        (MediaState::Waiting, Some(reason)) => Some((with(&strings.tried_again, &reason), Meaning::MessageSystem)),
        // The gateway's own reason stands below.
        (MediaState::Failed, _) if content_error(message, cx).is_some() => None,
        (MediaState::Failed, reason) => {
            Some((with(&strings.failed, &reason.unwrap_or_default()), Meaning::MessageFailed))
        }
        (MediaState::Refused, reason) => {
            Some((with(&strings.refused, &reason.unwrap_or_default()), Meaning::MessageFailed))
        }
    }
}

/// The place for a preview: words where there are any, else empty for the preview that is drawn there.
fn place(size: PreviewSize, words: Option<(String, Meaning)>, cx: &Context<'_>, width: u16, out: &mut Vec<ContentRow>) {
    let mut rows = Vec::new();
    if let Some((words, meaning)) = words {
        wrap_at_most(&mut rows, &words, width, cx.theme.style(meaning), usize::from(size.rows));
    }
    let empty = ContentRow::of(&" ".repeat(usize::from(size.columns)), cx.theme.style(Meaning::Text));
    rows.resize(usize::from(size.rows), empty);
    out.extend(rows.into_iter().map(|row| ContentRow { is_preview: true, ..row }));
}

/// A size in bytes as people read it; the smallest unit is a kilobyte.
pub(crate) fn bytes(size: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = KB * 1024;
    if size < MB { format!("{} KB", size.div_ceil(KB)) } else { format!("{}.{} MB", size / MB, size % MB * 10 / MB) }
}
