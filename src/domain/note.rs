//! Private notes: what agents write to each other in a conversation.
//!
//! Invariant: a note is no [`Content`](super::Content), and nothing here or elsewhere makes one of it; the outbox takes
//! nothing but content, so a note cannot be sent.

/// The text of a private note, which is never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// `None` when the text is empty or white space only. White space at the end is dropped.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_end();
        (!text.trim().is_empty()).then(|| Note(text.to_owned()))
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
