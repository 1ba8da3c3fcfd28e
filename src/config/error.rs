//! What is wrong with the configuration: where, and what to do. No value of a secret and no source line is in it.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place in a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Location {
    /// The place of a byte offset in a text; an offset past its end or inside a character is rounded down.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = (0..=offset.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Location { line, column }
    }
}

/// The configuration cannot be used: one line that says what is wrong, in which file and field, and what to do.
/// The caller's answer is always the same: say it, and end with status 2 (or leave the one account out).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<PathBuf>,
    place: Option<Location>,
    subject: String,
    message: String,
}

impl ConfigError {
    /// About something that stands in no file, such as an environment variable; `subject` may be empty.
    pub fn new(subject: &str, message: impl Into<String>) -> Self {
        ConfigError { file: None, place: None, subject: subject.to_owned(), message: message.into() }
    }

    /// The same, about a file.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        self.file = (!file.as_os_str().is_empty()).then(|| file.to_owned());
        self
    }

    /// The same, about a place in its file.
    #[must_use]
    pub fn at(mut self, place: Option<Location>) -> Self {
        self.place = place;
        self
    }

    /// The file, when it is about one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The place in the file, when it is about one.
    pub fn place(&self) -> Option<Location> {
        self.place
    }

    /// What is wrong and what to do, without file and field; for a form that shows it beside the field.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            if let Some(Location { line, column }) = self.place {
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

/// Something that works, but that `doctor` should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A file that holds secrets can be read by other users of the machine.
    ReadableByOthers {
        /// The file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
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
