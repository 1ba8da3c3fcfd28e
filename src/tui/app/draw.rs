//! Draws the screen as it was measured.
//!
//! Invariant: drawing changes nothing and measures nothing; foreign text comes only through `Clean`.

use super::bars;
use crate::tui::composer;
use crate::tui::conversations;
use crate::tui::overlays;
use crate::tui::thread;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::state::{Model, Pane};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::put;

/// Draws the whole screen and says where the terminal's cursor belongs.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = draw_panes(model, area, frame.buffer_mut());
    if let Some(position) = cursor.filter(|p| area.contains(*p)) {
        frame.set_cursor_position(position);
    }
}

fn draw_panes(model: &Model, area: Rect, buf: &mut Buffer) -> Option<Position> {
    // A size that has not been measured yet is drawn with the next frame.
    if model.areas.screen != area {
        return None;
    }
    if model.areas.too_small {
        put(buf, area, &model.strings().app.too_small, model.theme.style(Meaning::Strong));
        return None;
    }
    bars::status(model, buf);
    let list = conversations::draw::draw(model, buf);
    let thread = thread::draw::draw(model, buf);
    let composer = composer::draw::draw(model, buf);
    bars::hints(model, buf);
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
