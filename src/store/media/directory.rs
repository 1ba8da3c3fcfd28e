//! Where files lie: `media/ab/ab12….jpg`, and `media/part/` for what is being written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::domain::MessageId;
use crate::files::{create_directory, sync_directory};
use crate::store::database::Store;

/// The directory of files in the data directory.
const DIRECTORY: &str = "media";
/// What is being written, below it.
const PARTS: &str = "part";
/// How long a hash is in hexadecimal.
const HASH: usize = 64;

/// The directory of files of a data directory. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaDirectory(PathBuf);

impl MediaDirectory {
    /// Beside the database at `database`.
    pub(super) fn beside(database: &Path) -> Self {
        MediaDirectory(database.parent().unwrap_or(Path::new(".")).join(DIRECTORY))
    }

    /// Beside the database of a connection; `None` for one without a file.
    pub(super) fn of(conn: &Connection) -> Option<Self> {
        conn.path().filter(|path| !path.is_empty()).map(|path| MediaDirectory::beside(Path::new(path)))
    }

    /// Where a file lies, by its name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name.get(..2).unwrap_or("xx")).join(name)
    }

    /// The directory for files that are being written, which is made if it is missing.
    pub(super) fn parts(&self) -> io::Result<PathBuf> {
        let parts = self.0.join(PARTS);
        create_directory(&parts)?;
        Ok(parts)
    }

    /// The same, which may be missing.
    pub(super) fn parts_path(&self) -> PathBuf {
        self.0.join(PARTS)
    }

    /// Gives a file that is written and durable its name; equal bytes that are there already stay.
    pub(super) fn put(&self, from: &Path, name: &str) -> io::Result<()> {
        let path = self.path(name);
        if path.symlink_metadata().is_ok_and(|found| found.is_file()) {
            return fs::remove_file(from);
        }
        let folder = path.parent().unwrap_or(&self.0);
        let is_new = !folder.exists();
        create_directory(folder)?;
        fs::rename(from, &path)?;
        sync_directory(folder)?;
        if is_new { sync_directory(&self.0) } else { Ok(()) }
    }

    /// Removes a file; one that is gone is no error.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a name is one that [`file_name`] makes: nothing else is touched.
    pub(super) fn is_name(name: &str) -> bool {
        let hash = hash_of(name);
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        hash.len() == HASH
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && name.get(HASH..).is_some_and(|end| end.is_empty() || end.strip_prefix('.').is_some_and(is_plain))
    }

    /// The names of all files, in no order. Folders that cannot be read are left out.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + use<> {
        let folders = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let folders = folders.filter(|folder| folder.file_name().len() == 2);
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        files.filter_map(|file| file.file_name().into_string().ok()).filter(|name| Self::is_name(name))
    }
}

/// The name of a file: the hash of its bytes and its type's ending.
pub(super) fn file_name(sha256: &str, extension: &str) -> String {
    if extension.is_empty() { sha256.to_owned() } else { format!("{sha256}.{extension}") }
}

/// The hash in a file's name.
pub(super) fn hash_of(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// The name of the part of a message's file.
pub(super) fn part_name(message: MessageId) -> String {
    format!("{}.part", message.0)
}

impl Store {
    pub(super) fn media_directory(&self) -> MediaDirectory {
        MediaDirectory::beside(self.path())
    }

    /// Where the file of a message is written while it is fetched; a part of an earlier attempt may lie there.
    pub(crate) fn media_part(&self, message: MessageId) -> io::Result<PathBuf> {
        Ok(self.media_directory().parts()?.join(part_name(message)))
    }
}
