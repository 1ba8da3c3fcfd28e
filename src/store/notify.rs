//! Notifies other processes of commits through a file of one byte beside the database.
//!
//! Invariant: the file is written only after the commit can be read. SQLite's own log grows earlier: a reader that
//! watched it would look before there is anything to see, and then sleep.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The file that every process writes after a commit to `database`.
pub(crate) fn notify_path(database: &Path) -> PathBuf {
    database.with_extension("notify")
}

/// Writes the notification file. Failing is no reason to stop: whoever misses this commit sees it with the next.
pub(super) fn notify(database: &Path) {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(notify_path(database));
    // Overwriting one byte needs no room on a full disk.
    drop(file.and_then(|mut file| file.write_all(b".")));
}
