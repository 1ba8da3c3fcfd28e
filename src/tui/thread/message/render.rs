//! Renders a message as rows: what stands above it, its content, its time and delivery mark, and notes below it.
//!
//! Invariant: foreign text gets in only as `Clean`, and no row is wider than the given width.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::content::content_rows;
use super::context::{Context, Decorations, NoteRun};
use super::notes::note_rows;
use super::private_note::{self, private_note_rows};
use super::row::{ContentRow, wrap_at_most, wrap_into};
use crate::domain::{AuthorKind, Direction, Failure, Kind, Message, Status};
use crate::text;
use crate::text::Clean;
use crate::tui::i18n;
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::{Day, upcoming_on};
use crate::tui::previews::playback::Progress;
use crate::tui::previews::preview::PreviewSize;
use crate::tui::theme::styles::Meaning;

/// A space at which a row is not ended.
const NO_BREAK: &str = "\u{a0}";

/// The greatest width of a message, however wide the window is: longer rows are hard to read.
const READABLE: u16 = 76;

/// What the rows of a message depend on: when it changes, the message is rendered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderKey {
    pub revision: u32,
    pub status: Status,
    /// The width in cells.
    pub width: u16,
    pub(crate) today: Day,
    pub(crate) decorations: Decorations,
    pub(crate) phone: bool,
    /// The place for its preview.
    pub(crate) preview_size: Option<PreviewSize>,
    /// Its preview is made.
    pub(crate) has_preview: bool,
    /// How far it has been played, while it is.
    pub(crate) progress: Option<Progress>,
    /// The reactions that stand on it.
    pub(crate) reactions: Option<String>,
}

/// Where a message's preview is drawn, beside its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PreviewPlace {
    /// Its first row, among those of the message.
    pub(crate) row: usize,
    /// Its first column, among those of the message.
    pub(crate) column: u16,
    pub(crate) size: PreviewSize,
}

/// The rows of one message with everything that stands above it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RenderedMessage {
    /// How many of the rows stand above the message itself: day, divider, gap, sender.
    pub head: usize,
    /// From top to bottom.
    pub rows: Vec<Line<'static>>,
    /// Where its preview is drawn, if it has one.
    pub(crate) preview: Option<PreviewPlace>,
    /// The column of the bar that shows whether the message is selected.
    pub(crate) edge: u16,
}

impl RenderedMessage {
    /// How many rows there are, with those above the message itself.
    pub fn height(&self) -> usize {
        self.rows.len()
    }
}

/// Renders a message at the context's width, but never narrower than four cells.
pub(crate) fn render(message: &Message, cx: &Context<'_>) -> RenderedMessage {
    let width = cx.width.max(4);
    let mut rows = head_rows(message, cx, width);
    let head = rows.len();
    let edge = match side(message) {
        Side::Right => width - 1,
        Side::Note => private_note::edge(width),
        Side::Left | Side::Middle => 0,
    };
    let mut preview = None;
    match side(message) {
        Side::Middle => rows.extend(system_rows(message, cx, width)),
        Side::Note => rows.extend(private_note_rows(message, cx, width)),
        side => {
            let max = bubble_width(width);
            let mut body = content_rows(message, cx, max);
            add_meta(&mut body, meta(message, cx), max, width - 2);
            if let Some(reactions) = cx.reactions {
                let shown = text::truncate(reactions, usize::from(max));
                body.push(ContentRow::of(&shown, cx.theme.style(Meaning::MessageMeta)));
            }
            body.extend(note_rows(message, cx, max));
            preview = preview_place(&body, side, cx, width, head);
            rows.extend(place(body, side, message, cx, width));
        }
    }
    RenderedMessage { head, rows, preview, edge }
}

/// Where the preview of a message stands whose own rows begin below `head` others.
fn preview_place(body: &[ContentRow], side: Side, cx: &Context<'_>, width: u16, head: usize) -> Option<PreviewPlace> {
    let place = cx.preview_size?;
    let row = head + body.iter().position(|row| row.is_preview)?;
    let column = if side == Side::Right { left_of(body, width) } else { 2 };
    Some(PreviewPlace { row, column: u16::try_from(column).unwrap_or(u16::MAX), size: place })
}

/// The column at which an own message begins, which ends at the right edge.
fn left_of(body: &[ContentRow], width: u16) -> usize {
    let widest = body.iter().map(|row| row.cells).max().unwrap_or(0);
    usize::from(width).saturating_sub(widest + 2)
}

