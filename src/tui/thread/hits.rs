//! The hits of the search from which a message was opened, to go on from hit to hit.

use crate::domain::{ConversationId, MessageId};

/// The hits of a search in the order of its list, and the one that was opened last.
#[derive(Debug, Clone)]
pub(crate) struct SearchHits {
    all: Vec<(ConversationId, MessageId)>,
    at: usize,
}

impl SearchHits {
    /// Takes the hits and which of them is opened.
    pub(crate) fn new(all: Vec<(ConversationId, MessageId)>, at: usize) -> Self {
        SearchHits { all, at }
    }

    /// Goes to the next or the previous hit, from the last on to the first and back.
    pub(crate) fn step(&mut self, forward: bool) -> Option<(ConversationId, MessageId)> {
        let last = self.all.len().checked_sub(1)?;
        self.at = match (forward, self.at) {
            (true, at) if at >= last => 0,
            (true, at) => at + 1,
            (false, 0) => last,
            (false, at) => at - 1,
        };
        self.all.get(self.at).copied()
    }

    /// Which of how many hits is open: `3/17`.
    pub(crate) fn place(&self) -> String {
        format!("{}/{}", self.at + 1, self.all.len())
    }
}
