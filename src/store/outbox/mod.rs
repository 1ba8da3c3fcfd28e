//! The outbox: messages that wait to be sent, leases on them, and the outcomes of attempts.
//!
//! Invariant: of one conversation at most one message is being sent, in the order in which they were queued, and an
//! attempt is recorded durably before its request leaves.

mod add;
pub(crate) mod claim;
pub(crate) mod heads;
mod lease;
mod new_message;
mod outcome;
mod queue;
mod recovery;
pub(crate) mod scheduled;
pub(crate) mod unacknowledged;
mod waiting;

pub use claim::{Claim, Claimant, Queue};
pub use lease::{Lease, LeaseOwner};
pub use new_message::NewMessage;
pub use outcome::AttemptOutcome;
pub(crate) use queue::add_reply;
pub use recovery::Abandoned;
