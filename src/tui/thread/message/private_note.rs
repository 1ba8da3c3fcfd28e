//! A private note as rows: indented, behind a dotted edge and in a colour of its own, so that it looks like nothing that
//! is sent.
//!
//! Invariant: no row is wider than the given width.

use ratatui::text::{Line, Span};

use super::context::Context;
use super::row::{ContentRow, wrap_into};
use crate::domain::Message;
use crate::text;
use crate::text::Clean;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::clock;
use crate::tui::theme::styles::Meaning;

/// The greatest width of a note, as of a message.
const READABLE: u16 = 76;

/// The column of a note's edge in a pane of this width.
pub(crate) fn edge(width: u16) -> u16 {
    if width < 30 { 2 } else { (width / 6).min(12) }
}

/// The rows of a note: its author, its text and its time.
pub(crate) fn private_note_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<Line<'static>> {
    let (edge, strings) = (edge(width), &cx.locale.strings().message);
    let inner = width.saturating_sub(edge + 2).clamp(1, READABLE);
    let style = cx.theme.style(Meaning::Note);
    let name = Clean::name(&message.author.name).map(Clean::into_string).unwrap_or_default();
    let head = fill(&strings.note_by, &[("agent", &name)]);
    let text = Clean::block(&message.text);
    let mut body = Vec::new();
    wrap_into(&mut body, &format!("{head} {}", text.as_str().trim_end()), inner, style);
    if let Some(first) = body.first_mut() {
        emphasize(first, &head, cx);
    }
    add_time(&mut body, &clock(message.at, cx.zone), inner, cx);
    let place = |row: ContentRow| {
        let mut spans = vec![Span::raw(" ".repeat(usize::from(edge)))];
        spans.push(Span::styled(cx.theme.glyphs.note_edge, cx.theme.style(Meaning::NoteEdge)));
        spans.push(Span::raw(" "));
        spans.extend(row.spans);
        Line::from(spans)
    };
    body.into_iter().map(place).collect()
}

/// Shows the beginning of a row, which says whose note it is, in the edge's style.
fn emphasize(row: &mut ContentRow, head: &str, cx: &Context<'_>) {
    let whole: String = row.spans.iter().map(|span| span.content.as_ref()).collect();
    if let Some(rest) = whole.strip_prefix(head) {
        let head = Span::styled(head.to_owned(), cx.theme.style(Meaning::NoteEdge));
        row.spans = vec![head, Span::styled(rest.to_owned(), cx.theme.style(Meaning::Note))];
    }
}

/// Puts the time on the last row when it fits there, else on a row of its own.
fn add_time(body: &mut Vec<ContentRow>, time: &str, width: u16, cx: &Context<'_>) {
    let dim = cx.theme.style(Meaning::MessageMeta);
    match body.last_mut() {
        Some(last) if last.cells + 2 + text::cells(time) <= usize::from(width) => last.push(&format!("  {time}"), dim),
        _ => body.push(ContentRow::of(&text::truncate(time, usize::from(width)), dim)),
    }
}
