//! A message as rows of the screen. The rows that are counted are the rows that are drawn: there is no second
//! measure.
//!
//! Invariant: foreign text gets in only as `Clean`, and no row is wider than it was asked to be.

pub(crate) mod content;
pub(crate) mod notes;
pub(crate) mod preview;
#[cfg(test)]
pub(crate) mod tests;

pub use content::links;
pub use preview::{preview, sender_initial};

use jiff::tz::TimeZone;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::state::Setting;
use crate::config::Locale;
use crate::domain::{AuthorKind, Direction, Kind, Message};
use crate::text;
use crate::text::Clean;
use crate::tui::i18n;
use crate::tui::i18n::time::Day;
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;

/// No message is wider than this, however wide the window: longer rows are hard to read.
const READABLE: u16 = 76;

/// A message's rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// How many rows at the beginning stand above the message: day, divider, gap.
    pub head: usize,
    /// All rows, from top to bottom.
    pub rows: Vec<Line<'static>>,
    /// The column of the edge that shows whether the message is chosen.
    pub edge: u16,
}

impl Block {
    /// How many rows it has.
    pub fn height(&self) -> usize {
        self.rows.len()
    }
}

/// What rows depend on beside the message.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The language.
    pub locale: Locale,
    /// Styles and signs.
    pub theme: &'a Theme,
    /// Where the reader is.
    pub zone: &'a TimeZone,
    /// The width in cells.
    pub width: u16,
    /// The day that is today there.
    pub today: Day,
    /// How the message stands among its neighbours.
    pub setting: Setting,
    /// The quoted message, when it is loaded.
    pub quoted: Option<&'a Message>,
    /// The name that stands beside own messages: it is not repeated.
    pub agent: &'a str,
}

/// A row of a message before it is placed: its pieces and their width.
#[derive(Debug, Clone, Default)]
pub(crate) struct Piece {
    spans: Vec<Span<'static>>,
    cells: usize,
    /// From this span on the row belongs to the right edge of an own message.
    right_from: Option<usize>,
}

impl Piece {
    fn of(text: &str, style: Style) -> Self {
        Piece { cells: text::cells(text), spans: vec![Span::styled(text.to_owned(), style)], right_from: None }
    }

    fn push(&mut self, text: &str, style: Style) {
        self.cells += text::cells(text);
        self.spans.push(Span::styled(text.to_owned(), style));
    }
}

/// The rows of a message.
pub fn block(message: &Message, cx: &Context<'_>) -> Block {
    let width = cx.width.max(4);
    let mut rows = head_rows(message, cx, width);
    let head = rows.len();
    let edge = if matches!(side(message), Side::Right) { width - 1 } else { 0 };
    match side(message) {
        Side::Middle => rows.extend(system_rows(message, cx, width)),
        side => {
            let max = bubble_width(width);
            let mut pieces = content::pieces(message, cx, max);
            add_meta(&mut pieces, meta(message, cx), max);
            pieces.extend(notes::pieces(message, cx, max));
            rows.extend(place(pieces, side, message, cx, width));
        }
    }
    Block { head, rows, edge }
}

/// How wide a message may be in a pane.
fn bubble_width(width: u16) -> u16 {
    let margin = if width < 30 { 3 } else { 3 + width / 8 };
    width.saturating_sub(margin).clamp(1, READABLE)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Middle,
    Right,
}

fn side(message: &Message) -> Side {
    if message.kind == Kind::System || message.author.kind == AuthorKind::System {
        return Side::Middle;
    }
    match message.direction {
        Direction::In => Side::Left,
        Direction::Out => Side::Right,
    }
}

