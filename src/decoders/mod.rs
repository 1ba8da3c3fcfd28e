//! Bytes of customers' files become what can be shown of them: pixels of pictures, lengths and waveforms of voice notes,
//! pages of documents.
//!
//! Invariants: the bytes are hostile, so every work has a limit that is known before it begins, and none of them makes a
//! decoder panic; no file, no clock, and not a word of the inbox.

mod ogg;
pub(crate) mod pdf;
pub(crate) mod picture;
pub(crate) mod voice;
