//! Text in a terminal: cleaning, widths, wrapping, relative times, links.
//!
//! Invariant: nothing here depends on the inbox, and nothing here draws.

pub(crate) mod ago;
mod ascii;
pub(crate) mod clean;
pub(crate) mod excerpt;
pub(crate) mod fold;
mod invisible;
mod joiners;
pub(crate) mod link;
pub(crate) mod width;
pub(crate) mod wrap;

pub(crate) use ago::Ago;
pub(crate) use ascii::{to_ascii, to_ascii_cell};
pub(crate) use clean::Clean;
pub(crate) use invisible::escape_json;
pub use width::cells;
pub(crate) use width::truncate;
pub(crate) use wrap::{Row, wrap, wrap_for_cursor};
