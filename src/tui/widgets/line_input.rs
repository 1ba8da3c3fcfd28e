//! A line of text that is typed into a filter, a finder or a form.
//!
//! Invariant: the cursor never stands inside a grapheme, and no line break gets in.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::text::Clean;
use crate::text::width::{cells, graphemes};

/// No line that is typed here needs more characters; pasted text is cut.
const MAX_CHARS: usize = 4096;

/// One line of text with a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// A byte index at a grapheme's edge.
    cursor: usize,
}

impl Input {
    /// A line with text, the cursor at its end.
    pub fn with(text: &str) -> Self {
        let mut input = Input::default();
        input.insert(text);
        input
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empties the line.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Inserts at the cursor, cleaned.
    pub fn insert(&mut self, text: &str) {
        let room = MAX_CHARS.saturating_sub(self.text.chars().count());
        let clean: String = Clean::line(text).as_str().chars().take(room).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
        self.mend();
    }

    /// Applies an editing key; `false` when the key edits nothing here. The second part tells whether the text changed.
    pub fn key(&mut self, key: &KeyEvent) -> Option<bool> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if !control && !alt => {
                // Joined at the edge: a combining mark typed alone would be dropped by the cleaning of a lone text.
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
                self.mend();
                Some(true)
            }
            KeyCode::Backspace if alt => Some(self.remove_word()),
            KeyCode::Backspace => Some(self.remove_before()),
            KeyCode::Char('h') if control => Some(self.remove_before()),
            KeyCode::Delete => Some(self.remove_after()),
            KeyCode::Char('w') if control => Some(self.remove_word()),
            KeyCode::Char('u') if control => {
                let tail = self.text.split_off(self.cursor);
                let changed = !self.text.is_empty();
                self.text = tail;
                self.cursor = 0;
                Some(changed)
            }
            KeyCode::Char('k') if control => {
                let tail = self.text.split_off(self.cursor);
                Some(!tail.is_empty())
            }
            KeyCode::Left => Some(self.step_left()),
            KeyCode::Right => Some(self.step_right()),
            KeyCode::Char('b') if control => Some(self.step_left()),
            KeyCode::Home => Some(self.jump(0)),
            KeyCode::Char('a') if control => Some(self.jump(0)),
            KeyCode::End => Some(self.jump(self.text.len())),
            KeyCode::Char('e') if control => Some(self.jump(self.text.len())),
            _ => None,
        }
    }

    /// What of the line is shown in `width` cells, and the cell in which the cursor stands there.
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

    fn before(&self) -> Option<usize> {
        graphemes(self.text.get(..self.cursor)?).last().map(|(at, _)| at)
    }

    fn after(&self) -> Option<usize> {
        graphemes(self.text.get(self.cursor..)?).next().map(|(_, g)| self.cursor + g.len())
    }

    fn step_left(&mut self) -> bool {
        self.cursor = self.before().unwrap_or(0);
        false
    }

    fn step_right(&mut self) -> bool {
        self.cursor = self.after().unwrap_or(self.text.len());
        false
    }

    fn jump(&mut self, to: usize) -> bool {
        self.cursor = to;
        false
    }

    fn remove_before(&mut self) -> bool {
        let Some(start) = self.before() else { return false };
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
        self.mend();
        true
    }

    fn remove_after(&mut self) -> bool {
        let Some(end) = self.after() else { return false };
        self.text.replace_range(self.cursor..end, "");
        self.mend();
        true
    }

    fn remove_word(&mut self) -> bool {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        let kept = before
            .trim_end()
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        let changed = kept != self.cursor;
        self.text.replace_range(kept..self.cursor, "");
        self.cursor = kept;
        self.mend();
        changed
    }

    /// Moves the cursor to the next grapheme's edge, when an edit joined what stands around it.
    fn mend(&mut self) {
        let edge = graphemes(&self.text).map(|(at, g)| at + g.len()).find(|end| *end >= self.cursor);
        if self.cursor != 0 {
            self.cursor = edge.unwrap_or(self.text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(input: &mut Input, code: KeyCode, modifiers: KeyModifiers) {
        input.key(&KeyEvent::new(code, modifiers));
    }

    #[test]
    fn editing_goes_by_grapheme() {
        let mut input = Input::with("a 👩‍👩‍👧 é");
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
    fn a_long_line_shows_the_part_around_the_cursor() {
        let mut input = Input::with("abcdefghij");
        assert_eq!(input.window(20), ("abcdefghij", 10));
        assert_eq!(input.window(5), ("ghij", 4));
        press(&mut input, KeyCode::Home, KeyModifiers::NONE);
        assert_eq!(input.window(5), ("abcdefghij", 0));
    }

    #[test]
    fn hostile_text_is_cleaned_when_it_is_inserted() {
        let input = Input::with("a\u{1b}]0;x\u{7}b\nc");
        assert!(!input.text().contains(['\u{1b}', '\u{7}', '\n']));
    }
}
