//! From no account to a connected one: the welcome, the account form, the login by QR code, the list of accounts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test may stop at what it did not expect, and its screen is used by the tests beside it only"
)]

mod codes;
mod scenes;
mod screen;
mod screens;
