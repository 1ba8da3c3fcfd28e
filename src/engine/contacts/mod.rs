//! Address books: the gateway's, a CRM's, and the local copy.

pub mod csv;
pub mod import;
pub mod sync;
