//! Which keys mean which command: the built-in key map, with a person's own laid over it.
//!
//! Invariant: within a context no key means two commands; in overlays, within the commands of one overlay.

use super::key::{Chord, KeySequence};
use super::keymap_file::{Entry, KeymapError, KeymapFile, share_keys};
use super::registry::{Command, KeyContext};
use crate::config::{KeySet, Locale};
use std::sync::LazyLock;

/// Which keys mean which command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(KeyContext, KeySequence, Command)>,
}

/// What keys mean that were pressed one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyMeaning {
    Command(Command),
    /// More keys have to follow.
    Prefix,
    Nothing,
}

static BUILT_IN: LazyLock<Keymap> = LazyLock::new(|| {
    // A key map that cannot be read would leave no keys; a test reads it.
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymaps/default.toml"));
    KeymapFile::parse(text).map_or(Keymap { bindings: Vec::new() }, |file| Keymap::of(&file))
});

/// A built-in set, whose file a test reads, laid over the usual one.
fn built_in_set(text: &str) -> Keymap {
    KeymapFile::parse(text).map_or_else(|_| Keymap::built_in().clone(), |file| Keymap::built_in().overlaid(&file))
}

const VIM: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymaps/vim.toml"));
const EMACS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymaps/emacs.toml"));

impl Keymap {
    /// A set of keys that comes with the program.
    pub fn of_set(set: KeySet) -> Keymap {
        match set {
            KeySet::Default => Keymap::built_in().clone(),
            KeySet::Vim => built_in_set(VIM),
            KeySet::Emacs => built_in_set(EMACS),
        }
    }

