//! The few ways in which text is put into an area of the screen.
//!
//! Invariant: nothing is drawn outside the area that it is given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text;
use crate::text::excerpt::{Excerpt, Match, excerpt};
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;

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

/// Draws the part of a line around its matches on the first row of an area, and the matches in the style for them.
pub(crate) fn put_excerpt(buf: &mut Buffer, area: Rect, line: &str, matches: &[Match], theme: &Theme) {
    let Excerpt { text, matches } = excerpt(line, matches, usize::from(area.width));
    let (mut from, mut area) = (0, area);
    for at in matches {
        let before = put(buf, area, text.get(from..at.start).unwrap_or_default(), theme.style(Meaning::Text));
        area = skip(area, before);
        let marked = put(buf, area, text.get(at.clone()).unwrap_or_default(), theme.style(Meaning::Match));
        area = skip(area, marked);
        from = at.end;
    }
    put(buf, area, text.get(from..).unwrap_or_default(), theme.style(Meaning::Text));
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

/// Draws wrapped paragraphs one under the other, as far as there is room; returns how many rows they take.
pub(crate) fn paragraphs(buf: &mut Buffer, area: Rect, texts: &[(&str, Style)]) -> u16 {
    let mut y = 0;
    for (text, style) in texts {
        for line in text::wrap(text, area.width.max(1)) {
            put(buf, row(area, y), line.text(text).trim_end(), *style);
            y += 1;
        }
    }
    y
}

/// How many rows [`paragraphs`] take at a width.
pub(crate) fn paragraph_rows(texts: &[(&str, Style)], width: u16) -> u16 {
    let rows: usize = texts.iter().map(|(text, _)| text::wrap(text, width.max(1)).len()).sum();
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// A text as wrapped lines.
pub(crate) fn wrapped(text: &str, width: u16) -> Vec<String> {
    text::wrap(text, width.max(1)).iter().map(|line| line.text(text).trim_end().to_owned()).collect()
}

/// Draws a short list, the chosen line with a bar before it and always visible.
pub(crate) fn choices<'a>(
    theme: &Theme,
    buf: &mut Buffer,
    area: Rect,
    texts: impl Iterator<Item = &'a str>,
    chosen: usize,
) {
    let first = (chosen + 1).saturating_sub(usize::from(area.height).max(1));
    for (n, text) in texts.enumerate().skip(first).take(usize::from(area.height)) {
        let at = row(area, u16::try_from(n - first).unwrap_or(u16::MAX));
        let style = theme.style(if n == chosen { Meaning::Selected } else { Meaning::Text });
        if n == chosen {
            put(buf, at, theme.glyphs.bar_chosen, style);
        }
        put(buf, skip(at, 2), text, style);
    }
}
