//! What a caller can do about a store that did not do what was asked.
//!
//! Invariant: no SQL type leaves this floor; SQLite's own words appear only as text.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store did not do what was asked. Each variant is something else that the caller can do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another version of Loket made this database: install one at least as new.
    #[error("the database has schema {found}, this version knows up to {known}: install a newer Loket")]
    TooNew {
        /// The schema's number in the file.
        found: u32,
        /// The greatest number that this version knows.
        known: u32,
    },
    /// The disk is full: free some space. The store goes on by itself once there is some.
    #[error("the disk is full")]
    Full,
    /// The file cannot be opened, read or written, or is damaged.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// Which file or directory.
        path: PathBuf,
        /// The system's or SQLite's words.
        reason: String,
    },
    /// There is no such row, or it is in no state in which this can be done to it.
    #[error("not found")]
    NotFound,
    /// The store was closed.
    #[error("the store was closed")]
    Closed,
    /// SQLite said something else (a lock held for longer than five seconds, for instance).
    #[error("the store failed: {0}")]
    Failed(String),
}

/// What can go wrong inside a piece of work, before the file's path is known.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's own error.
    Sql(rusqlite::Error),
    /// No such row.
    NotFound,
    /// A value that could not be made into a row.
    Value(serde_json::Error),
    /// Anything else, in words.
    Other(String),
}

/// The result of a piece of work.
pub(super) type Work<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sql(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Fault::Value(error)
    }
}

impl Fault {
    /// The caller's error, for the database at `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Fault::NotFound => StoreError::NotFound,
            Fault::Value(error) => StoreError::Failed(error.to_string()),
            Fault::Other(words) => StoreError::Failed(words),
            Fault::Sql(error) => of_sqlite(&error, path),
        }
    }
}

fn of_sqlite(error: &rusqlite::Error, path: &Path) -> StoreError {
    let unusable = || StoreError::Unusable { path: path.to_owned(), reason: error.to_string() };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::NoLargeFileSupport,
        ) => unusable(),
        _ => StoreError::Failed(error.to_string()),
    }
}
