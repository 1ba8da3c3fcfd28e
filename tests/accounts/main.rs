//! From nothing to connected, on a stage: the welcome, the account form, the login by QR code, the list of accounts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test may stop at what it did not expect, and its stage is read by the tests beside it only"
)]

mod codes;
mod scenes;
mod screens;
mod stage;
