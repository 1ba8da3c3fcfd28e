//! Text in a terminal: cleaning, widths, wrapping, relative times, links.
//!
//! Invariant: nothing here depends on the inbox, and nothing here draws.

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
