//! A screen for tests: a store made by hand, keys as text in, the screen as text out.
//!
//! Invariant: no terminal, no clock, no file.

mod answers;
mod customers;
mod media;
mod screen;
mod store;

pub use answers::answer;
pub use media::add_file;
pub use screen::{TestScreen, key};
pub use store::{FakePreview, FakeStore, NOW, account_name, carries_everything, minutes_ago, pdf};
