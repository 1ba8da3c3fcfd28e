//! The engine: takes webhooks in, carries messages out, and knows what happened. It runs without a screen.
//!
//! Invariant: it draws nothing, serves no HTTP, and says no words to people: failures and objections are data.

pub mod ask;
pub mod clock;
pub mod counters;
pub mod courier;
pub mod desk;
pub mod enrolment;
pub mod health;
mod housekeeping;
pub mod http;
pub mod import;
pub mod ingest;
pub mod interpret;
pub mod limits;
pub mod lock;
pub mod login;
pub mod probe;
pub mod roster;
pub mod rules;
mod running;
mod sessions;
pub mod sheet;
pub mod sync;
pub mod transfer;
pub mod tunnel;
pub mod wake;

pub use counters::Counters;
pub use desk::{AccountCard, Desk, Order, Person, Place, SayError};
pub use enrolment::{EnrolError, Enrolled, Office};
pub use http::Http;
pub use ingest::{Ingest, Reply};
pub use lock::{EngineLock, LockError};
pub use roster::{Member, Roster};
pub use running::{Engine, EngineError};
pub use wake::Wake;
