//! The sandbox over real loopback HTTP: documented responses, signed events, repeated deliveries, seeded faults.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what it did not expect"
)]

mod customers;
mod faults;
mod gateways;
mod kit;
mod webhooks;
