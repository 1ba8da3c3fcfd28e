//! Bytes of files become what can be shown of them: lengths, waveforms.
//!
//! Invariants: the bytes are hostile, so every work has a limit that is known before it begins; no file, no clock, and not
//! a word of the inbox.

mod ogg;
pub(crate) mod voice;
