//! Which key means which command, read from a key map file.
//!
//! Invariant: within a context no key means two commands; in overlays, within the commands of one overlay.

use super::registry::{Command, KeyContext};
use crate::config::Locale;
use crate::tui::user_settings::toml_error;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

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

/// A key map file that cannot be used, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeymapError(String);

/// Which key means which command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(KeyContext, Chord, Command)>,
}

static BUILT_IN: LazyLock<Keymap> = LazyLock::new(|| {
    // A key map that cannot be read would leave no keys; a test reads it.
    Keymap::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymaps/default.toml")))
        .unwrap_or(Keymap { bindings: Vec::new() })
});

impl Keymap {
    /// The key map that comes with the program.
    pub fn built_in() -> &'static Keymap {
        &BUILT_IN
    }

    /// Reads a key map file.
    pub fn parse(text: &str) -> Result<Self, KeymapError> {
        let file: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            toml::from_str(text).map_err(|e| KeymapError(toml_error(text, &e)))?;
        let mut bindings: Vec<(KeyContext, Chord, Command)> = Vec::new();
        for (name, commands) in &file {
            let context = KeyContext::ALL
                .into_iter()
                .find(|p| p.name() == name)
                .ok_or_else(|| KeymapError(format!("no such place: {name}")))?;
            for (id, keys) in commands {
                let command = Command::from_id(id)
                    .filter(|c| c.contexts().contains(&context))
                    .ok_or_else(|| KeymapError(format!("no such command in [{name}]: {id}")))?;
                for key in keys {
                    let chord = Chord::parse(key).ok_or_else(|| KeymapError(format!("no such key: {key}")))?;
                    let shared = context == KeyContext::Overlay;
                    if !shared && bindings.iter().any(|(p, c, _)| *p == context && *c == chord) {
                        return Err(KeymapError(format!("{key} means two commands in [{name}]")));
                    }
                    bindings.push((context, chord, command));
                }
            }
        }
        Ok(Keymap { bindings })
    }

    /// These bindings with another file's laid over them: a key bound there loses its meaning here.
    #[must_use]
    pub(crate) fn overlaid(&self, over: &Keymap) -> Keymap {
        let mut bindings: Vec<_> = self
            .bindings
            .iter()
            .filter(|(context, chord, _)| !over.bindings.iter().any(|(p, c, _)| p == context && c == chord))
            .copied()
            .collect();
        bindings.extend_from_slice(&over.bindings);
        Keymap { bindings }
    }

    /// What a key means in a context, the context's own meaning before the one that it has anywhere.
    pub fn command(&self, context: KeyContext, key: &KeyEvent) -> Option<Command> {
        self.commands(context, key).next().or_else(|| self.commands(KeyContext::Anywhere, key).next())
    }

    /// What a key can mean in a context itself: one command at most, several where overlays share the key.
    pub(crate) fn commands(&self, context: KeyContext, key: &KeyEvent) -> impl Iterator<Item = Command> {
        let chord = Chord::of(key);
        self.bindings.iter().filter(move |(at, own, _)| *at == context && *own == chord).map(|(_, _, command)| *command)
    }

    /// The keys of a command in a context, in the file's order.
    pub fn keys(&self, context: KeyContext, command: Command) -> Vec<Chord> {
        self.bindings.iter().filter(|(p, _, c)| *p == context && *c == command).map(|(_, chord, _)| *chord).collect()
    }

    /// The first key of a command in a context or anywhere.
    pub(crate) fn first_key(&self, context: KeyContext, command: Command) -> Option<Chord> {
        let own = self.keys(context, command).into_iter().next();
        own.or_else(|| self.keys(KeyContext::Anywhere, command).into_iter().next())
    }

    /// The key table as Markdown, for the README.
    pub fn table(&self, locale: Locale) -> String {
        let strings = locale.strings();
        let heads = &strings.places;
        let mut table = format!("| {} | {} | {} |\n|---|---|---|\n", heads.r#where, heads.keys, heads.what);
        for context in KeyContext::ALL {
            for command in Command::ALL {
                let keys: Vec<String> = self.keys(context, *command).iter().map(|key| format!("`{key}`")).collect();
                if !keys.is_empty() {
                    let cells = [context.title(strings), &keys.join(" "), strings.command_sentence(command.id())];
                    table.push_str(&["| ", &cells.join(" | "), " |\n"].concat());
                }
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn the_built_in_keys_are_read_and_shown() {
        let map =
            Keymap::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymaps/default.toml"))).unwrap();
        let quit = key(KeyCode::Char('q'), KeyModifiers::CONTROL);
        assert_eq!(map.command(KeyContext::Composer, &quit), Some(Command::Quit));
        let q = key(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(map.command(KeyContext::List, &q), Some(Command::Quit));
        assert_eq!(map.command(KeyContext::Composer, &q), None);
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            assert_eq!(map.command(KeyContext::Thread, &key(KeyCode::Char('G'), modifiers)), Some(Command::Bottom));
            assert_eq!(map.command(KeyContext::List, &key(KeyCode::BackTab, modifiers)), Some(Command::PreviousPane));
        }
        assert_eq!(map.first_key(KeyContext::Composer, Command::NewLine).unwrap().to_string(), "Alt+Enter");
    }

    #[test]
    fn a_key_map_with_an_error_names_it() {
        assert!(Keymap::parse("[list]\nfly = [\"f\"]").unwrap_err().to_string().contains("fly"));
        assert!(Keymap::parse("[list]\nopen = [\"hyper-f\"]").unwrap_err().to_string().contains("hyper-f"));
        assert!(Keymap::parse("[list]\nopen = [\"a\"]\nup = [\"a\"]").unwrap_err().to_string().contains("two"));
        assert!(Keymap::parse("[kitchen]\nopen = [\"a\"]").unwrap_err().to_string().contains("kitchen"));
    }

    #[test]
    fn an_own_key_map_lies_over_the_built_in_one() {
        let own = Keymap::parse("[list]\nopen = [\"j\"]").unwrap();
        let map = Keymap::built_in().overlaid(&own);
        let j = key(KeyCode::Char('j'), KeyModifiers::NONE);
        assert_eq!(map.command(KeyContext::List, &j), Some(Command::Open));
        assert_eq!(map.command(KeyContext::Thread, &j), Some(Command::Down));
    }

    #[test]
    fn every_command_has_a_key_where_it_means_something_and_hints_are_few() {
        let keymap = Keymap::built_in();
        for command in Command::ALL {
            for context in command.contexts() {
                assert!(!keymap.keys(*context, *command).is_empty(), "{command:?} in {context:?}");
            }
        }
        for context in KeyContext::ALL {
            assert!(super::super::registry::hints(context).len() <= 5);
        }
    }

    #[test]
    fn the_contracts_keys_are_in_the_table() {
        let table = Keymap::built_in().table(Locale::En);
        for key in ["Ctrl+Q", "Ctrl+P", "Ctrl+G", "F1", "Ctrl+N", "Ctrl+F", "Tab", "Shift+Tab", "Esc", "Alt+Enter"] {
            assert!(table.contains(&format!("`{key}`")), "{key} in\n{table}");
        }
        for key in ["j", "k", "/", "u", "q", "PgUp", "PgDn", "g", "G", "y", "o", "R", "i", "Ctrl+J", "Alt+E", "Ctrl+T"]
        {
            assert!(table.contains(&format!("`{key}`")), "{key}");
        }
    }
}
