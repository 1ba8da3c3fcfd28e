//! Notifies other processes of commits through a file of one byte beside the database.
//!
//! Invariant: the file is written only after the commit can be read. SQLite's own log grows earlier: a reader that
//! watched it would look before there is anything to see, and then sleep.

use crate::files::{self, Access};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The file that every process writes after a commit to `database`.
pub(crate) fn notify_path(database: &Path) -> PathBuf {
    database.with_extension("notify")
}

/// Writes the notification file. Failing is no reason to stop: whoever misses this commit sees it with the next.
pub(super) fn notify(database: &Path) {
    let file = files::open(&notify_path(database), Access::ReadWrite);
    // Overwriting one byte needs no room on a full disk.
    drop(file.and_then(|mut file| file.write_all(b".")));
}
