//! What every part of the store builds on: the handle, reading connections, queued writes and their transactions.

mod connection;
mod error;
mod handle;
mod pending;
#[cfg(test)]
pub(crate) mod recorded;
mod sql;
mod tx;

pub(super) use connection::{connect, open_copy, open_unfinished};
pub(super) use error::{DbError, DbResult};
pub(super) use handle::{CommitHooks, Jobs};
pub(super) use pending::Job;
pub(super) use sql::RunSql;
pub(super) use tx::Tx;

pub use error::StoreError;
pub use handle::Store;
pub(crate) use pending::Pending;
