//! The outbox: messages that wait to be sent, leases on them, and the outcomes of attempts.
//!
//! Invariant: of one conversation at most one message is being sent, in the order in which they were queued, and an
//! attempt is recorded durably before its request leaves.

pub(crate) mod lease;
mod outcome;
mod queue;
pub(crate) mod unacknowledged;
mod waiting;

pub use lease::Lease;
pub use outcome::AttemptOutcome;
pub use queue::NewMessage;
