//! Searched words in a text, and the part of a text around them.
//!
//! Invariant: an excerpt is never wider than asked for, and is cut between words where the words leave the choice.

use std::ops::Range;

use super::fold::fold;
use super::width::{cells, fit, truncate};

/// Replaces what is cut off.
const ELLIPSIS: &str = "…";
/// In less cells there is no room for two ellipses and a letter of two cells.
const NARROWEST: usize = 4;
/// The most matches that are compared to find the best place of a text.
const COMPARED: usize = 64;

/// The words that a person searches for.
#[derive(Debug, Clone, Default)]
pub(crate) struct SearchedWords(Vec<Searched>);

/// A word that is searched for; with a hyphen or other sign inside a row of words.
#[derive(Debug, Clone)]
struct Searched {
    /// Its words, folded for comparing.
    row: Vec<String>,
    /// The last one may also be the beginning of a longer word.
    prefix: bool,
}

/// A place in a text that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// The bytes of the text.
    pub at: Range<usize>,
    /// Which of the searched words it is.
    word: usize,
}

/// A part of a text, with the matches in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The part, with `…` where something is cut off.
    pub text: String,
    /// The bytes of `text` that match, in order and apart.
    pub matches: Vec<Range<usize>>,
}

/// The words of a text, folded, with their bytes.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    let mut inside = false;
    for (at, c) in text.char_indices() {
        let folded = fold(c);
        let end = at + c.len_utf8();
        match (folded, found.last_mut()) {
            (None, Some((bytes, _))) if inside => bytes.end = end,
            (Some(letter), Some((bytes, word))) if inside && c.is_alphanumeric() => {
                bytes.end = end;
                word.push(letter);
            }
            (Some(letter), _) if c.is_alphanumeric() => {
                found.push((at..end, letter.to_string()));
                inside = true;
            }
            _ => inside = false,
        }
    }
    found
}

impl SearchedWords {
    /// Takes what was typed, words between white space of which the last may be unfinished, and other spellings of it.
    pub(crate) fn new(typed: &str, spellings: &[String]) -> Self {
        let row = |text| words(text).into_iter().map(|(_, word)| word).collect::<Vec<_>>();
        let rows = typed.split_whitespace().map(row).filter(|row| !row.is_empty());
        let mut all: Vec<_> = rows.map(|row| Searched { row, prefix: false }).collect();
        if let Some(last) = all.last_mut() {
            last.prefix = true;
        }
        all.extend(spellings.iter().map(|text| Searched { row: row(text), prefix: true }));
        all.retain(|searched| !searched.row.is_empty());
        SearchedWords(all)
    }

    /// Where the words stand in a text, in order and apart.
    pub(crate) fn find(&self, text: &str) -> Vec<Match> {
        let words = words(text);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(rest) = words.get(from..).filter(|rest| !rest.is_empty()) {
            let fitting = self.0.iter().enumerate().filter(|(_, searched)| searched.begins(rest));
            let longest = fitting.map(|(word, searched)| (word, searched.row.len())).max_by_key(|(_, len)| *len);
            from += longest.map_or(1, |(_, len)| len);
            if let (Some((word, len)), Some((first, _))) = (longest, rest.first()) {
                let end = rest.get(len - 1).map_or(first.end, |(last, _)| last.end);
                found.push(Match { at: first.start..end, word });
            }
        }
        found
    }
}

impl Searched {
    /// Whether the words of a text begin with it.
    fn begins(&self, words: &[(Range<usize>, String)]) -> bool {
        words.len() >= self.row.len()
            && self.row.iter().zip(words).enumerate().all(|(n, (wanted, (_, word)))| {
                let prefix = self.prefix && n + 1 == self.row.len();
                word == wanted || prefix && word.starts_with(wanted.as_str())
            })
    }
}

/// The part of a line around its matches that fits into `width` cells: the whole line if it fits, its beginning if
/// that has them or if nothing matches, otherwise the place where the most of the words stand together.
pub(crate) fn excerpt(line: &str, matches: &[Match], width: usize) -> Excerpt {
    let fitting = fit(line, width).len();
    if fitting == line.len() {
        return cut(line, matches, 0..line.len());
    }
    if width < NARROWEST {
        return Excerpt { text: truncate(line, width).into_owned(), matches: Vec::new() };
    }
    let room = width - 1;
    let focus = best_place(line, matches, room);
    let start = if focus.end <= fit(line, room).len() { 0 } else { start_before(line, &focus, room) };
    let rest = line.get(start..).unwrap_or_default();
    let room = if start > 0 { room } else { width };
    let shown = fit(rest, room);
    if shown.len() == rest.len() {
        return cut(line, matches, start..line.len());
    }
    let shown = fit(rest, room.saturating_sub(1)).len();
    let end = start + end_of_word(rest, shown, focus.end.saturating_sub(start));
    cut(line, matches, start..end)
}

/// From the first to the last match of the place with the most different words; nothing at the beginning without one.
fn best_place(line: &str, matches: &[Match], room: usize) -> Range<usize> {
    let together = |first: &Match| {
        let reach = fit(line.get(first.at.start..).unwrap_or_default(), room * 3 / 4).len() + first.at.start;
        let near = matches.iter().filter(|m| m.at.start >= first.at.start && m.at.end <= reach);
        let mut seen: Vec<usize> = near.clone().take(COMPARED).map(|m| m.word).collect();
        seen.sort_unstable();
        seen.dedup();
        let end = near.take(COMPARED).last().map_or(first.at.end, |m| m.at.end);
        (seen.len(), first.at.start..end)
    };
    let mut best = (0, 0..0);
    for first in matches.iter().take(COMPARED) {
        let place = together(first);
        if best.1.is_empty() || place.0 > best.0 {
            best = place;
        }
    }
    best.1
}

