//! A stage for the screen: a store made by hand, keys as text, the screen as text.
//!
//! Invariant: no terminal, no clock, no file.

mod backend;
mod stage;
mod world;

pub use stage::{Stage, key};
pub use world::{Fake, NOW, account_name, carries_everything, minutes_ago};
