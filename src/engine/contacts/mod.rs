//! Address books: CSV files, import to the gateway, and the local copy.

pub(crate) mod csv;
pub(crate) mod import;
pub(crate) mod sync;
