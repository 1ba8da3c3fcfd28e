//! Messages: reading them a page at a time, and inserting them.

pub(crate) mod insert;
pub(crate) mod order;
pub(crate) mod page;
