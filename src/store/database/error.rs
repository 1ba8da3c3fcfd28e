//! Errors: what callers can act on, and what goes wrong inside.
//!
//! Invariant: no SQL type leaves the store; SQLite's own messages appear only as text.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store did not do what was asked. Each variant calls for a different reaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A newer version of Loket made this database: install one at least as new.
    #[error("the database has schema {found}, this version knows up to {known}: install a newer Loket")]
    TooNew { found: u32, known: u32 },
    /// The disk is full: free some space. The store continues by itself once there is some.
    #[error("the disk is full")]
    Full,
    /// The file or directory cannot be opened, read or written, or is damaged. `reason` is the system's or SQLite's.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
    /// There is no such row, or its state does not permit the operation.
    #[error("not found")]
    NotFound,
    /// The writer thread has ended.
    #[error("the store was closed")]
    Closed,
    /// Any other error of SQLite, such as a lock held for longer than five seconds.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// An error inside a query or a write, before the file's path is known.
#[derive(Debug)]
pub(crate) enum DbError {
    Sql(rusqlite::Error),
    NotFound,
    /// A value that could not be serialised for a column.
    Json(serde_json::Error),
    Other(String),
}

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