fn head_rows(message: &Message, cx: &Context<'_>, width: u16) -> Vec<Line<'static>> {
    let words = cx.locale.strings();
    let mut rows = Vec::new();
    if cx.setting.gap {
        rows.push(Line::default());
    }
    if cx.setting.names_day {
        let day = i18n::day_words(words, i18n::day_of(message.at, cx.zone), cx.today);
        rows.push(ruled(&day, cx, width, Meaning::MessageDate));
    }
    if cx.setting.divider {
        rows.push(ruled(&words.thread.unread, cx, width, Meaning::MessageDivider));
    }
    if cx.setting.names_sender {
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
    let said = Clean::block(&message.text);
    let said = if said.as_str().trim().is_empty() { cx.locale.strings().kind(message.kind) } else { said.as_str() };
    let said = format!("{said} {} {}", cx.theme.glyphs.dot, i18n::clock(message.at, cx.zone));
    let mut pieces = Vec::new();
    wrap_into(&mut pieces, &said, inner, style);
    pieces
        .into_iter()
        .map(|piece| {
            let left = usize::from(width).saturating_sub(piece.cells) / 2;
            let mut spans = vec![Span::raw(" ".repeat(left.max(2)))];
            spans.extend(piece.spans);
            Line::from(spans)
        })
        .collect()
}

/// Author's name where it is not obvious, time, delivery mark.
fn meta(message: &Message, cx: &Context<'_>) -> Piece {
    let words = cx.locale.strings();
    let dim = cx.theme.style(Meaning::MessageMeta);
    let mut piece = Piece::default();
    if message.direction == Direction::Out {
        if message.author.kind == AuthorKind::Rule {
            piece.push(&words.thread.automatic, cx.theme.style(Meaning::MessageRule));
            piece.push(" ", dim);
        } else if !message.author.name.is_empty() && message.author.name != cx.agent {
            let name = Clean::line(&message.author.name);
            piece.push(&text::truncate(name.as_str(), 16), dim);
            piece.push(" ", dim);
        }
    }
    piece.push(&i18n::clock(message.at, cx.zone), dim);
    let (mark, meaning) = cx.theme.mark(message.status);
    if !mark.is_empty() {
        piece.push(" ", dim);
        if message.inferred {
            piece.push(cx.theme.glyphs.inferred, dim);
        }
        piece.push(mark, cx.theme.style(meaning));
    }
    piece
}

/// Puts the meta on the last row when it fits there, else on a row of its own.
fn add_meta(pieces: &mut Vec<Piece>, meta: Piece, max: u16) {
    let max = usize::from(max);
    match pieces.last_mut() {
        Some(last) if last.cells + 2 + meta.cells <= max => {
            last.push("  ", Style::default());
            last.right_from = Some(last.spans.len());
            last.cells += meta.cells;
            last.spans.extend(meta.spans);
        }
        _ if meta.cells <= max => pieces.push(Piece { right_from: Some(0), ..meta }),
        // A window this narrow shows the mark only.
        _ => pieces.extend(meta.spans.into_iter().next_back().map(|span| Piece {
            cells: text::cells(&span.content),
            spans: vec![span],
            right_from: Some(0),
        })),
    }
}

fn place(pieces: Vec<Piece>, side: Side, message: &Message, cx: &Context<'_>, width: u16) -> Vec<Line<'static>> {
    let edge = match (side, message.author.kind) {
        (Side::Right, AuthorKind::Rule) => cx.theme.style(Meaning::MessageRule),
        (Side::Right, _) => cx.theme.style(Meaning::MessageOut),
        _ => cx.theme.style(Meaning::MessageIn),
    };
    let widest = pieces.iter().map(|p| p.cells).max().unwrap_or(0);
    let left = usize::from(width).saturating_sub(widest + 2);
    pieces
        .into_iter()
        .map(|piece| {
            let mut spans = Vec::with_capacity(piece.spans.len() + 3);
            if side == Side::Right {
                let gap = Span::raw(" ".repeat(widest - piece.cells));
                let from = piece.right_from.unwrap_or(piece.spans.len());
                spans.push(Span::raw(" ".repeat(left)));
                spans.extend(piece.spans);
                spans.insert(from + 1, gap);
                spans.push(Span::raw(" "));
                spans.push(Span::styled(cx.theme.glyphs.bar_out, edge));
            } else {
                spans.push(Span::styled(cx.theme.glyphs.bar_in, edge));
                spans.push(Span::raw(" "));
                spans.extend(piece.spans);
            }
            Line::from(spans)
        })
        .collect()
}

/// Wraps clean text into pieces of one style.
fn wrap_into(pieces: &mut Vec<Piece>, clean: &str, width: u16, style: Style) {
    for row in text::wrap(clean, width) {
        let shown = row.text(clean).trim_end();
        pieces.push(Piece::of(text::width::fit(shown, usize::from(width)), style));
    }
}
