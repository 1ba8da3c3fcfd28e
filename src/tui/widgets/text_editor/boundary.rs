//! Where a cursor may stand in a text: graphemes, words, lines.
//!
//! Invariant: every offset that comes out is the beginning of a grapheme or the end of the text.
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Whether a grapheme begins at this byte, or the text ends there.
pub(crate) fn is_stop(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true)
}

/// The first stop at or after a byte.
pub(crate) fn stop_from(text: &str, at: usize) -> usize {
    let at = (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    if is_stop(text, at) { at } else { next(text, at).unwrap_or(text.len()) }
}

/// The stop before a byte.
pub(crate) fn previous(text: &str, at: usize) -> Option<usize> {
    GraphemeCursor::new(at, text.len(), true).prev_boundary(text, 0).ok().flatten()
}

/// The stop after a byte.
pub(crate) fn next(text: &str, at: usize) -> Option<usize> {
    GraphemeCursor::new(at, text.len(), true).next_boundary(text, 0).ok().flatten()
}

/// The beginning of the line that holds a byte.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |line_break| line_break + 1)
}

/// The end of the line that holds a byte, before its line break.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |length| at + length)
}

/// The beginning of the word before a byte: over what separates words, then over the word.
pub(crate) fn word_back(text: &str, at: usize) -> usize {
    back_over(text, at, &[|g| !is_word(g), is_word])
}

/// As [`word_back`] with white space alone as separator, as Ctrl+W in a shell.
pub(crate) fn blank_word_back(text: &str, at: usize) -> usize {
    back_over(text, at, &[is_blank, |g| !is_blank(g)])
}

/// The end of the word after a byte.
pub(crate) fn word_forward(text: &str, at: usize) -> usize {
    let mut graphemes = text.get(at..).unwrap_or_default().graphemes(true).peekable();
    let mut end = at;
    while let Some(separator) = graphemes.next_if(|g| !is_word(g)) {
        end += separator.len();
    }
    while let Some(part) = graphemes.next_if(|g| is_word(g)) {
        end += part.len();
    }
    end
}

fn back_over(text: &str, at: usize, kinds: &[fn(&str) -> bool]) -> usize {
    let mut graphemes = text.get(..at).unwrap_or_default().graphemes(true).rev().peekable();
    let mut start = at;
    for kind in kinds {
        while let Some(part) = graphemes.next_if(|g| kind(g)) {
            start -= part.len();
        }
    }
    start
}

/// White space, line breaks included.
pub(crate) fn is_blank(grapheme: &str) -> bool {
    grapheme.chars().all(char::is_whitespace)
}

/// Belongs to a word: letters, digits, `_`, and what else is neither white space nor punctuation (emoji).
fn is_word(grapheme: &str) -> bool {
    grapheme.chars().next().is_some_and(|c| {
        let punctuation = c.is_ascii_punctuation() && c != '_'
            || matches!(c, '\u{a0}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}');
        !punctuation && !c.is_whitespace()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_white_space_and_punctuation() {
        let text = "halo, kak! 日本 👩‍👩‍👧x";
        let mut stops = vec![0];
        while stops.last() != Some(&text.len()) {
            stops.push(word_forward(text, *stops.last().unwrap()));
        }
        let words: Vec<&str> = stops.windows(2).filter_map(|w| text.get(w[0]..w[1])).collect();
        assert_eq!(words, ["halo", ", kak", "! 日本", " 👩‍👩‍👧x"]);
        assert_eq!(word_back(text, text.len()), text.find('👩').unwrap());
        assert_eq!(word_back("a.b ", 4), 2);
        assert_eq!(blank_word_back("x a.b ", 6), 2);
    }

    #[test]
    fn lines_are_found_around_a_byte() {
        let text = "a\n\nbc";
        assert_eq!((line_start(text, 1), line_end(text, 1)), (0, 1));
        assert_eq!((line_start(text, 2), line_end(text, 2)), (2, 2));
        assert_eq!((line_start(text, 4), line_end(text, 4)), (3, 5));
    }

    #[test]
    fn stops_are_whole_graphemes() {
        let text = "👩‍👩‍👧é";
        assert_eq!(stop_from(text, 1), "👩‍👩‍👧".len());
        assert_eq!(stop_from(text, 4), "👩‍👩‍👧".len());
        assert_eq!(stop_from(text, 999), text.len());
        assert!(!is_stop(text, 4) && is_stop(text, 0) && is_stop(text, text.len()));
    }
}