    /// The key map that comes with the program.
    pub fn built_in() -> &'static Keymap {
        &BUILT_IN
    }

    /// A built-in set with a key map file laid over it.
    pub fn with_own(set: KeySet, text: &str) -> Result<Keymap, KeymapError> {
        Ok(Keymap::of_set(set).overlaid(&KeymapFile::parse(text)?))
    }

    fn of(file: &KeymapFile) -> Keymap {
        Keymap { bindings: Vec::new() }.overlaid(file)
    }

    /// These bindings with a file's laid over them: an entry replaces that command's keys in that place, and takes its
    /// keys from the commands that had them there.
    #[must_use]
    pub(crate) fn overlaid(&self, file: &KeymapFile) -> Keymap {
        let replaces = |entry: &Entry, context: KeyContext, command: Command, key: &KeySequence| {
            (entry.context == context && entry.command == command) || entry.conflicts(context, command, key)
        };
        let is_kept = |(context, key, command): &&(KeyContext, KeySequence, Command)| {
            !file.entries.iter().any(|entry| replaces(entry, *context, *command, key))
        };
        let mut bindings: Vec<_> = self.bindings.iter().filter(is_kept).cloned().collect();
        for entry in &file.entries {
            bindings.extend(entry.keys.iter().map(|key| (entry.context, key.clone(), entry.command)));
        }
        Keymap { bindings }
    }

    /// What keys mean in a context, the context's own meaning before the one that they have anywhere.
    pub(crate) fn meaning(&self, context: KeyContext, typed: &[Chord]) -> KeyMeaning {
        match self.own_meaning(context, typed) {
            KeyMeaning::Nothing => self.own_meaning(KeyContext::Anywhere, typed),
            meaning => meaning,
        }
    }

    fn own_meaning(&self, context: KeyContext, typed: &[Chord]) -> KeyMeaning {
        let mut rests = self.followers_in(context, typed);
        match rests.next() {
            None => KeyMeaning::Nothing,
            Some(([], command)) => KeyMeaning::Command(command),
            Some(_) => KeyMeaning::Prefix,
        }
    }

    /// The command of one key in a context or anywhere.
    pub(crate) fn command(&self, context: KeyContext, chord: Chord) -> Option<Command> {
        match self.meaning(context, &[chord]) {
            KeyMeaning::Command(command) => Some(command),
            KeyMeaning::Prefix | KeyMeaning::Nothing => None,
        }
    }

    /// What keys can mean in a context itself: one command at most, several where overlays share them.
    pub(crate) fn commands(&self, context: KeyContext, typed: &[Chord]) -> impl Iterator<Item = Command> {
        self.followers_in(context, typed).filter(|(rest, _)| rest.is_empty()).map(|(_, command)| command)
    }

    /// The keys that can follow others in a context or anywhere, each with its command.
    pub(crate) fn followers(&self, context: KeyContext, typed: &[Chord]) -> Vec<(KeySequence, Command)> {
        let own = self.followers_in(context, typed);
        let anywhere = self.followers_in(KeyContext::Anywhere, typed).filter(|_| context != KeyContext::Anywhere);
        let mut found: Vec<(KeySequence, Command)> = Vec::new();
        for (rest, command) in own.chain(anywhere).filter(|(rest, _)| !rest.is_empty()) {
            let rest = KeySequence::from(rest);
            // What the context itself means by the keys hides what they mean anywhere.
            if !found.iter().any(|(other, with)| other.collides(&rest) && !share_keys(context, *with, command)) {
                found.push((rest, command));
            }
        }
        found
    }

    /// The commands of keys that begin with others and go on, in a context itself.
    pub(crate) fn own_followers(&self, context: KeyContext, typed: &[Chord]) -> impl Iterator<Item = Command> {
        self.followers_in(context, typed).filter(|(rest, _)| !rest.is_empty()).map(|(_, command)| command)
    }

    fn followers_in<'k>(
        &'k self,
        context: KeyContext,
        typed: &[Chord],
    ) -> impl Iterator<Item = (&'k [Chord], Command)> {
        let own = self.bindings.iter().filter(move |(at, _, _)| *at == context);
        own.filter_map(move |(_, key, command)| Some((key.after(typed)?, *command)))
    }

    /// The key after which most commands follow in a context, which is where actions are.
    pub(crate) fn action_prefix(&self, context: KeyContext) -> Option<Chord> {
        let sequences = self.bindings.iter().filter(|(at, _, _)| *at == context || *at == KeyContext::Anywhere);
        let firsts: Vec<Chord> = sequences
            .filter_map(|(_, key, _)| key.chords().split_first())
            .filter(|(_, rest)| !rest.is_empty())
            .map(|(first, _)| *first)
            .collect();
        let count = |chord: &Chord| firsts.iter().filter(|other| *other == chord).count();
        // Of equal ones, the first.
        firsts.iter().rev().max_by_key(|chord| count(chord)).copied()
    }

    /// The keys of a command in a context, in the file's order.
    pub fn keys(&self, context: KeyContext, command: Command) -> Vec<KeySequence> {
        let bound = self.bindings.iter().filter(|(at, _, of)| *at == context && *of == command);
        let keys: Vec<KeySequence> = bound.map(|(_, key, _)| key.clone()).collect();
        if keys.is_empty() && command == Command::Actions && context == KeyContext::Anywhere {
            // Its popup opens by itself after the key that actions begin with.
            return self.action_prefix(context).map(|prefix| KeySequence::from(&[prefix][..])).into_iter().collect();
        }
        keys
    }

    /// The first key of a command in a context or anywhere.
    pub(crate) fn first_key(&self, context: KeyContext, command: Command) -> Option<KeySequence> {
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
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Chord {
        Chord::of(&KeyEvent::new(code, modifiers))
    }

    fn keys(text: &str) -> Vec<Chord> {
        KeySequence::parse(text).unwrap().chords().to_vec()
    }

    #[test]
    fn the_built_in_keys_are_read_and_shown() {
        let file = KeymapFile::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymaps/default.toml")));
        let map = Keymap::of(&file.unwrap());
        let quit = key(KeyCode::Char('q'), KeyModifiers::CONTROL);
        assert_eq!(map.command(KeyContext::Composer, quit), Some(Command::Quit));
        let q = key(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(map.command(KeyContext::List, q), Some(Command::Quit));
        assert_eq!(map.command(KeyContext::Composer, q), None);
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            assert_eq!(map.command(KeyContext::Thread, key(KeyCode::Char('G'), modifiers)), Some(Command::Bottom));
            assert_eq!(map.command(KeyContext::List, key(KeyCode::BackTab, modifiers)), Some(Command::PreviousPane));
        }
        assert_eq!(map.first_key(KeyContext::Composer, Command::NewLine).unwrap().to_string(), "Alt+Enter");
        assert_eq!(map.first_key(KeyContext::List, Command::Actions).unwrap().to_string(), "Ctrl+X");
    }

    #[test]
    fn keys_one_after_the_other_mean_one_command() {
        let map = Keymap::built_in();
        for context in [KeyContext::List, KeyContext::Thread, KeyContext::Composer] {
            assert_eq!(map.meaning(context, &keys("ctrl-x")), KeyMeaning::Prefix);
            assert_eq!(map.meaning(context, &keys("ctrl-x r")), KeyMeaning::Command(Command::Resolve));
            assert_eq!(map.meaning(context, &keys("ctrl-x ctrl-e")), KeyMeaning::Command(Command::Editor));
            assert_eq!(map.meaning(context, &keys("ctrl-x %")), KeyMeaning::Nothing);
        }
        let own = Keymap::with_own(KeySet::Default, "[list]\ntop = [\"g g\"]\nopen = [\"g o\"]").unwrap();
        assert_eq!(own.meaning(KeyContext::List, &keys("g")), KeyMeaning::Prefix);
        assert_eq!(own.meaning(KeyContext::List, &keys("g g")), KeyMeaning::Command(Command::Top));
        assert_eq!(own.meaning(KeyContext::Thread, &keys("g")), KeyMeaning::Command(Command::Top));
        assert_eq!(own.followers(KeyContext::List, &keys("g")).len(), 2);
    }

    #[test]
    fn an_entry_replaces_its_commands_keys_in_that_place_only() {
        let map = Keymap::with_own(KeySet::Default, "[list]\nresolve = [\"d\"]\n[anywhere]\neditor = false").unwrap();
        assert_eq!(map.command(KeyContext::List, keys("d")[0]), Some(Command::Resolve));
        assert_eq!(map.command(KeyContext::List, keys("e")[0]), None);
        assert_eq!(map.command(KeyContext::Thread, keys("e")[0]), Some(Command::Resolve));
        assert_eq!(map.meaning(KeyContext::List, &keys("ctrl-x r")), KeyMeaning::Command(Command::Resolve));
        assert_eq!(map.meaning(KeyContext::List, &keys("ctrl-x e")), KeyMeaning::Nothing);
    }

    #[test]
    fn an_own_key_map_takes_keys_from_the_built_in_one() {
        let map =
            Keymap::with_own(KeySet::Default, "[list]\nopen = [\"j\"]\n[composer]\nresolve = [\"ctrl-x\"]").unwrap();
        assert_eq!(map.command(KeyContext::List, keys("j")[0]), Some(Command::Open));
        assert_eq!(map.command(KeyContext::List, keys("down")[0]), Some(Command::Down));
        assert_eq!(map.command(KeyContext::Thread, keys("j")[0]), Some(Command::Down));
        // A context's own key hides what begins with it anywhere.
        assert_eq!(map.meaning(KeyContext::Composer, &keys("ctrl-x")), KeyMeaning::Command(Command::Resolve));
        assert_eq!(map.meaning(KeyContext::List, &keys("ctrl-x")), KeyMeaning::Prefix);
    }

    #[test]
    fn every_command_has_a_key_where_it_means_something_and_hints_are_few() {
        let keymap = Keymap::built_in();
        // It is tried once, from the palette.
        for command in Command::ALL.iter().filter(|command| **command != Command::NotifyTest) {
            for context in command.contexts() {
                assert!(!keymap.keys(*context, *command).is_empty(), "{command:?} in {context:?}");
            }
        }
        for context in KeyContext::ALL {
            assert!(super::super::registry::hints(context).len() <= 5);
        }
    }

    #[test]
    fn every_built_in_set_is_read_whole_and_leaves_every_command_a_key() {
        for text in [VIM, EMACS] {
            assert_eq!(KeymapFile::parse(text).map(|file| file.entries.is_empty()), Ok(false));
        }
        for set in KeySet::ALL {
            let keymap = Keymap::of_set(set);
            for command in Command::ALL.iter().filter(|command| **command != Command::NotifyTest) {
                for context in command.contexts() {
                    assert!(keymap.first_key(*context, *command).is_some(), "{set:?}: {command:?} in {context:?}");
                }
            }
            for (context, key, command) in &keymap.bindings {
                let other = keymap.bindings.iter().find(|(at, with, of)| {
                    at == context && of != command && with.collides(key) && !share_keys(*context, *of, *command)
                });
                assert_eq!(other, None, "{set:?}: {key}");
            }
        }
        let vim = Keymap::of_set(KeySet::Vim);
        assert_eq!(vim.meaning(KeyContext::List, &keys("g g")), KeyMeaning::Command(Command::Top));
        assert_eq!(vim.meaning(KeyContext::Thread, &keys("Z Z")), KeyMeaning::Command(Command::Quit));
        let emacs = Keymap::of_set(KeySet::Emacs);
        assert_eq!(emacs.meaning(KeyContext::Composer, &keys("ctrl-x ctrl-c")), KeyMeaning::Command(Command::Quit));
        assert_eq!(emacs.meaning(KeyContext::List, &keys("ctrl-n")), KeyMeaning::Command(Command::Down));
    }

    #[test]
    fn no_built_in_command_lies_on_alt_with_a_letter() {
        for (_, key, command) in &Keymap::built_in().bindings {
            assert!(!key.chords().iter().any(|chord| chord.is_alt_letter()), "{key} {command:?}");
        }
    }

    #[test]
    fn the_contracts_keys_are_in_the_table() {
        let table = Keymap::built_in().table(Locale::En);
        for key in ["Ctrl+Q", "Ctrl+P", "Ctrl+G", "F1", "Ctrl+N", "Ctrl+F", "Tab", "Shift+Tab", "Esc", "Alt+Enter"] {
            assert!(table.contains(&format!("`{key}`")), "{key} in\n{table}");
        }
        for key in ["j", "k", "/", "u", "q", "PgUp", "PgDn", "g", "G", "y", "o", "R", "i", "Ctrl+J", "Ctrl+T", "Ctrl+O"]
        {
            assert!(table.contains(&format!("`{key}`")), "{key}");
        }
        for letter in ["r", "z", "m", "d", "e", "t", "f", "p", "k", "b", "i", "Ctrl+E"] {
            assert!(table.contains(&format!("`Ctrl+X {letter}`")), "{letter} in\n{table}");
        }
    }
}
