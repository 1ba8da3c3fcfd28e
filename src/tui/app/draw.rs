//! Draws the screen as `layout` measured it.
//!
//! Invariant: drawing changes nothing and measures nothing; foreign text comes only through `Clean`.

use super::state::{Model, Pane};
use super::{hint_line, status_bar};
use crate::text::to_ascii_cell;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::put;
use crate::tui::{composer, conversations, customer, overlays, thread};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Draws the whole screen and sets the terminal's cursor.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = draw_panes(model, area, frame.buffer_mut());
    if !model.theme.unicode {
        show_in_ascii(frame.buffer_mut());
    }
    if let Some(position) = cursor.filter(|p| area.contains(*p)) {
        frame.set_cursor_position(position);
    }
}

/// Replaces what a terminal without UTF-8 would show as other letters.
fn show_in_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            cell.set_char(to_ascii_cell(cell.symbol()));
        }
    }
}

fn draw_panes(model: &Model, area: Rect, buf: &mut Buffer) -> Option<Position> {
    // The terminal has just changed its size: the next frame is measured for it.
    if model.areas.screen != area {
        return None;
    }
    if model.areas.too_small {
        put(buf, area, &model.strings().app.too_small, model.theme.style(Meaning::Strong));
        return None;
    }
    status_bar::draw(model, buf);
    let list = conversations::draw::draw(model, buf);
    let thread = thread::draw::draw(model, buf);
    let composer = composer::draw::draw(model, buf);
    customer::draw::draw(model, buf);
    hint_line::draw(model, buf);
    let mut cursor = match model.focus {
        Pane::List => list,
        Pane::Thread => thread,
        Pane::Composer => composer,
    };
    if !model.overlays.is_empty() {
        cursor = overlays::draw(model, buf);
    }
    cursor
}
