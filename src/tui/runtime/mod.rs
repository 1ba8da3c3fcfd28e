//! Runs the screen on a terminal and an engine: the event loop, and one file per kind of effect.
//!
//! Invariant: there is no tick. The loop sleeps until something comes or something on the screen ages.

mod clipboard;
mod clipboard_picture;
mod desktop;
mod editor;
mod event_loop;
mod files;
mod gateway;
mod links;
mod login;
mod notify;
mod paint;
mod pictures;
mod pixels;
mod player;
mod previews;
pub(crate) mod reads;
mod settings;
mod signals;
mod terminal;
pub(crate) mod writes;
pub use event_loop::{Options, Outcome, run};
