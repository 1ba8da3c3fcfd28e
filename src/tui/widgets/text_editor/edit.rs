//! What a person can do to a draft, and the readline keys that mean it.
//!
//! Invariant: no key that the contract gives to something else (Enter, Ctrl+F, Ctrl+N, Ctrl+P, …) is an edit.
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A change of a text or a move of its cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Types one character; one that no text may hold is ignored.
    InsertChar(char),
    Newline,
    /// One grapheme to the left.
    Left,
    /// One grapheme to the right.
    Right,
    /// To the beginning of the word.
    WordLeft,
    /// To the end of the word.
    WordRight,
    /// One row up, as the text is wrapped on the screen.
    Up,
    /// One row down, as the text is wrapped on the screen.
    Down,
    /// To the beginning of the line.
    LineStart,
    /// To the end of the line.
    LineEnd,
    /// To the beginning of the text.
    BufferStart,
    /// To the end of the text.
    BufferEnd,
    /// Erases the grapheme before the cursor.
    Backspace,
    /// Erases the grapheme after the cursor.
    Delete,
    /// Cuts up to the end of the line; at the end, the line break.
    KillToEnd,
    /// Cuts from the beginning of the line; at the beginning, the line break before it.
    KillToStart,
    /// Cuts the word before the cursor, up to white space.
    KillWordBack,
    /// Cuts the word after the cursor.
    KillWordForward,
    /// Inserts what was cut last; cuts in a row count as one.
    Yank,
    /// Takes the last word of typing or erasing back.
    Undo,
    /// Does again what was taken back.
    Redo,
    /// Inserts pasted text: any line breaks, cleaned, never a command.
    Paste(String),
}

/// The edit that a key means in the editor; `None` when the key belongs to somebody else.
pub(crate) fn from_key(key: &KeyEvent) -> Option<Edit> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let modifiers = key.modifiers - KeyModifiers::SHIFT;
    if modifiers.is_empty() {
        return plain(key.code, key.modifiers.contains(KeyModifiers::SHIFT));
    }
    match (modifiers, key.code) {
        (KeyModifiers::CONTROL, KeyCode::Char(c)) => control(c.to_ascii_lowercase()),
        (KeyModifiers::ALT, KeyCode::Char(c)) => alt(c.to_ascii_lowercase()),
        (KeyModifiers::CONTROL, KeyCode::Home) => Some(Edit::BufferStart),
        (KeyModifiers::CONTROL, KeyCode::End) => Some(Edit::BufferEnd),
        (KeyModifiers::ALT, KeyCode::Enter) => Some(Edit::Newline),
        (KeyModifiers::CONTROL | KeyModifiers::ALT, KeyCode::Left) => Some(Edit::WordLeft),
        (KeyModifiers::CONTROL | KeyModifiers::ALT, KeyCode::Right) => Some(Edit::WordRight),
        (KeyModifiers::CONTROL | KeyModifiers::ALT, KeyCode::Backspace) => Some(Edit::KillWordBack),
        (KeyModifiers::CONTROL | KeyModifiers::ALT, KeyCode::Delete) => Some(Edit::KillWordForward),
        _ => None,
    }
}

fn plain(code: KeyCode, shift: bool) -> Option<Edit> {
    match code {
        KeyCode::Char(c) => Some(Edit::InsertChar(c)),
        // Only where the terminal tells it from Enter, which sends.
        KeyCode::Enter if shift => Some(Edit::Newline),
        KeyCode::Left => Some(Edit::Left),
        KeyCode::Right => Some(Edit::Right),
        KeyCode::Up => Some(Edit::Up),
        KeyCode::Down => Some(Edit::Down),
        KeyCode::Home => Some(Edit::LineStart),
        KeyCode::End => Some(Edit::LineEnd),
        KeyCode::Backspace => Some(Edit::Backspace),
        KeyCode::Delete => Some(Edit::Delete),
        _ => None,
    }
}

fn control(c: char) -> Option<Edit> {
    match c {
        'a' => Some(Edit::LineStart),
        'e' => Some(Edit::LineEnd),
        'b' => Some(Edit::Left),
        'd' => Some(Edit::Delete),
        'h' => Some(Edit::Backspace),
        'j' => Some(Edit::Newline),
        'k' => Some(Edit::KillToEnd),
        'u' => Some(Edit::KillToStart),
        'w' => Some(Edit::KillWordBack),
        'y' => Some(Edit::Yank),
        // Ctrl+_ as terminals report it, with Kitty's protocol as Ctrl+Shift+-, and as it is written.
        '7' | '_' | '/' | '-' => Some(Edit::Undo),
        _ => None,
    }
}

fn alt(c: char) -> Option<Edit> {
    match c {
        'b' => Some(Edit::WordLeft),
        'f' => Some(Edit::WordRight),
        'd' => Some(Edit::KillWordForward),
        '<' => Some(Edit::BufferStart),
        '>' => Some(Edit::BufferEnd),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(modifiers: KeyModifiers, code: KeyCode) -> Option<Edit> {
        from_key(&KeyEvent::new(code, modifiers))
    }

    #[test]
    fn readline_keys_edit() {
        let control = KeyModifiers::CONTROL;
        for (c, edit) in [
            ('a', Edit::LineStart),
            ('e', Edit::LineEnd),
            ('w', Edit::KillWordBack),
            ('u', Edit::KillToStart),
            ('k', Edit::KillToEnd),
            ('y', Edit::Yank),
            ('j', Edit::Newline),
        ] {
            assert_eq!(key(control, KeyCode::Char(c)), Some(edit));
        }
        for (c, edit) in [('b', Edit::WordLeft), ('f', Edit::WordRight), ('d', Edit::KillWordForward)] {
            assert_eq!(key(KeyModifiers::ALT, KeyCode::Char(c)), Some(edit));
        }
        assert_eq!(key(control, KeyCode::Char('_')), Some(Edit::Undo));
        assert_eq!(key(KeyModifiers::ALT, KeyCode::Enter), Some(Edit::Newline));
        assert_eq!(key(KeyModifiers::SHIFT, KeyCode::Char('É')), Some(Edit::InsertChar('É')));
    }

    #[test]
    fn other_keys_are_left_to_others() {
        for c in ['f', 'g', 'n', 'o', 'p', 'q', 't', 'z'] {
            assert_eq!(key(KeyModifiers::CONTROL, KeyCode::Char(c)), None, "Ctrl+{c}");
        }
        // Terminals send Esc and the letter for them.
        for c in ['e', 'm', 'r', 'u', 'z'] {
            assert_eq!(key(KeyModifiers::ALT, KeyCode::Char(c)), None, "Alt+{c}");
        }
        for code in [KeyCode::Enter, KeyCode::Tab, KeyCode::Esc, KeyCode::F(1), KeyCode::PageUp] {
            assert_eq!(key(KeyModifiers::NONE, code), None);
        }
        let release = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(from_key(&release), None);
    }
}
