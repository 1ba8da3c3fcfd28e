//! Errors: what callers can act on, and what goes wrong inside.
//!
//! Invariant: no SQL type leaves the store; SQLite's own messages appear only as text.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

pub use crate::domain::StoreError;

/// An error inside a query or a write, before the file's path is known.
#[derive(Debug)]
pub(crate) enum DbError {
    Sql(rusqlite::Error),
    NotFound,
    /// A value that could not be serialised for a column.
    Json(serde_json::Error),
    Other(String),
    /// A file beside the database that cannot be written or removed.
    File(PathBuf, std::io::Error),
}

/// The result of SQL inside the store; the error does not know the file yet.
pub(crate) type DbResult<T> = Result<T, DbError>;

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        DbError::Sql(error)
    }
}

impl From<serde_json::Error> for DbError {
    fn from(error: serde_json::Error) -> Self {
        DbError::Json(error)
    }
}

impl DbError {
    /// The caller's error, for the database at `path`.
    pub(crate) fn at(self, path: &Path) -> StoreError {
        match self {
            DbError::NotFound => StoreError::NotFound,
            DbError::Json(error) => StoreError::Failed(error.to_string()),
            DbError::Other(reason) => StoreError::Failed(reason),
            DbError::File(_, error) if error.kind() == std::io::ErrorKind::StorageFull => StoreError::Full,
            DbError::File(path, error) => StoreError::Unusable { path, reason: error.to_string() },
            DbError::Sql(error) => sqlite_error(&error, path),
        }
    }
}

fn sqlite_error(error: &rusqlite::Error, path: &Path) -> StoreError {
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
        ) => StoreError::Unusable { path: path.to_owned(), reason: error.to_string() },
        _ => StoreError::Failed(error.to_string()),
    }
}
