//! The structure of the source tree: layers, imports inside a module, documentation comments.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may stop at what it did not expect")]

mod cycles;
mod docs;
mod edges;
mod source;
