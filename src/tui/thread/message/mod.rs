//! A message as rows of the screen. The rows that are counted are the rows that are drawn: nothing is measured twice.

pub(crate) mod content;
pub(crate) mod context;
mod flags;
pub(crate) mod headline;
mod media;
pub(crate) mod notes;
pub(crate) mod preview;
mod private_note;
pub(crate) mod render;
pub(crate) mod row;
mod unsupported;
mod voice;

pub(crate) use content::{has_links, links, map_link};
pub(crate) use media::bytes;
pub(crate) use preview::preview;
