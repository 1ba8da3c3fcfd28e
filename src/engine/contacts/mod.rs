//! Address books: CSV files, import to the gateway, and the local copy.

pub mod csv;
pub mod import;
pub mod sync;
