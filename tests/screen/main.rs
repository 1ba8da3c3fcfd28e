//! The screen on a stage: no terminal, no clock, no file.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test may stop at what it did not expect, and its stage is read by the tests beside it only"
)]

mod kit;
mod scenes;
mod screens;
#[cfg(unix)]
mod terminal;
