//! From the outbox to the gateway: sending, queries, and the rate limit of both.

pub(crate) mod deliver;
pub(crate) mod http;
pub(crate) mod limits;
pub(crate) mod query;
pub(crate) mod sender;
