//! Rows of text with their widths.
//!
//! Invariant: no row is wider than the given width.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::text;

/// A row of a message before it is placed on the left or the right side.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContentRow {
    pub(crate) spans: Vec<Span<'static>>,
    pub(crate) cells: usize,
    /// The first span that is aligned to the right edge of an own message.
    pub(crate) right_from: Option<usize>,
    /// It is a row of the place for the preview.
    pub(crate) is_preview: bool,
}

impl ContentRow {
    /// A row of one text in one style; the caller sees to its width.
    pub(crate) fn of(text: &str, style: Style) -> Self {
        ContentRow {
            cells: text::cells(text),
            spans: vec![Span::styled(text.to_owned(), style)],
            ..ContentRow::default()
        }
    }

    /// Adds a text at the end of the row.
    pub(crate) fn push(&mut self, text: &str, style: Style) {
        self.cells += text::cells(text);
        self.spans.push(Span::styled(text.to_owned(), style));
    }
}

/// Wraps clean text into at most `most` rows; what does not fit is left out, which the last row shows.
pub(crate) fn wrap_at_most(rows: &mut Vec<ContentRow>, clean: &str, width: u16, style: Style, most: usize) {
    let lines = text::wrap(clean, width);
    for (index, line) in lines.iter().enumerate().take(most) {
        let shown = if index + 1 == most && lines.len() > most {
            let rest = clean.get(line.start..).unwrap_or_default();
            text::truncate(rest, usize::from(width)).into_owned()
        } else {
            text::width::fit(line.text(clean).trim_end(), usize::from(width)).to_owned()
        };
        rows.push(ContentRow::of(&shown, style));
    }
}

/// Wraps clean text into rows of one style, none wider than `width`.
pub(crate) fn wrap_into(rows: &mut Vec<ContentRow>, clean: &str, width: u16, style: Style) {
    for line in text::wrap(clean, width) {
        let shown = line.text(clean).trim_end();
        rows.push(ContentRow::of(text::width::fit(shown, usize::from(width)), style));
    }
}
