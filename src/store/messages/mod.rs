//! Messages: reading them a page at a time, inserting and deleting them.

pub(crate) mod delete;
pub(crate) mod insert;
pub(crate) mod order;
pub(crate) mod page;
