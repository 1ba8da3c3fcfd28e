//! From the outbox to the gateway: sending, querying, and the limits of both.

pub mod http;
pub mod limits;
pub mod query;
pub mod sender;
