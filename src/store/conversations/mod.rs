//! Conversations: finding and listing them, what people do with them, and the summary that the list shows.
//!
//! Invariant: no reader scans the list to count it, and no action of a person makes a message unread except
//! "mark unread".

pub(crate) mod actions;
pub(crate) mod count;
pub(crate) mod find;
pub(crate) mod known;
pub(crate) mod list;
pub(crate) mod summary;
mod team;
