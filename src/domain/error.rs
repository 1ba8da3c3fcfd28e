//! Why something that a person or script wanted was not done.
//!
//! Invariant: errors are values; whoever shows one puts it into words, in the person's language. The `Display` texts
//! are for logs.

use super::{Failure, Objection};
use std::path::PathBuf;

/// Why the store did not do what was asked. Each variant calls for a different reaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A newer version of Loket made this database: install one at least as new.
    #[error("the database has schema {found}, this version knows up to {known}: install a newer Loket")]
    TooNew { found: u32, known: u32 },
    /// An older version of Loket made this database: it is to be upgraded, under the engine's lock.
    #[error("the database has schema {found}, this version needs {known}")]
    Outdated { found: u32, known: u32 },
    /// An older version of Loket made this database, and its engine runs.
    #[error(
        "the database is of an older Loket, whose engine runs (pid {pid}): close its screens or stop `loket serve`, then start this again"
    )]
    OutdatedInUse { pid: String },
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

/// The account that was named cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The configuration has no account of this name.
    #[error("no such account")]
    Unknown,
    /// Its settings cannot be used: what is wrong, where, and what to do.
    #[error("{0}")]
    Invalid(String),
}

/// Why a message was not put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The account's gateway cannot or may not send it.
    #[error("the account cannot send this: {0:?}")]
    Objection(Objection),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a gateway's answer to a query is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The gateway has no such request.
    #[error("the gateway has no such request")]
    Unsupported,
    /// The gateway refused it or could not be reached.
    #[error("{}: {}", .0.code, .0.message)]
    Failed(Failure),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not added, removed or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountSetupError {
    /// Accounts are not added to this process, whose configuration is not a file.
    #[error("accounts cannot be added here")]
    Unavailable,
    /// The settings cannot be used or written: what is wrong, where, and what to do. Holds no secret.
    #[error("{0}")]
    Settings(String),
    /// The gateway refuses the key.
    #[error("the gateway refuses the key: {}", .0.message)]
    KeyRefused(Failure),
    /// The gateway did not say whether it accepts the key.
    #[error("the gateway did not answer: {}", .0.message)]
    KeyUnchecked(Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
}
