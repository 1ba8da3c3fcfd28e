//! The part of a file that is there while the rest is fetched, and what it is a part of.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::outside::Resume;
use crate::files::{self, Access};

/// What a part was fetched from, which stands beside it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Source {
    url: String,
    validator: String,
}

/// The part of a file, open for writing at its end. As long as it is open no other process works on it.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Part {
    /// Opens the part at `path`, made if it is missing. `None` while another process works on it.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = files::open(path, Access::Append)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let length = file.metadata()?.len();
        Ok(Some(Part { path: path.to_owned(), file, length }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where to go on, if what is there is of this address and can be named.
    pub(super) fn resume(&self, url: &str) -> Option<Resume> {
        let source: Source = serde_json::from_slice(&fs::read(self.source_path()).ok()?).ok()?;
        (self.length > 0 && source.url == url && !source.validator.is_empty())
            .then_some(Resume { from: self.length, validator: source.validator })
    }

    /// Begins anew with what comes from an address.
    pub(super) fn begin(&mut self, url: &str, validator: Option<&str>) -> io::Result<()> {
        self.file.set_len(0)?;
        self.length = 0;
        match validator {
            Some(validator) => {
                let source = Source { url: url.to_owned(), validator: validator.to_owned() };
                files::replace(&self.source_path(), &serde_json::to_vec(&source)?)
            }
            None => self.remove_source(),
        }
    }

    /// Adds bytes at the end.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += u64::try_from(bytes.len()).unwrap_or_default();
        Ok(())
    }

    /// Removes the part at `path`, with which nobody can go on.
    pub(super) fn remove(path: &Path) -> io::Result<()> {
        remove(&source_path(path))?;
        remove(path)
    }

    /// Removes what stands beside the part, when that is the whole file.
    pub(super) fn remove_source(&self) -> io::Result<()> {
        remove(&self.source_path())
    }

    fn source_path(&self) -> PathBuf {
        source_path(&self.path)
    }
}

fn source_path(part: &Path) -> PathBuf {
    let mut name = part.to_owned().into_os_string();
    name.push(".from");
    name.into()
}

/// Removes a file; one that is gone is no error.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
