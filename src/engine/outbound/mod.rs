//! From the outbox to the gateway: sending, queries, and the rate limit of both.

mod attempt;
pub(crate) mod deliver;
mod file_link;
mod gate;
pub(crate) mod http;
pub(crate) mod owner;
pub(crate) mod query;
mod retry_after;
pub(crate) mod sender;
