//! Files of this machine as the screen offers them to be sent, and folders to look for them in.

use std::path::PathBuf;

use super::{Objection, OutgoingFile, Timestamp};

/// A file that somebody named to be sent, as far as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its name, or how it was named where there is no such file. Foreign text: clean before showing.
    pub name: String,
    /// The file, or why it cannot be sent through any account.
    pub file: Result<OutgoingFile, Objection>,
}

/// What lies in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// `None` for the newest files of the folders in which people keep what they send.
    pub path: Option<PathBuf>,
    /// The folder around it, if there is one.
    pub parent: Option<PathBuf>,
    /// Files and folders, the newest first.
    pub entries: Vec<FolderEntry>,
}

/// A file or a folder in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Foreign text: clean before showing.
    pub name: String,
    pub path: PathBuf,
    pub is_folder: bool,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last changed.
    pub modified: Timestamp,
}
