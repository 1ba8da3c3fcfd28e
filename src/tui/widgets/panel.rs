//! The box in which things lie over the panes.
//!
//! Invariant: a box never leaves the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

use crate::tui::app::state::Model;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row};

/// Draws an empty box with a title in the upper middle; returns its inside.
pub(crate) fn open(model: &Model, buf: &mut Buffer, title: &str, width: u16, rows: u16) -> Rect {
    let area = place(model, width, rows);
    Clear.render(area, buf);
    Block::bordered().border_style(model.theme.style(Meaning::Accent)).render(area, buf);
    let over = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    put(buf, row(over, 0), &format!(" {title} "), model.theme.style(Meaning::AccentStrong));
    within(area)
}

/// The inside that a box will have.
pub(crate) fn inside(model: &Model, width: u16, rows: u16) -> Rect {
    within(place(model, width, rows))
}

fn within(area: Rect) -> Rect {
    Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) }
}

fn place(model: &Model, width: u16, rows: u16) -> Rect {
    let screen = model.areas.screen;
    let width = (width + 4).min(screen.width.saturating_sub(2)).max(8).min(screen.width);
    let height = rows.saturating_add(2).min(screen.height.saturating_sub(2)).max(3).min(screen.height);
    Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 3, width, height }
}
