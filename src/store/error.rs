//! What a caller can do about a store that did not do what was asked.
//!
//! Invariant: no SQL type leaves this floor; SQLite's own words appear only as text.

use std::path::Path;

use rusqlite::ErrorCode;

pub use crate::domain::StoreError;

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
