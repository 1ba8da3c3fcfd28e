//! The width of text in terminal cells, by grapheme, exactly as ratatui counts it.
//!
//! Invariant: no width is a sum over code points; a test compares with a drawn buffer.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Replaces the part that is cut off.
const ELLIPSIS: &str = "…";

/// The graphemes of a text, each with its byte offset.
pub(crate) fn graphemes(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let first = match rest.as_bytes() {
            // Two ASCII bytes never join, except CR LF; skip the tables.
            [first, second, ..] if first.is_ascii() && second.is_ascii() && *first != b'\r' => rest.get(..1)?,
            _ => rest.graphemes(true).next()?,
        };
        let start = at;
        at += first.len();
        Some((start, first))
    })
}

/// The cells of one grapheme; 0 if it is not drawn (controls, lone marks).
///
/// Half-width katakana sound marks take a cell of their own, as terminals draw them, although Unicode classifies them
/// as marks.
pub(crate) fn grapheme_cells(grapheme: &str) -> usize {
    if let [byte] = grapheme.as_bytes() {
        return usize::from(!byte.is_ascii_control());
    }
    if grapheme.chars().any(char::is_control) {
        return 0;
    }
    grapheme.width() + grapheme.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count()
}

/// The cells of a text of one line.
pub fn cells(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|b| !b.is_ascii_control()).count();
    }
    text.graphemes(true).map(grapheme_cells).sum()
}

/// The longest prefix of a text that fits into `width` cells, cut between graphemes.
pub(crate) fn fit(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in graphemes(text) {
        used += grapheme_cells(grapheme);
        if used > width {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The text if it fits into `width` cells, otherwise a prefix and `…`. Never wider than `width`.
pub(crate) fn truncate(text: &str, width: usize) -> Cow<'_, str> {
    let fitting = fit(text, width);
    if fitting.len() == text.len() {
        return Cow::Borrowed(text);
    }
    match width.checked_sub(1) {
        None => Cow::Borrowed(""),
        Some(room) => Cow::Owned(format!("{}{ELLIPSIS}", fit(text, room))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    const CORPUS: &[&str] = &[
        "plain",
        "",
        "❤️❤",
        "👩‍👩‍👧",
        "🇮🇩🇲🇾",
        "👍🏽",
        "1️⃣#️⃣",
        "नमस्ते श्री क्ष",
        "ไทย น้ำ",
        "e\u{301}é",
        "日本語、한국어",
        "ｶﾞﾊﾟ",
        "a\u{200b}b\u{301}",
        "لا سلام",
        "ꦲꦏ꧀ꦱꦫ",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "…─│✓✓🬀",
        "ᄀᄀ각",
        "\u{301}",
        "a\tb",
    ];

    fn drawn(text: &str) -> usize {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 400, 1));
        usize::from(buffer.set_stringn(0, 0, text, 400, Style::default()).0)
    }

    #[test]
    fn widths_are_those_of_the_drawn_text() {
        for text in CORPUS {
            assert_eq!(cells(text), drawn(text), "{text:?}");
        }
    }

    #[test]
    fn cutting_keeps_graphemes_whole() {
        assert_eq!(truncate("halo", 4), "halo");
        assert_eq!(truncate("halo dunia", 5), "halo…");
        assert_eq!(truncate("a👩‍👩‍👧b", 3), "a…");
        assert_eq!(truncate("👩‍👩‍👧b", 3), "👩‍👩‍👧b");
        assert_eq!(truncate("halo", 0), "");
    }

    proptest! {
        #[test]
        fn graphemes_are_those_of_the_segmentation_tables(text in "(\\PC|[a\r\n \u{301}\u{200d}👩🇮]){0,40}") {
            prop_assert_eq!(graphemes(&text).collect::<Vec<_>>(), text.grapheme_indices(true).collect::<Vec<_>>());
        }

        #[test]
        fn any_text_is_as_wide_as_drawn(text in "\\PC{0,40}") {
            prop_assert_eq!(cells(&text), drawn(&text));
        }

        #[test]
        fn cut_text_is_never_too_wide(text in "\\PC{0,40}", width in 0_usize..30) {
            prop_assert!(cells(&truncate(&text, width)) <= width);
        }
    }
}
