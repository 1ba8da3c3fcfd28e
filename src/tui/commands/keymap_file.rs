//! A key map file: what it binds and unbinds, before it is laid over another key map.
//!
//! Invariant: within a file no key of a place means two commands; in overlays, within the commands of one overlay.

use super::key::{Chord, KeySequence};
use super::registry::{Command, KeyContext};
use crate::config::nearest;
use crate::tui::user_settings::toml_error;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A key map file that cannot be used, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeymapError(String);

/// The keys that a file gives to a command in a place; none unbinds it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) context: KeyContext,
    pub(crate) command: Command,
    pub(crate) keys: Vec<KeySequence>,
}

/// A key map file that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeymapFile {
    pub(crate) entries: Vec<Entry>,
}

/// Keys as they may be written: a list, one key, or `false` for none.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenKeys {
    Many(Vec<String>),
    One(String),
    Switch(bool),
}

impl KeymapFile {
    /// Reads a key map file. Fails on the first entry that cannot be used.
    pub(crate) fn parse(text: &str) -> Result<Self, KeymapError> {
        let file: BTreeMap<String, BTreeMap<String, WrittenKeys>> =
            toml::from_str(text).map_err(|e| KeymapError(explain(text, &e)))?;
        let mut entries: Vec<Entry> = Vec::new();
        for (place, commands) in file {
            let context = context_of(&place)?;
            for (id, written) in commands {
                let command = command_of(&place, &id)?;
                let keys = keys_of(&place, &id, written)?;
                for key in &keys {
                    if let Some(other) = entries.iter().find(|entry| entry.conflicts(context, command, key)) {
                        return Err(conflict(&place, key, other.command, command));
                    }
                }
                entries.push(Entry { context, command, keys });
            }
        }
        Ok(KeymapFile { entries })
    }
}

impl Entry {
    /// Whether a key of another command of the same place cannot be distinguished from one of these.
    pub(crate) fn conflicts(&self, context: KeyContext, command: Command, key: &KeySequence) -> bool {
        self.context == context
            && self.command != command
            && !share_keys(context, self.command, command)
            && self.keys.iter().any(|own| own.collides(key))
    }
}

/// Whether two commands of a place may have the same key: each overlay takes the keys of its own commands only.
pub(crate) fn share_keys(context: KeyContext, one: Command, other: Command) -> bool {
    context == KeyContext::Overlay && (one.is_of_overlay() || other.is_of_overlay())
}

fn context_of(place: &str) -> Result<KeyContext, KeymapError> {
    KeyContext::ALL.into_iter().find(|context| context.name() == place).ok_or_else(|| {
        let places = KeyContext::ALL.map(KeyContext::name);
        KeymapError(format!("[{place}] is no place: there are {}", places.join(", ")))
    })
}

/// Ids that commands had in older versions, which are still read.
const OLD_IDS: &[(&str, Command)] = &[("cycle_state", Command::Views)];

fn command_of(place: &str, id: &str) -> Result<Command, KeymapError> {
    let old = || OLD_IDS.iter().find(|(old, _)| *old == id).map(|(_, command)| *command);
    Command::from_id(id).or_else(old).ok_or_else(|| {
        let ids: Vec<&str> = Command::ALL.iter().map(|command| command.id()).collect();
        let near = nearest(id, &ids).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
        KeymapError(format!("[{place}] {id} is no command{near}"))
    })
}

fn keys_of(place: &str, id: &str, written: WrittenKeys) -> Result<Vec<KeySequence>, KeymapError> {
    let names = match written {
        WrittenKeys::Many(names) => names,
        WrittenKeys::One(name) => vec![name],
        WrittenKeys::Switch(false) => Vec::new(),
        WrittenKeys::Switch(true) => {
            return Err(KeymapError(format!("[{place}] {id} = true: write its keys, or false for none")));
        }
    };
    names.iter().map(|name| key_of(place, id, name)).collect()
}

fn key_of(place: &str, id: &str, name: &str) -> Result<KeySequence, KeymapError> {
    let key = KeySequence::parse(name).ok_or_else(|| KeymapError(format!("[{place}] {id}: {name:?} is no key")))?;
    if key.chords().iter().any(|chord| Chord::is_alt_letter(*chord)) {
        let why = "terminals send the same for Alt with a letter as for Esc and then the letter; take another key";
        return Err(KeymapError(format!("[{place}] {id}: {name:?} cannot be a command's key: {why}")));
    }
    Ok(key)
}

fn conflict(place: &str, key: &KeySequence, one: Command, other: Command) -> KeymapError {
    let (one, other) = (one.id(), other.id());
    KeymapError(format!(
        "[{place}] {key} cannot be told apart: it is a key of {one} and of {other}; change one of them"
    ))
}

/// The TOML reader's error, whose message for an untagged value says nothing of what may stand there.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let vague = "data did not match any variant of untagged enum WrittenKeys";
    toml_error(text, error).replace(vague, "the keys of a command are a list of names, or false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        KeymapFile::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_key_map_with_an_error_names_it() {
        let unknown = error("[list]\nresolv = [\"f\"]");
        assert!(unknown.contains("[list] resolv") && unknown.contains("did you mean \"resolve\""), "{unknown}");
        assert!(error("[list]\nopen = [\"hyper-f\"]").contains("hyper-f"));
        assert!(error("[list]\nopen = [\"\"]").contains("is no key"));
        assert!(error("[kitchen]\nopen = [\"a\"]").contains("kitchen"));
        assert!(error("[list]\nopen = true").contains("false for none"));
        assert!(error("[list]\nopen = 3").contains("a list of names, or false"));
    }

    #[test]
    fn a_key_map_of_an_older_version_still_works() {
        let file = KeymapFile::parse("[list]\ncycle_state = [\"s\"]").unwrap();
        assert_eq!(file.entries.iter().map(|entry| entry.command).collect::<Vec<_>>(), [Command::Views]);
    }

    #[test]
    fn two_commands_with_one_key_are_both_named() {
        for (text, key) in [
            ("[list]\nopen = [\"a\"]\nup = [\"a\"]", "a"),
            ("[list]\nopen = [\"ctrl-x\"]\nup = [\"ctrl-x r\"]", "Ctrl+X"),
        ] {
            let error = error(text);
            for named in ["[list]", "open", "up", key] {
                assert!(error.contains(named), "{named} in {error}");
            }
        }
        // Each overlay takes the keys of its own commands only.
        assert!(KeymapFile::parse("[overlay]\naccept = [\"y\"]\ncopy_url = [\"y\"]").is_ok());
        assert!(KeymapFile::parse("[overlay]\nresolve = [\"ctrl-r\"]\nsnooze = [\"ctrl-r\"]").is_err());
    }

    #[test]
    fn no_command_lies_on_alt_with_a_letter() {
        let refused = error("[anywhere]\neditor = [\"alt-e\"]");
        assert!(refused.contains("alt-e") && refused.contains("Esc and then the letter"), "{refused}");
        assert!(KeymapFile::parse("[composer]\nnew_line = [\"alt-enter\"]").is_ok());
    }

    #[test]
    fn any_command_can_stand_in_any_place_and_none_at_all() {
        for command in Command::ALL {
            for context in KeyContext::ALL {
                let text = format!("[{}]\n{} = [\"f12\"]", context.name(), command.id());
                assert!(KeymapFile::parse(&text).is_ok(), "{text}");
            }
        }
        for none in ["[]", "false"] {
            let file = KeymapFile::parse(&format!("[list]\nresolve = {none}")).unwrap();
            assert!(file.entries.iter().all(|entry| entry.keys.is_empty()));
        }
    }
}
