//! The screen on a screen: no terminal, no clock, no file.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test may stop at what it did not expect, and its screen is read by the tests beside it only"
)]

mod customer;
mod key_screens;
mod kit;
mod picture;
mod scenes;
mod screens;
#[cfg(unix)]
mod terminal;
mod themes;
