//! How long customers wait and how long conversations take, counted from what was written and done.
//!
//! Invariant: nothing here reads the clock or the time zone; both come as arguments.

mod episodes;
mod group;
mod working_hours;

pub(crate) use episodes::{ReportAuthor, ReportConversation, ReportMessage, Resolution};
pub(crate) use group::{Report, ReportBy, ReportRange};
pub use group::{ReportRow, Spans};
pub(crate) use working_hours::WorkingHours;
