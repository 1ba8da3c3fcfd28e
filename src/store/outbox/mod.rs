//! The outbox: messages that wait to be sent, leases on them, and the outcomes of attempts.
//!
//! Invariant: of one conversation at most one message is being sent, in the order in which they were queued, and an
//! attempt is recorded durably before its request leaves.

pub(crate) mod claim;
pub(crate) mod heads;
mod lease;
mod outcome;
mod queue;
mod recovery;
pub(crate) mod unacknowledged;
mod waiting;

pub use claim::{Claim, Claimant, Queue};
pub use lease::{Lease, LeaseOwner};
pub use outcome::AttemptOutcome;
pub use queue::NewMessage;
pub(crate) use queue::add_reply;
pub use recovery::Abandoned;
