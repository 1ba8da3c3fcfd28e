//! The composer beside its conversation: the draft, whether it is kept, and what waits for an answer.
//!
//! Invariant: no text leaves this place before the store has it.

use std::collections::VecDeque;

use crossterm::event::KeyEvent;

use crate::domain::{ConversationId, Message, Timestamp};
use crate::tui::widgets::text_editor::TextEditor;

/// What came for the composer while it was waiting; done in order once the answer is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A key.
    Key(KeyEvent),
    /// Pasted text.
    Paste(String),
}

/// What the composer waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// The conversation is being opened; its draft is to come.
    Draft,
    /// This text is being put into the outbox.
    Sending(String),
}

/// A text that was being sent when the conversation was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    /// Which conversation.
    pub conversation: ConversationId,
    /// What was being sent.
    pub sent: String,
    /// What was typed after it.
    pub after: String,
}

/// The composer and its conversation.
#[derive(Debug, Default)]
pub struct Compose {
    /// Whose draft it is.
    pub conversation: Option<ConversationId>,
    /// The draft.
    pub composer: TextEditor,
    /// What it waits for.
    pub waiting: Option<Waiting>,
    /// What came meanwhile.
    pub held: Vec<Held>,
    /// Drafts that the store will hold in a moment, oldest first; a message that is being sent leaves none.
    pub under_way: VecDeque<(ConversationId, String)>,
    /// The draft that was under way when the conversation was asked for: what the store reads may be older.
    pub expected: Option<String>,
    /// When the draft is to be kept, if it changed since.
    pub due: Option<Timestamp>,
    /// Messages of the conversation that came while it was being opened.
    pub early: Vec<Message>,
    /// What is objected to the draft, in rows of the pane's width; measured by `settle`.
    pub objection: Vec<String>,
    /// Texts on their way whose conversations were left.
    pub partings: Vec<Parting>,
}

impl Compose {
    /// A conversation's draft, where the store's word may be out of date.
    pub fn draft_under_way(&self, conversation: ConversationId) -> Option<&str> {
        self.under_way.iter().rev().find(|(id, _)| *id == conversation).map(|(_, text)| text.as_str())
    }

    /// Whether a text is being sent.
    pub fn is_sending(&self) -> bool {
        matches!(self.waiting, Some(Waiting::Sending(_)))
    }
}
