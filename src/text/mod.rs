//! Text without a word of the inbox: cleaning, widths, wrapping, spans of time.
//!
//! Invariant: nothing here knows what a message is, and nothing here draws.

pub mod ago;
pub mod clean;
mod joiners;
pub mod link;
pub mod width;
pub mod wrap;

pub use ago::Ago;
pub use clean::Clean;
pub use width::{cells, pad, truncate};
pub use wrap::{Row, wrap, wrap_for_cursor};
