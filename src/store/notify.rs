//! The bell that other processes hear: a file of one byte beside the database, written after each commit.
//!
//! Invariant: it never rings before the commit can be read. SQLite's own log grows earlier: a reader that woke by
//! it would look before there is anything to see, and then sleep.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The bell of the database at a path. Its modification tells of a commit by any process.
pub fn notify_path(database: &Path) -> PathBuf {
    database.with_extension("bell")
}

/// Rings. A bell that cannot be rung is no reason to stop: who misses it hears the next one.
pub(crate) fn ring(database: &Path) {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let bell = options.open(notify_path(database));
    // Overwriting one byte needs no room on a full disk.
    drop(bell.and_then(|mut bell| bell.write_all(b".")));
}
