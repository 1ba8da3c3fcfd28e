//! Draws the screen as it was measured.
//!
//! Invariant: drawing changes nothing and measures nothing; foreign text comes only through `Clean`.

mod account;
mod accounts;
mod addressing;
mod bars;
mod compose;
pub(super) mod details;
pub(super) mod help;
mod inbox;
mod login;
mod overlay;
mod panel;
mod pickers;
mod thread;
mod welcome;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::look::Meaning;
use super::model::Model;
use crate::text;

/// Draws the whole screen and says where the terminal's cursor belongs.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = draw(model, area, frame.buffer_mut());
    if let Some(position) = cursor.filter(|p| area.contains(*p)) {
        frame.set_cursor_position(position);
    }
}

fn draw(model: &Model, area: Rect, buf: &mut Buffer) -> Option<Position> {
    // A size that has not been measured yet is drawn with the next frame.
    if model.areas.screen != area {
        return None;
    }
    if model.areas.too_small {
        put(buf, area, &model.words().app.too_small, model.look.style(Meaning::Strong));
        return None;
    }
    bars::status(model, buf);
    let list = inbox::draw(model, buf);
    let thread = thread::draw(model, buf);
    let composer = compose::draw(model, buf);
    bars::hints(model, buf);
    let mut cursor = match model.focus {
        super::model::Pane::List => list,
        super::model::Pane::Thread => thread,
        super::model::Pane::Composer => composer,
    };
    if !model.overlays.is_empty() {
        cursor = overlay::draw(model, buf);
    }
    cursor
}

/// Draws text on the first row of an area, cut with an ellipsis. Returns how many cells it took.
fn put(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let shown = text::truncate(text, usize::from(area.width));
    let (x, _) = buf.set_stringn(area.x, area.y, shown, usize::from(area.width), style);
    x.saturating_sub(area.x)
}

/// Draws text at the right end of an area's first row. Returns what is left of the area.
fn put_right(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> Rect {
    let shown = text::truncate(text, usize::from(area.width));
    let cells = u16::try_from(text::cells(&shown)).unwrap_or(area.width).min(area.width);
    let at = Rect { x: area.x + area.width - cells, width: cells, ..area };
    put(buf, at, &shown, style);
    Rect { width: area.width - cells, ..area }
}

/// An area without so many cells at its left.
fn skip(area: Rect, cells: u16) -> Rect {
    let cells = cells.min(area.width);
    Rect { x: area.x + cells, width: area.width - cells, ..area }
}

/// The n-th row of an area, of no size when it has fewer.
fn row(area: Rect, n: u16) -> Rect {
    if n < area.height { Rect { y: area.y + n, height: 1, ..area } } else { Rect { height: 0, ..area } }
}

/// Fills an area's first row with a line.
fn rule(model: &Model, buf: &mut Buffer, area: Rect, meaning: Meaning) {
    let line = model.look.glyphs.rule.repeat(usize::from(area.width));
    put(buf, area, &line, model.look.style(meaning));
}
