//! The only record: what is not in here did not happen. The one place with SQL.
//!
//! A [`Store`] is a handle on `loket.db`, which several processes may have open at once. Writes go through one
//! thread per process, which commits what has queued up together and answers after the commit is durable;
//! every commit appends to the sequence of changes that readers follow.
//!
//! Invariant: nothing here reaches the network, knows a gateway, reads the clock, or lets an SQL type out.

mod accounts;
mod apply;
mod authors;
mod changes;
mod contacts;
mod conversations;
mod db;
mod drafts;
mod error;
mod forget;
mod identity;
mod incoming;
pub(crate) mod journal;
mod messages;
mod migrate;
pub(crate) mod notify;
mod outbox;
#[cfg(test)]
mod plans;
mod progress;
mod receipts;
mod restore;
mod row;
mod search;
mod settle;
mod silence;
mod standing;
mod transfer;
mod writer;

pub use accounts::StoredAccount;
pub use contacts::contact_key;
pub use db::Store;
pub use error::StoreError;
pub use journal::{Appended, Applied, NewEvent, StoredEvent};
pub use notify::notify_path;
pub use outbox::{Lease, NewMessage};
pub use restore::Restored;
pub use settle::AttemptOutcome;
pub use transfer::{ConversationFacts, TakenBack};
pub use writer::Pending;

pub use crate::domain::conversation::Counts;
pub use crate::domain::message::Window;

/// The database's file name in the data directory.
pub const FILE: &str = "loket.db";
