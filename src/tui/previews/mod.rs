//! Small forms of customers' files in the thread: half blocks of pictures, waveforms of voice notes, pages of documents.
//!
//! Invariant: they are made outside the screen's thread, only for what is visible, and kept in a bounded cache; a
//! message has its height before its preview is there.

pub(crate) mod cache;
pub(crate) mod files;
pub(crate) mod playback;
pub(crate) mod preview;
