//! From a webhook to the store: received as raw bytes, interpreted, replied to by rules.

pub(crate) mod ingest;
pub(crate) mod interpret;
pub(crate) mod metrics;
mod redact_old;
pub(crate) mod rules;
mod write_check;
