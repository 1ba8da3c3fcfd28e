//! What a person sets for the screen: keys of `config.toml`, and the files beside it as they were read.

use crate::config::{Locale, ScreenSettings, Setting};
use crate::domain::phone::Country;

/// A file beside `config.toml`: its text, `None` where there is no such file, or why it cannot be read.
pub(crate) type UserFile = Result<Option<String>, String>;

/// Everything that a person sets for the screen, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSettings {
    pub locale: Locale,
    pub country: Country,
    pub screen: ScreenSettings,
    /// The agent's name stands on top of messages that go out.
    pub agent_prefix: bool,
    /// The settings of the configuration file that can be changed on the screen.
    pub listed: Vec<Setting>,
    pub files: UserFiles,
}

/// The files beside `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFiles {
    pub keymap: UserFile,
    pub theme: UserFile,
    pub replies: UserFile,
    pub views: UserFile,
}

impl UserFiles {
    /// The files' names, in the order of the fields.
    pub(crate) const NAMES: [&str; 4] = ["keymap.toml", "theme.toml", "replies.toml", "views.toml"];

    /// Reads each file by its name.
    pub(crate) fn read(mut file: impl FnMut(&str) -> UserFile) -> Self {
        let [keymap, theme, replies, views] = UserFiles::NAMES.map(&mut file);
        UserFiles { keymap, theme, replies, views }
    }

    /// Each file with its name.
    pub(crate) fn all(&self) -> [(&'static str, &UserFile); 4] {
        let [keymap, theme, replies, views] = UserFiles::NAMES;
        [(keymap, &self.keymap), (theme, &self.theme), (replies, &self.replies), (views, &self.views)]
    }
}

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileError {
    /// Its name without directory.
    pub(crate) file: &'static str,
    /// What is wrong, and where in it.
    pub(crate) reason: String,
}

/// A TOML error in one line that begins with the place.
pub(crate) fn toml_error(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', "; ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {message}")
}
