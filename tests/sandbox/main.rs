//! The sandbox over real loopback HTTP: documented answers, signed events, deliveries again, bad days by seed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what it did not expect"
)]

mod chaos;
mod customers;
mod gateways;
mod kit;
mod webhooks;
