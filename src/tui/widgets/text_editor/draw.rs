//! Measures and draws the editor with one wrap, and knows where its cursor is.
//!
//! Invariant: drawing changes nothing that anybody can see; only [`TextEditor::fit`] scrolls.

use std::cell::Ref;

use super::{Memo, TextEditor, boundary};
use crate::text::{Row, cells, truncate, wrap_for_cursor};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

/// What of a editor is visible, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The visible rows, from the top.
    pub rows: Vec<Row>,
    /// The cursor's column and row in cells, from the top left of the visible part.
    pub cursor: (u16, u16),
    /// How many rows are hidden above.
    pub(crate) first_row: usize,
    /// How many rows the whole text has.
    pub(crate) total_rows: usize,
}

impl TextEditor {
    /// Measures at a width and scrolls no further than keeps the cursor within `max_rows`. Call it once per batch of
    /// keys and at a new size; up and down follow the width given here. Returns the height wanted, at least 1.
    pub fn fit(&mut self, width: u16, max_rows: u16) -> u16 {
        self.width = width;
        let total = self.rows(width);
        self.first_row = self.scrolled(self.cursor_row(), total, usize::from(max_rows.max(1)));
        u16::try_from(total).unwrap_or(u16::MAX).min(max_rows.max(1))
    }

    /// How many rows the text takes at a width, the cursor's own row included.
    pub fn rows(&self, width: u16) -> usize {
        self.wrapped(width).len()
    }

    /// What is visible at a width in at most `max_rows` rows.
    pub fn layout(&self, width: u16, max_rows: u16) -> Layout {
        let rows = self.wrapped(width);
        let (column, row) = self.cell_in(&rows, width);
        let first_row = self.scrolled(row, rows.len(), usize::from(max_rows.max(1)));
        let visible: Vec<Row> = rows.iter().skip(first_row).take(usize::from(max_rows)).copied().collect();
        let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        Layout { rows: visible, cursor: (small(column), small(row - first_row)), first_row, total_rows: rows.len() }
    }

    /// Draws the text; the placeholder, dimmed, while there is none. The cursor is the terminal's own, see
    /// [`TextEditor::cursor`].
    pub fn draw(&self, area: Rect, buf: &mut Buffer, placeholder: &str, style: Style) {
        let area = area.intersection(buf.area);
        buf.set_style(area, style);
        if area.is_empty() {
            return;
        }
        let width = usize::from(area.width);
        if self.is_empty() {
            let hint = truncate(placeholder, width);
            buf.set_stringn(area.x, area.y, hint, width, style.add_modifier(Modifier::DIM));
            return;
        }
        let layout = self.layout(area.width, area.height);
        for (y, row) in (area.y..).zip(&layout.rows) {
            buf.set_stringn(area.x, y, row.text(self.as_str()), width, style);
        }
    }

    /// Where the terminal's cursor belongs when the editor is drawn in `area`.
    pub fn cursor(&self, area: Rect) -> Position {
        let (x, y) = self.layout(area.width, area.height).cursor;
        let inside = |from: u16, at: u16, length: u16| from.saturating_add(at.min(length.saturating_sub(1)));
        Position::new(inside(area.x, x, area.width), inside(area.y, y, area.height))
    }

    /// The rows at a width, from the memo where text and width are the same.
    fn wrapped(&self, width: u16) -> Ref<'_, [Row]> {
        let revision = self.revision();
        let fresh = {
            let memo = self.memo.borrow();
            !memo.rows.is_empty() && memo.revision == revision && memo.width == width
        };
        if !fresh {
            let rows = wrap_for_cursor(self.as_str(), width);
            *self.memo.borrow_mut() = Memo { revision, width, rows };
        }
        Ref::map(self.memo.borrow(), |memo| memo.rows.as_slice())
    }

    /// The cursor's column in cells and its row in the whole text.
    pub(crate) fn cursor_cell(&self) -> (usize, usize) {
        self.cell_in(&self.wrapped(self.width), self.width)
    }

    /// The cursor's row in the whole text, as last measured.
    pub(crate) fn cursor_row(&self) -> usize {
        self.cursor_cell().1
    }

    fn cell_in(&self, rows: &[Row], width: u16) -> (usize, usize) {
        let at = self.cursor_offset();
        let row = rows.partition_point(|row| row.start <= at).saturating_sub(1);
        let start = rows.get(row).map_or(0, |row| row.start);
        let column = cells(self.as_str().get(start..at).unwrap_or_default());
        // Spaces that hang over the edge keep the cursor at it.
        (column.min(usize::from(width.max(1)) - 1), row)
    }

    /// The stop in a row that is nearest to a column without passing it; `None` when there is no such row.
    pub(crate) fn offset_at(&self, row: usize, column: usize) -> Option<usize> {
        let (row, is_last) = {
            let rows = self.wrapped(self.width);
            (*rows.get(row)?, row + 1 == rows.len())
        };
        let shown = row.text(self.as_str());
        let broken = shown.len() < row.end - row.start;
        let (mut used, mut best) = (0, row.start);
        for (at, grapheme) in crate::text::width::graphemes(shown) {
            used += crate::text::width::grapheme_cells(grapheme);
            let next = row.start + at + grapheme.len();
            // The end of a wrapped row is the beginning of the next one.
            if used > column || (next == row.end && !broken && !is_last) {
                break;
            }
            best = next;
        }
        Some(if boundary::is_stop(self.as_str(), best) { best } else { boundary::stop_from(self.as_str(), best) })
    }

    /// The first visible row: the one before, moved just as far as the cursor demands.
    fn scrolled(&self, cursor_row: usize, total: usize, max_rows: usize) -> usize {
        let lowest = cursor_row.saturating_sub(max_rows - 1);
        self.first_row.clamp(lowest, cursor_row).min(total.saturating_sub(max_rows).max(lowest))
    }
}