/// How wide a message may be in a pane.
pub(crate) fn bubble_width(width: u16) -> u16 {
    let margin = if width < 30 { 3 } else { 3 + width / 8 };
    width.saturating_sub(margin).clamp(1, READABLE)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Middle,
    Right,
    /// Neither: it is of agents for agents.
    Note,
}

fn side(message: &Message) -> Side {
    if message.kind == Kind::System || message.author.kind == AuthorKind::System {
        return Side::Middle;
    }
    match message.direction {
        Direction::In => Side::Left,
        Direction::Out => Side::Right,
        Direction::Internal => Side::Note,
    }
}

fn head_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<Line<'static>> {
    let strings = cx.locale.strings();
    let mut rows = Vec::new();
    if cx.decorations.gap {
        rows.push(Line::default());
    }
    if cx.decorations.shows_day {
        let day = i18n::day_words(strings, i18n::day_of(message.at, cx.zone), cx.today);
        rows.push(ruled(&day, cx, width, Meaning::MessageDate));
    }
    if cx.decorations.divider {
        rows.push(ruled(&strings.thread.unread, cx, width, Meaning::MessageDivider));
    }
    if cx.decorations.shows_sender {
        let name = Clean::line(&message.author.name);
        let name = text::truncate(name.as_str(), usize::from(bubble_width(width))).into_owned();
        rows.push(Line::from(vec![Span::raw("  "), Span::styled(name, cx.theme.style(Meaning::MessageSender))]));
    }
    rows
}

/// A title in the middle of a line.
fn ruled(title: &str, cx: &Context<'_>, width: u16, meaning: Meaning) -> Line<'static> {
    let style = cx.theme.style(meaning);
    let width = usize::from(width);
    let title = text::truncate(title, width.saturating_sub(4)).into_owned();
    let free = width.saturating_sub(text::cells(&title) + 2);
    let rule = |n: usize| Span::styled(cx.theme.glyphs.rule.repeat(n), cx.theme.style(Meaning::Rule));
    Line::from(vec![rule(free / 2), Span::styled(format!(" {title} "), style), rule(free.saturating_sub(free / 2))])
}

fn system_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<Line<'static>> {
    let inner = width.saturating_sub(4).max(1);
    let style = cx.theme.style(Meaning::MessageSystem);
    let text = Clean::block(&message.text);
    let failed = message.error.as_ref().map(|error| unassigned_failure(error, cx));
    let most = if failed.is_some() { 2 } else { usize::MAX };
    let known = failed.or_else(|| event_text(message, cx));
    let text = match known.as_deref() {
        Some(known) => known,
        None if text.as_str().trim().is_empty() => cx.locale.strings().kind(message.kind),
        None => text.as_str(),
    };
    let time = i18n::clock(message.at, cx.zone);
    let mut rows = Vec::new();
    // The time is never parted from the text, nor cut off with it.
    let tail = format!("{}{}{}{time}", NO_BREAK, cx.theme.glyphs.dot, NO_BREAK);
    let room = inner.saturating_sub(u16::try_from(text::cells(&tail)).unwrap_or(0)).max(1);
    if most == usize::MAX {
        wrap_into(&mut rows, &format!("{text}{tail}"), inner, style);
    } else {
        wrap_at_most(&mut rows, text, room, style, most);
        if let Some(last) = rows.last_mut() {
            last.push(&tail, style);
        }
    }
    rows.into_iter()
        .map(|row| {
            let left = usize::from(width).saturating_sub(row.cells) / 2;
            let mut spans = vec![Span::raw(" ".repeat(left.max(2)))];
            spans.extend(row.spans.into_iter().map(|s| Span::styled(s.content.replace(NO_BREAK, " "), s.style)));
            Line::from(spans)
        })
        .collect()
}

/// The sentence about a failure of which the gateway does not say which message it is about.
fn unassigned_failure(error: &Failure, cx: &Context<'_>) -> String {
    let strings = &cx.locale.strings().message;
    match cx.decorations.notes {
        NoteRun::Covered => strings.send_failed_too.clone(),
        NoteRun::Last(count) => {
            let what = failure(cx.locale, error, None).what;
            let sentence = fill(&strings.send_failed, &[("what", &what)]);
            if count > 1 { fill(&strings.same_cause, &[("n", &count.to_string()), ("what", &what)]) } else { sentence }
        }
    }
}

