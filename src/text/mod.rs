//! Text without a word of the inbox: cleaning, widths, wrapping, spans of time.
//!
//! Invariant: nothing here knows what a message is.
