//! Draws the customer beside the conversation.
//!
//! Invariant: it is drawn only where there is a place of its own for it; the overlay draws the same rows elsewhere.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::rows::{Row, rows};
use crate::tui::app::state::Model;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};

/// Draws what is known of the open conversation's customer, where the screen is wide enough.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) {
    for y in 0..model.areas.customer_wall.height {
        put(buf, row(model.areas.customer_wall, y), model.theme.glyphs.wall, model.theme.style(Meaning::Rule));
    }
    // The overlay is drawn in the same place.
    if model.areas.customer.is_empty() || model.customer.chosen.is_some() {
        return;
    }
    let area = inside(model.areas.customer);
    let Some(thread) = &model.thread else { return };
    draw_rows(model, buf, area, &rows(model, &thread.conversation, area.width), 0, None);
}

/// The part of a place for the customer that rows are drawn in.
pub(crate) fn inside(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// Draws rows from `first` on; the chosen one has a bar before it.
pub(crate) fn draw_rows(
    model: &Model,
    buf: &mut Buffer,
    area: Rect,
    rows: &[Row],
    first: usize,
    chosen: Option<usize>,
) {
    for (y, (index, line)) in (0_u16..).zip(rows.iter().enumerate().skip(first)).take(usize::from(area.height)) {
        let mut at = row(area, y);
        let is_chosen = chosen == Some(index);
        if chosen.is_some() {
            if is_chosen {
                put(buf, at, model.theme.glyphs.bar_chosen, model.theme.style(Meaning::Selected));
            }
            at = skip(at, 2);
        }
        for (text, meaning) in &line.spans {
            let meaning = if is_chosen { Meaning::Selected } else { *meaning };
            at = skip(at, put(buf, at, text, model.theme.style(meaning)));
        }
    }
}
