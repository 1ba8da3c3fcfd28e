//! Configuration errors and warnings: where the problem is and what to do about it. They contain no secret value and
//! no line of the file.
//!
//! Own code instead of a diagnostics crate or serde's errors: those quote the source line, which may hold a key, and
//! one error there rejects the whole file instead of one account.

use std::fmt;
use std::path::{Path, PathBuf};

/// A position in a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Line number, counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

impl Location {
    /// The location of a byte offset in a text. An offset past the end or inside a character is rounded down.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = (0..=offset.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Location { line, column }
    }
}

/// The configuration cannot be used: one line that names the file, the field, what is wrong and what to do. The
/// caller prints it and exits with status 2, or goes on without the one account that it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<PathBuf>,
    location: Option<Location>,
    subject: String,
    message: String,
}

impl ConfigError {
    /// An error that belongs to no file, such as one about an environment variable. `subject` may be empty.
    pub fn new(subject: &str, message: impl Into<String>) -> Self {
        ConfigError { file: None, location: None, subject: subject.to_owned(), message: message.into() }
    }

    /// Adds the file that the error is about; an empty path adds none.
    #[must_use]
    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        self.file = (!file.as_os_str().is_empty()).then(|| file.to_owned());
        self
    }

    /// What is wrong and where in the file, without the file's name.
    pub(crate) fn place_and_reason(&self) -> String {
        let place = self.location.map(|Location { line, column }| format!("line {line}, column {column}: "));
        let subject = if self.subject.is_empty() { String::new() } else { format!("{}: ", self.subject) };
        format!("{}{subject}{}", place.unwrap_or_default(), self.message)
    }

    /// Sets the location within the file.
    #[must_use]
    pub fn at(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            if let Some(Location { line, column }) = self.location {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
        }
        if !self.subject.is_empty() {
            write!(f, "{}: ", self.subject)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

/// A setting that works but that `doctor` should mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A file that holds secrets can be read by other users of the machine; `mode` is its permission bits.
    ReadableByOthers { file: PathBuf, mode: u32 },
    /// Keys or messages travel unencrypted to another machine.
    Unencrypted {
        /// The field, such as `account "toko": base_url`.
        subject: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::ReadableByOthers { file, mode } => {
                let file = file.display();
                write!(f, "{file}: holds secrets but other users can read it (mode {mode:04o}); run: chmod 600 {file}")
            }
            Warning::Unencrypted { subject } => {
                write!(f, "{subject}: http:// sends keys and messages unencrypted; use https://")
            }
        }
    }
}

/// How errors name an account or, unless `field` is empty, one of its fields: `account "toko": mode`.
pub(super) fn subject(account: &str, field: &str) -> String {
    if field.is_empty() { format!("account {account:?}") } else { format!("account {account:?}: {field}") }
}

/// The allowed words as a phrase: `"a", "b" or "c"`.
pub(super) fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A wrong value as errors repeat it: quoted and escaped, and only if it is short. Not for secrets.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().count() <= 40 { format!("{text:?}") } else { "so long a text".to_owned() }
}

/// Whether a word is close enough to another one to be meant by it.
pub(super) fn is_similar(word: &str, known: &str) -> bool {
    let (word, known) = (word.to_lowercase(), known.to_lowercase());
    let is_part = word.len() >= 3 && (known.contains(&word) || word.contains(&known));
    is_part || strsim::normalized_damerau_levenshtein(&word, &known) >= 0.5
}

/// The known word most similar to `word`: one that contains it or is contained in it, otherwise by edit distance.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = word.to_lowercase().replace('-', "_");
    let similarity = |candidate: &str| {
        let candidate = candidate.replace('-', "_");
        let part = plain.len() >= 3 && (candidate.contains(&plain) || plain.contains(&candidate));
        strsim::normalized_damerau_levenshtein(&plain, &candidate) + if part { 0.5 } else { 0.0 }
    };
    known.iter().copied().max_by(|a, b| similarity(a).total_cmp(&similarity(b)).then(b.cmp(a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_the_intended_key() {
        let known = ["name", "provider", "base_url", "api_key", "webhook_secret", "webhook_token", "session"];
        for (word, meant) in [
            ("apikey", "api_key"),
            ("api-key", "api_key"),
            ("API_KEY", "api_key"),
            ("token", "webhook_token"),
            ("baseurl", "base_url"),
            ("session_id", "session"),
            ("nmae", "name"),
        ] {
            assert_eq!(nearest(word, &known), Some(meant), "{word}");
        }
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn a_location_counts_characters_and_never_splits_one() {
        let text = "a = \"é\"\nü = 1\n";
        assert_eq!(Location::of(text, 0), Location { line: 1, column: 1 });
        assert_eq!(Location::of(text, 6), Location { line: 1, column: 6 });
        assert_eq!(Location::of(text, 9), Location { line: 2, column: 1 });
        assert_eq!(Location::of(text, 11), Location { line: 2, column: 2 });
        assert_eq!(Location::of(text, 999), Location { line: 3, column: 1 });
    }
}