/// The words for a notice that is known by its name, in the reader's language.
fn event_text(message: &Message, cx: &Context<'_>) -> Option<String> {
    let strings = &cx.locale.strings().message;
    let payload = message.payload.as_ref()?;
    let name = |name: &str| Clean::name(name).map(Clean::into_string).unwrap_or_default();
    let to = payload.get("to").and_then(Value::as_str).unwrap_or_default();
    let agents = [("agent", name(&message.author.name)), ("to", name(to))];
    let agents: Vec<_> = agents.iter().map(|(key, name)| (*key, name.as_str())).collect();
    match payload.get("event")?.as_str()? {
        "conversation_opened" => Some(strings.event_conversation_opened.clone()),
        "marketing_stopped" => Some(strings.event_marketing_stopped.clone()),
        "marketing_resumed" => Some(strings.event_marketing_resumed.clone()),
        "calls_allowed" => Some(strings.event_calls_allowed.clone()),
        "calls_declined" => Some(strings.event_calls_declined.clone()),
        "assigned" if message.author.name == to => Some(fill(&strings.event_taken, &agents)),
        "assigned" => Some(fill(&strings.event_assigned, &agents)),
        "unassigned" => Some(fill(&strings.event_unassigned, &agents)),
        _ => None,
    }
}

/// Author's name where it is not obvious, time, delivery mark.
fn meta(message: &Message, cx: &Context<'_>) -> ContentRow {
    let strings = cx.locale.strings();
    let dim = cx.theme.style(Meaning::MessageMeta);
    let mut row = ContentRow::default();
    if message.direction == Direction::Out {
        if message.author.kind == AuthorKind::Rule {
            row.push(&strings.thread.automatic, cx.theme.style(Meaning::MessageRule));
            row.push(" ", dim);
        } else if let Some(name) = Clean::name(&message.author.name).filter(|_| message.author.name != cx.agent) {
            row.push(&text::truncate(name.as_str(), 16), dim);
            row.push(" ", dim);
        }
    }
    if let Some(at) = message.scheduled_at {
        // In the place of the mark: it is on no way yet.
        let time = upcoming_on(strings, at, cx.today, cx.zone);
        let (mark, meaning) = cx.theme.mark(Status::Queued);
        row.push(&format!("{mark} {time}"), cx.theme.style(meaning));
        return row;
    }
    row.push(&i18n::clock(message.at, cx.zone), dim);
    let (mark, meaning) = cx.theme.mark(message.status);
    if !mark.is_empty() {
        row.push(" ", dim);
        if message.inferred {
            row.push(cx.theme.glyphs.inferred, dim);
        }
        row.push(mark, cx.theme.style(meaning));
    }
    row
}

/// Puts the meta on the last row when it fits there, also where that is wider than the text may be, else on a row of
/// its own. `max`: how wide the text may be; `room`: how wide the pane is.
fn add_meta(body: &mut Vec<ContentRow>, meta: ContentRow, max: u16, room: u16) {
    let (max, room) = (usize::from(max), usize::from(room));
    match body.last_mut() {
        Some(last) if last.cells + 2 + meta.cells <= room => {
            last.push("  ", Style::default());
            last.right_from = Some(last.spans.len());
            last.cells += meta.cells;
            last.spans.extend(meta.spans);
        }
        _ if meta.cells <= max => body.push(ContentRow { right_from: Some(0), ..meta }),
        // A window this narrow shows the mark only.
        _ => body.extend(meta.spans.into_iter().next_back().map(|span| ContentRow {
            cells: text::cells(&span.content),
            spans: vec![span],
            right_from: Some(0),
            is_preview: false,
        })),
    }
}

fn place(body: Vec<ContentRow>, side: Side, message: &Message, cx: &Context<'_>, width: u16) -> Vec<Line<'static>> {
    let edge = match (side, message.author.kind) {
        (Side::Right, AuthorKind::Rule) => cx.theme.style(Meaning::MessageRule),
        (Side::Right, _) => cx.theme.style(Meaning::MessageOut),
        _ => cx.theme.style(Meaning::MessageIn),
    };
    let widest = body.iter().map(|p| p.cells).max().unwrap_or(0);
    let left = left_of(&body, width);
    body.into_iter()
        .map(|row| {
            let mut spans = Vec::with_capacity(row.spans.len() + 3);
            if side == Side::Right {
                let gap = Span::raw(" ".repeat(widest - row.cells));
                let from = row.right_from.unwrap_or(row.spans.len());
                spans.push(Span::raw(" ".repeat(left)));
                spans.extend(row.spans);
                spans.insert(from + 1, gap);
                spans.push(Span::raw(" "));
                spans.push(Span::styled(cx.theme.glyphs.bar_out, edge));
            } else {
                spans.push(Span::styled(cx.theme.glyphs.bar_in, edge));
                spans.push(Span::raw(" "));
                spans.extend(row.spans);
            }
            Line::from(spans)
        })
        .collect()
}