/// Where an excerpt begins so that some words before the place can be read: a quarter of the room, more when the line
/// ends soon after it.
fn start_before(line: &str, place: &Range<usize>, room: usize) -> usize {
    let rest = line.get(place.start..).unwrap_or_default();
    let tail = fit(rest, room);
    let left = if tail.len() == rest.len() { room - cells(tail).min(room) } else { 0 };
    let before = left.max((room / 4).min(room.saturating_sub(cells(line.get(place.clone()).unwrap_or_default()))));
    let mut start = place.start;
    while let Some(head) = line.get(..start).filter(|head| !head.is_empty()) {
        let word = head.trim_end().rfind(char::is_whitespace);
        let word =
            word.map_or(0, |at| at + head.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        if cells(line.get(word..place.start).unwrap_or_default()) > before {
            break;
        }
        start = word;
    }
    start
}

/// The last end of a word at or before `end`, but not before `least`; `end` itself when there is none.
fn end_of_word(text: &str, end: usize, least: usize) -> usize {
    let (head, tail) = text.split_at_checked(end).unwrap_or((text, ""));
    if tail.starts_with(char::is_whitespace) {
        return head.trim_end().len();
    }
    let word = head.rfind(char::is_whitespace).and_then(|at| head.get(..at)).map_or(0, |head| head.trim_end().len());
    if word >= least.max(1) { word } else { end }
}

/// A part of a line, with an ellipsis at every end that is not the line's.
fn cut(line: &str, matches: &[Match], part: Range<usize>) -> Excerpt {
    let lead = if part.start > 0 { ELLIPSIS } else { "" };
    let trail = if part.end < line.len() { ELLIPSIS } else { "" };
    let text = format!("{lead}{}{trail}", line.get(part.clone()).unwrap_or_default());
    let inside = matches.iter().map(|m| m.at.start.max(part.start)..m.at.end.min(part.end));
    let moved = inside.filter(|at| at.start < at.end).map(|at| {
        let from = at.start - part.start + lead.len();
        from..from + at.len()
    });
    Excerpt { text, matches: moved.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(line: &str, query: &str, width: usize) -> String {
        let found = SearchedWords::new(query, &[]).find(line);
        let excerpt = excerpt(line, &found, width);
        assert!(cells(&excerpt.text) <= width, "{excerpt:?}");
        let mut text = excerpt.text.clone();
        for at in excerpt.matches.iter().rev() {
            text.insert(at.end, ']');
            text.insert(at.start, '[');
        }
        text
    }

    const LONG: &str =
        "Selamat siang kak, saya mau tanya lagi apakah gamis warna sage masih ada ukuran L untuk lebaran";

    #[test]
    fn a_long_text_is_shown_around_its_matches() {
        assert_eq!(shown(LONG, "gamis sage", 40), "…apakah [gamis] warna [sage] masih ada…");
        assert_eq!(shown(LONG, "lebaran", 30), "…ada ukuran L untuk [lebaran]");
        assert_eq!(shown(LONG, "siang", 30), "Selamat [siang] kak, saya mau…");
        assert_eq!(shown(LONG, "sarung", 20), "Selamat siang kak,…");
        assert_eq!(shown("gamis sage", "sage", 40), "gamis [sage]");
    }

    #[test]
    fn case_and_accents_are_ignored_and_the_beginning_of_a_word_matches() {
        assert_eq!(shown("Kafé CAFE cafe\u{301}teria", "café", 60), "Kafé [CAFE] [cafe\u{301}teria]");
        assert_eq!(shown("gamis ga sager", "ga sage", 60), "gamis [ga] [sager]");
        assert_eq!(shown("Ệ ẞ", "e", 60), "[Ệ] ẞ");
        assert_eq!(shown("to-ko toko ko-to to ko", "to-ko", 60), "[to-ko] toko ko-to [to ko]");
    }

    #[test]
    fn the_place_with_the_most_words_is_shown() {
        let line = format!("sage {} sage gamis {}", "kata ".repeat(20), "lain ".repeat(20));
        assert!(shown(&line, "gamis sage", 30).contains("[sage] [gamis]"));
    }

    #[test]
    fn a_word_wider_than_the_excerpt_is_cut() {
        let line = format!("{}/gamis/{}", "x".repeat(90), "y".repeat(90));
        assert_eq!(shown(&line, "gamis", 12), "…[gamis]/yyyy…");
        assert_eq!(shown(&line, "gamis", 4), "…[ga]…");
        assert_eq!(shown(&line, "gamis", 3), "xx…");
        assert_eq!(shown(&line, "gamis", 0), "");
    }

    proptest! {
        #[test]
        fn no_excerpt_is_too_wide_and_its_first_word_is_in_it(
            line in "(\\PC{0,12}|gamis| |日本|👩‍👩‍👧){0,20}",
            width in 0_usize..60,
        ) {
            let found = SearchedWords::new("gamis", &[]).find(&line);
            let excerpt = excerpt(&line, &found, width);
            prop_assert!(cells(&excerpt.text) <= width);
            prop_assert!(excerpt.matches.iter().all(|at| excerpt.text.get(at.clone()).is_some()));
            prop_assert!(found.is_empty() || width < 20 || !excerpt.matches.is_empty());
        }
    }
}
