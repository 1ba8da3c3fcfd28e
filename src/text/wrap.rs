//! Wraps text into rows of a given width, for measuring and drawing alike.
//!
//! Own code instead of `textwrap`: cursor movement and clicks need every byte of the text in exactly one row, widths
//! must be those that ratatui draws, and clusters wider than a row must still be shown.
//!
//! Invariant: every byte of the text belongs to exactly one row, and no grapheme that fits into a row is split.
use super::width::{grapheme_cells, graphemes};

/// One row: a range of the text's bytes. It includes the line break that ends it and trailing spaces beyond the width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The first byte of the row.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
    /// The cells that are drawn; trailing spaces beyond the width do not count.
    pub cells: usize,
}

impl Row {
    /// The text of the row without its line break. Draw it clipped to the width.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }
}

/// Wraps `text` into rows of at most `width` cells (0 counts as 1): at line breaks, otherwise after white space or
/// beside wide characters, otherwise within a word.
///
/// There is always at least one row, and one after a final line break. A row is wider than `width` only if it is a
/// single wide character in a width of one.
pub(crate) fn wrap(text: &str, width: u16) -> Vec<Row> {
    let mut rows = Wrapper::new(usize::from(width.max(1)));
    for (at, grapheme) in graphemes(text) {
        if grapheme.ends_with('\n') {
            rows.line_break(at + grapheme.len());
            continue;
        }
        let cells = grapheme_cells(grapheme);
        if cells > rows.width.max(2) {
            // A cluster wider than any row would not be drawn at all, so it is split.
            for (offset, c) in grapheme.char_indices() {
                let piece = grapheme.get(offset..offset + c.len_utf8()).unwrap_or_default();
                rows.add(at + offset, piece, grapheme_cells(piece));
            }
        } else {
            rows.add(at, grapheme, cells);
        }
    }
    rows.finish(text.len())
}

/// As [`wrap`], with an additional empty row if the last one is full, for a cursor at the end.
pub(crate) fn wrap_for_cursor(text: &str, width: u16) -> Vec<Row> {
    let mut rows = wrap(text, width);
    if rows.last().is_some_and(|row| row.cells >= usize::from(width.max(1))) {
        rows.push(Row { start: text.len(), end: text.len(), cells: 0 });
    }
    rows
}

/// A position at which the current row may end.
#[derive(Clone, Copy)]
struct Break {
    at: usize,
    /// The cells of the row up to this position, with and without trailing spaces.
    total: usize,
    solid: usize,
}

struct Wrapper {
    width: usize,
    done: Vec<Row>,
    start: usize,
    /// The cells of the current row, and those up to its last visible character.
    total: usize,
    solid: usize,
    last_break: Option<Break>,
    /// The kind of the preceding grapheme.
    previous: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    Space,
    Wide,
    Narrow,
}

impl Wrapper {
    fn new(width: usize) -> Self {
        Wrapper { width, done: Vec::new(), start: 0, total: 0, solid: 0, last_break: None, previous: Kind::Start }
    }

    fn add(&mut self, at: usize, grapheme: &str, cells: usize) {
        if cells == 0 {
            // Not drawn: it belongs to the preceding grapheme.
            return;
        }
        let kind = kind(grapheme, cells);
        let breaks = match (self.previous, kind) {
            (Kind::Start, _) | (_, Kind::Space) => false,
            (Kind::Space, _) => true,
            (Kind::Wide, _) | (_, Kind::Wide) => !is_closing_punctuation(grapheme),
            _ => false,
        };
        if breaks {
            self.last_break = Some(Break { at, total: self.total, solid: self.solid });
        }
        if kind != Kind::Space {
            while self.total + cells > self.width && self.start < at {
                self.break_before(at);
            }
        }
        self.total += cells;
        if kind != Kind::Space {
            self.solid = self.total;
        }
        self.previous = kind;
    }

    /// Ends the current row at its last break, or just before `at` if one word fills the row.
    fn break_before(&mut self, at: usize) {
        let before_word_end = Break { at, total: self.total, solid: self.solid };
        let end = self.last_break.take().filter(|b| b.at > self.start).unwrap_or(before_word_end);
        self.push(end);
        self.total -= end.total;
        self.solid = self.solid.saturating_sub(end.total);
    }

    fn push(&mut self, end: Break) {
        let cells = end.solid.max(end.total.min(self.width));
        self.done.push(Row { start: self.start, end: end.at, cells });
        self.start = end.at;
    }

    fn line_break(&mut self, after: usize) {
        self.push(Break { at: after, total: self.total, solid: self.solid });
        self.total = 0;
        self.solid = 0;
        self.last_break = None;
        self.previous = Kind::Start;
    }

    fn finish(mut self, end: usize) -> Vec<Row> {
        self.push(Break { at: end, total: self.total, solid: self.solid });
        self.done
    }
}

fn kind(grapheme: &str, cells: usize) -> Kind {
    match grapheme {
        " " => Kind::Space,
        "\u{a0}" | "\u{2007}" | "\u{202f}" => Kind::Narrow,
        _ if grapheme.chars().all(char::is_whitespace) => Kind::Space,
        _ if cells > 1 && grapheme.chars().next().is_some_and(allows_break) => Kind::Wide,
        _ => Kind::Narrow,
    }
}

