//! The few ways in which text is put into an area of the screen.
//!
//! Invariant: nothing is drawn outside the area that it is given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text;

/// Draws text on the first row of an area, cut with an ellipsis. Returns how many cells it took.
pub(crate) fn put(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let shown = text::truncate(text, usize::from(area.width));
    let (x, _) = buf.set_stringn(area.x, area.y, shown, usize::from(area.width), style);
    x.saturating_sub(area.x)
}

/// Draws text at the right end of an area's first row. Returns what is left of the area.
pub(crate) fn put_right(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> Rect {
    let shown = text::truncate(text, usize::from(area.width));
    let cells = u16::try_from(text::cells(&shown)).unwrap_or(area.width).min(area.width);
    let at = Rect { x: area.x + area.width - cells, width: cells, ..area };
    put(buf, at, &shown, style);
    Rect { width: area.width - cells, ..area }
}

/// An area without so many cells at its left.
pub(crate) fn skip(area: Rect, cells: u16) -> Rect {
    let cells = cells.min(area.width);
    Rect { x: area.x + cells, width: area.width - cells, ..area }
}

/// The n-th row of an area, of no size when it has fewer.
pub(crate) fn row(area: Rect, n: u16) -> Rect {
    if n < area.height { Rect { y: area.y + n, height: 1, ..area } } else { Rect { height: 0, ..area } }
}
