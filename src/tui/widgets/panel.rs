//! The box in which an overlay lies over the panes.
//!
//! Invariant: a box never leaves the screen.

use super::draw_text::{put, row};
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

/// Draws an empty box with a title in the upper middle of the screen; returns its inside, at most `size` (columns,
/// rows).
pub(crate) fn open(theme: &Theme, buf: &mut Buffer, screen: Rect, title: &str, size: (u16, u16)) -> Rect {
    let area = place(screen, size);
    Clear.render(area, buf);
    Block::bordered().border_style(theme.style(Meaning::Accent)).render(area, buf);
    let over = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    put(buf, row(over, 0), &format!(" {title} "), theme.style(Meaning::AccentStrong));
    within(area)
}

/// The inside that a box of this size will have.
pub(crate) fn inside(screen: Rect, size: (u16, u16)) -> Rect {
    within(place(screen, size))
}

fn within(area: Rect) -> Rect {
    Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) }
}

fn place(screen: Rect, (width, rows): (u16, u16)) -> Rect {
    let width = width.saturating_add(4).min(screen.width.saturating_sub(2)).max(8).min(screen.width);
    let height = rows.saturating_add(2).min(screen.height.saturating_sub(2)).max(3).min(screen.height);
    Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 3, width, height }
}