/// Characters before and after which a row may end: ideographs, kana, hangul, full-width forms and emoji.
fn allows_break(c: char) -> bool {
    c >= '\u{2000}'
}

/// Punctuation that may not start a row.
fn is_closing_punctuation(grapheme: &str) -> bool {
    matches!(
        grapheme,
        "、" | "。"
            | "，"
            | "．"
            | "！"
            | "？"
            | "："
            | "；"
            | "）"
            | "」"
            | "』"
            | "】"
            | "〕"
            | "ー"
            | "々"
            | "."
            | ","
            | "!"
            | "?"
            | ":"
            | ";"
            | ")"
            | "]"
            | "}"
            | "”"
            | "’"
            | "…"
            | "%"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width::cells;
    use proptest::prelude::*;

    fn lines(text: &str, width: u16) -> Vec<&str> {
        wrap(text, width).iter().map(|row| row.text(text)).collect()
    }

    #[test]
    fn rows_end_after_white_space() {
        assert_eq!(lines("Selamat pagi kak", 10), ["Selamat ", "pagi kak"]);
        assert_eq!(lines("Selamat pagi", 7), ["Selamat ", "pagi"]);
        assert_eq!(wrap("Selamat pagi", 7)[0].cells, 7);
        assert_eq!(lines("a\n\nb\n", 10), ["a", "", "b", ""]);
        assert_eq!(lines("a\r\nb", 10), ["a", "b"]);
        assert_eq!(lines("", 10), [""]);
    }

    #[test]
    fn a_word_longer_than_a_row_starts_a_new_row() {
        assert_eq!(lines("di abcdefghijkl", 5), ["di ", "abcde", "fghij", "kl"]);
        assert_eq!(lines("ไทยภาษา", 3), ["ไทย", "ภาษ", "า"]);
    }

    #[test]
    fn wide_characters_break_anywhere_but_before_their_punctuation() {
        assert_eq!(lines("日本語です。", 6), ["日本語", "です。"]);
        assert_eq!(lines("日本語。", 6), ["日本", "語。"]);
        assert_eq!(lines("ok日本", 4), ["ok日", "本"]);
        assert_eq!(lines("👩‍👩‍👧👩‍👩‍👧", 3), ["👩‍👩‍👧", "👩‍👩‍👧"]);
    }

    #[test]
    fn a_cluster_wider_than_a_row_is_split() {
        let pile = format!("क{}", "\u{93e}".repeat(10));
        let rows = wrap(&pile, 4);
        assert!(rows.len() >= 3 && rows.iter().all(|row| row.cells <= 4), "{rows:?}");
    }

    #[test]
    fn a_full_last_row_is_followed_by_one_for_the_cursor() {
        assert_eq!(wrap_for_cursor("abcdefghij", 10).len(), 2);
        assert_eq!(wrap_for_cursor("abcdefghi", 10).len(), 1);
        assert_eq!(wrap_for_cursor("abcdefghij ", 10).len(), 2);
        assert_eq!(wrap_for_cursor("abcdefghij\n", 10).len(), 2);
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[a-z]{1,12}",
            3 => Just(" ".to_owned()),
            1 => Just("\n".to_owned()),
            2 => prop::sample::select(vec!["👩‍👩‍👧", "日本", "。", "नमस्ते", "e\u{301}", "🇮🇩", "  ", "ไทย", "\u{200b}", "ا", "ل"])
                .prop_map(str::to_owned),
            1 => "\\PC{0,4}",
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn rows_cover_the_text_and_fit(text in text(), width in 1_u16..200) {
            let rows = wrap(&text, width);
            let starts: Vec<usize> = graphemes(&text).map(|(at, _)| at).chain([text.len()]).collect();
            let mut next = 0;
            for row in &rows {
                prop_assert_eq!(row.start, next);
                next = row.end;
                let drawn: Vec<&str> =
                    graphemes(row.text(&text)).map(|(_, g)| g).filter(|g| grapheme_cells(g) > 0).collect();
                let drawn = drawn.concat();
                let alone = graphemes(drawn.trim_end()).count() == 1;
                prop_assert!(row.cells <= usize::from(width) || alone);
                prop_assert!(cells(drawn.trim_end()) <= usize::from(width) || alone);
                let is_boundary = starts.binary_search(&row.end).is_ok();
                let oversize = graphemes(&text)
                    .any(|(at, g)| at < row.end && row.end < at + g.len() && grapheme_cells(g) > usize::from(width));
                prop_assert!(is_boundary || oversize);
            }
            prop_assert_eq!(next, text.len());
        }

        #[test]
        fn no_row_has_room_for_the_next_word(words in prop::collection::vec("[a-z]{1,8}", 1..20), width in 8_u16..40) {
            let text = words.join(" ");
            let rows = wrap(&text, width);
            for pair in rows.windows(2) {
                let word = pair[1].text(&text).split(' ').next().unwrap_or_default();
                prop_assert!(pair[0].text(&text).len() + word.len() > usize::from(width));
            }
        }
    }
}
