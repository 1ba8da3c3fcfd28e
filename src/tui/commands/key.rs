//! A key with its modifiers, and keys that are pressed one after the other.
//!
//! Invariant: a key has one form, whatever the terminal reports.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key with its modifiers, in one form whatever the terminal reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// The chord of a key event. Shift counts only where it does not make another character.
    pub fn of(key: &KeyEvent) -> Self {
        let mut modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let mut code = key.code;
        match code {
            KeyCode::Char(c) => {
                // Some terminals report Shift+J as 'j' with a modifier, others as 'J'.
                if modifiers.contains(KeyModifiers::SHIFT) && !modifiers.contains(KeyModifiers::CONTROL) {
                    code = KeyCode::Char(c.to_uppercase().next().unwrap_or(c));
                } else if modifiers.contains(KeyModifiers::CONTROL) {
                    code = KeyCode::Char(c.to_ascii_lowercase());
                }
                modifiers.remove(KeyModifiers::SHIFT);
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => {
                code = KeyCode::BackTab;
                modifiers.remove(KeyModifiers::SHIFT);
            }
            KeyCode::BackTab => modifiers.remove(KeyModifiers::SHIFT),
            _ => {}
        }
        Chord { code, modifiers }
    }

    /// Whether it is a letter with Alt, which terminals send as Esc and then the letter.
    pub(crate) fn is_alt_letter(self) -> bool {
        self.modifiers.contains(KeyModifiers::ALT) && matches!(self.code, KeyCode::Char(c) if c.is_alphabetic())
    }

    /// The character that it types, if it is one without Ctrl and Alt.
    pub(crate) fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// Reads a key's name as key map files write it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::empty();
        let mut rest = text;
        while let Some((word, tail)) = rest.split_once('-') {
            let modifier = match word {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => break,
            };
            modifiers |= modifier;
            rest = tail;
        }
        let code = named(rest).or_else(|| {
            let mut chars = rest.chars();
            chars.next().filter(|_| chars.next().is_none()).map(KeyCode::Char)
        })?;
        Some(Chord { code, modifiers })
    }
}

fn named(name: &str) -> Option<KeyCode> {
    if let Some(number) = name.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    NAMES.iter().find(|(n, _, _)| *n == name).map(|(_, code, _)| *code)
}

const NAMES: &[(&str, KeyCode, &str)] = &[
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "Shift+Tab"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("pgup", KeyCode::PageUp, "PgUp"),
    ("pgdn", KeyCode::PageDown, "PgDn"),
    ("space", KeyCode::Char(' '), "Space"),
];

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "Ctrl+"), (KeyModifiers::ALT, "Alt+"), (KeyModifiers::SHIFT, "Shift+")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.modifiers.is_empty() => write!(f, "{c}"),
            KeyCode::Char(c) => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::F(n) => write!(f, "F{n}"),
            code => f.write_str(NAMES.iter().find(|(_, c, _)| *c == code).map_or("?", |(_, _, shown)| shown)),
        }
    }
}

/// Keys that are pressed one after the other to mean one thing; one key in most cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySequence(Vec<Chord>);

impl KeySequence {
    /// Reads keys as key map files write them, with spaces between.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let keys: Vec<Chord> = text.split_whitespace().map(Chord::parse).collect::<Option<_>>()?;
        (!keys.is_empty()).then_some(KeySequence(keys))
    }

    /// The keys in their order; never empty.
    pub(crate) fn chords(&self) -> &[Chord] {
        &self.0
    }

    /// The keys that remain after others, if it begins with those.
    pub(crate) fn after(&self, typed: &[Chord]) -> Option<&[Chord]> {
        self.0.strip_prefix(typed)
    }

    /// Whether one of the two begins with the other, so that the two cannot be distinguished.
    pub(crate) fn collides(&self, other: &KeySequence) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl From<&[Chord]> for KeySequence {
    fn from(chords: &[Chord]) -> Self {
        KeySequence(chords.to_vec())
    }
}

impl fmt::Display for KeySequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, chord) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            chord.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_read_and_shown() {
        for (written, shown) in
            [("ctrl-x r", "Ctrl+X r"), ("ctrl-x ctrl-e", "Ctrl+X Ctrl+E"), ("g  g", "g g"), ("Z Z", "Z Z")]
        {
            assert_eq!(KeySequence::parse(written).unwrap().to_string(), shown);
        }
        assert_eq!(KeySequence::parse(""), None);
        assert_eq!(KeySequence::parse("ctrl-x hyper-r"), None);
        let shift = KeyEvent::new(KeyCode::Char('Z'), KeyModifiers::SHIFT);
        assert_eq!(KeySequence::parse("Z").unwrap().chords(), [Chord::of(&shift)]);
    }
}
