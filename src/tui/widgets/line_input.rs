//! A line of text that is typed into a filter, a picker or a form. It has the text editor's keys and boundaries.
//!
//! Invariant: the cursor never stands inside a grapheme, and no line break gets in.

use super::draw_text::{put, skip};
use super::text_editor::boundary;
use super::text_editor::edit::{Edit, from_key};
use crate::text::width::{cells, graphemes};
use crate::text::{Clean, clean};
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Pasted text is cut to this many characters, more than any line here needs.
const MAX_CHARS: usize = 4096;

/// A line of typed text and its cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineInput {
    text: String,
    /// In bytes, always between graphemes.
    cursor: usize,
}

impl LineInput {
    /// A line with the cursor at its end.
    pub fn with(text: &str) -> Self {
        let mut input = LineInput::default();
        input.insert(text);
        input
    }

    /// The line as typed, with space around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is typed, not even a space.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Removes all text, and with it moves the cursor to the beginning.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Inserts at the cursor, cleaned.
    pub fn insert(&mut self, text: &str) {
        let room = MAX_CHARS.saturating_sub(self.text.chars().count());
        let inserted: String = Clean::line(text).as_str().chars().take(room).collect();
        self.replace(self.cursor, self.cursor, &inserted);
    }

    /// Applies an editing key; `None` when the key edits nothing here, else whether the text changed.
    pub fn key(&mut self, key: &KeyEvent) -> Option<bool> {
        let (text, at) = (self.text.as_str(), self.cursor);
        let erased_to = match from_key(key)? {
            // A combining mark joins the letter before it, so typed characters are not cleaned one by one.
            Edit::InsertChar(c) if clean::is_typed(c) => {
                self.replace(at, at, c.encode_utf8(&mut [0; 4]));
                return Some(true);
            }
            Edit::Left => return Some(self.move_to(boundary::previous(text, at).unwrap_or(0))),
            Edit::Right => return Some(self.move_to(boundary::next(text, at).unwrap_or(text.len()))),
            Edit::WordLeft => return Some(self.move_to(boundary::word_back(text, at))),
            Edit::WordRight => return Some(self.move_to(boundary::word_forward(text, at))),
            Edit::LineStart | Edit::BufferStart => return Some(self.move_to(0)),
            Edit::LineEnd | Edit::BufferEnd => return Some(self.move_to(text.len())),
            Edit::Backspace => boundary::previous(text, at).unwrap_or(at),
            Edit::Delete => boundary::next(text, at).unwrap_or(at),
            Edit::KillToStart => 0,
            Edit::KillToEnd => text.len(),
            Edit::KillWordBack => boundary::blank_word_back(text, at),
            Edit::KillWordForward => boundary::word_forward(text, at),
            _ => return None,
        };
        self.replace(at.min(erased_to), at.max(erased_to), "");
        Some(erased_to != at)
    }

    /// The part of the line that `width` cells show, and the cell of the cursor in it.
    pub fn window(&self, width: usize) -> (&str, usize) {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        let mut start = 0;
        let mut left = cells(before);
        for (at, grapheme) in graphemes(before) {
            if left < width {
                break;
            }
            left -= cells(grapheme);
            start = at + grapheme.len();
        }
        (self.text.get(start..).unwrap_or_default(), left)
    }

    /// Draws the line after a prompt sign, or a dim hint while it is empty; returns where its cursor is.
    pub(crate) fn draw(&self, theme: &Theme, buf: &mut Buffer, area: Rect, hint: &str) -> Position {
        let used = put(buf, area, theme.glyphs.prompt, theme.style(Meaning::AccentStrong));
        let field = skip(area, used + 1);
        let (shown, at) = self.window(usize::from(field.width));
        if self.is_empty() {
            put(buf, field, hint, theme.style(Meaning::Dim));
        } else {
            buf.set_stringn(field.x, field.y, shown, usize::from(field.width), theme.style(Meaning::Text));
        }
        Position::new(field.x + u16::try_from(at).unwrap_or(0).min(field.width.saturating_sub(1)), field.y)
    }

    /// Moves the cursor; never a change of the text.
    fn move_to(&mut self, at: usize) -> bool {
        self.cursor = at;
        false
    }

    /// Replaces a range; the cursor goes behind the new text, to the edge of the grapheme that it joined.
    fn replace(&mut self, start: usize, end: usize, new: &str) {
        self.text.replace_range(start..end, new);
        self.cursor = boundary::stop_from(&self.text, start + new.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn press(input: &mut LineInput, code: KeyCode, modifiers: KeyModifiers) {
        input.key(&KeyEvent::new(code, modifiers));
    }

    #[test]
    fn editing_goes_by_grapheme() {
        let mut input = LineInput::with("a 👩‍👩‍👧 é");
        press(&mut input, KeyCode::Left, KeyModifiers::NONE);
        press(&mut input, KeyCode::Left, KeyModifiers::NONE);
        press(&mut input, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(input.text(), "a  é");
        press(&mut input, KeyCode::End, KeyModifiers::NONE);
        press(&mut input, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(input.text(), "a  ");
        press(&mut input, KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert!(input.is_empty());
    }

    #[test]
    fn the_text_editors_words_are_known_and_its_line_breaks_are_not() {
        let mut input = LineInput::with("halo kak");
        press(&mut input, KeyCode::Char('b'), KeyModifiers::ALT);
        press(&mut input, KeyCode::Char('d'), KeyModifiers::ALT);
        assert_eq!(input.text(), "halo ");
        let line_break = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL);
        assert_eq!(input.key(&line_break), None);
        assert_eq!(input.key(&KeyEvent::new(KeyCode::Up, KeyModifiers::NONE)), None);
    }

    #[test]
    fn a_long_line_shows_the_part_around_the_cursor() {
        let mut input = LineInput::with("abcdefghij");
        assert_eq!(input.window(20), ("abcdefghij", 10));
        assert_eq!(input.window(5), ("ghij", 4));
        press(&mut input, KeyCode::Home, KeyModifiers::NONE);
        assert_eq!(input.window(5), ("abcdefghij", 0));
    }

    #[test]
    fn hostile_text_is_cleaned_when_it_is_inserted() {
        let input = LineInput::with("a\u{1b}]0;x\u{7}b\nc");
        assert!(!input.text().contains(['\u{1b}', '\u{7}', '\n']));
    }
}
