//! From a webhook to the store: ingested as raw bytes, interpreted, answered by rules.

pub mod ingest;
pub mod interpret;
pub mod rules;
