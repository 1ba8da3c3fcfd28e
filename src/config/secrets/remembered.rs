//! Secrets that programs and the keyring gave: kept in memory, so that another process of the same person need not ask
//! again, and so that an account goes on when its program cannot be asked a second time.
//!
//! Invariant: they leave this process only through a pipe, never by an argument, the environment or a file.

use crate::domain::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A source, as text, and its secret.
#[derive(Serialize, Deserialize)]
struct Entry {
    source: String,
    secret: String,
}

/// Secrets by their source.
#[derive(Default)]
pub(in crate::config) struct RememberedSecrets {
    /// Given by another process; each is used once, in place of asking its source.
    handed: Vec<(String, Secret)>,
    /// The newest of each source.
    newest: Vec<(String, Secret)>,
}

impl RememberedSecrets {
    /// Takes what [`RememberedSecrets::for_pipe`] of another process wrote. What cannot be read is left out: its source
    /// is asked then.
    pub(in crate::config) fn take_piped(&mut self, text: &str) {
        let entries: Vec<Entry> = serde_json::from_str(text).unwrap_or_default();
        self.handed = entries.into_iter().map(|entry| (entry.source, Secret::new(&entry.secret))).collect();
    }

    /// Every secret that was read, for a pipe to another process.
    pub(in crate::config) fn for_pipe(&self) -> String {
        let entry =
            |(source, secret): &(String, Secret)| Entry { source: source.clone(), secret: secret.expose().to_owned() };
        let entries: Vec<Entry> = self.newest.iter().map(entry).collect();
        serde_json::to_string(&entries).unwrap_or_default()
    }

    /// The secret that another process gave for a source, once.
    pub(in crate::config) fn take_handed(&mut self, source: &str) -> Option<Secret> {
        let at = self.handed.iter().position(|(known, _)| known == source)?;
        Some(self.handed.swap_remove(at).1)
    }

    /// Keeps the newest secret of a source.
    pub(in crate::config) fn remember(&mut self, source: &str, secret: &Secret) {
        self.newest.retain(|(known, _)| known != source);
        self.newest.push((source.to_owned(), secret.clone()));
    }

    /// The newest secret of a source.
    pub(in crate::config) fn newest(&self, source: &str) -> Option<Secret> {
        self.newest.iter().find(|(known, _)| known == source).map(|(_, secret)| secret.clone())
    }
}

impl fmt::Debug for RememberedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RememberedSecrets(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handed_secret_is_used_once_and_the_newest_stays() {
        let mut first = RememberedSecrets::default();
        first.remember("command", &Secret::new("lama"));
        first.remember("command", &Secret::new("baru"));
        let mut second = RememberedSecrets::default();
        second.take_piped(&first.for_pipe());
        assert!(second.take_handed("command").is_some_and(|secret| secret.matches("baru")));
        assert!(second.take_handed("command").is_none() && second.newest("command").is_none());
        second.take_piped("no JSON");
        assert!(second.take_handed("command").is_none());
        assert!(!format!("{first:?}").contains("baru"));
    }
}
