//! The composer's state: the draft, whether it is saved, and what the composer waits for.
//!
//! Invariant: no text leaves this state before the store has it.

use crate::domain::{ConversationId, Message, MessageId, Timestamp};
use crate::tui::widgets::text_editor::TextEditor;
use crossterm::event::{KeyCode, KeyEvent};
use std::collections::VecDeque;

/// Input that came while the composer was waiting; handled in order once the answer is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeldInput {
    Key(KeyEvent),
    Paste(String),
    /// The text of a message that was taken back. The draft that is being read may already begin with it.
    TakenBack(String),
}

/// An answer that the composer waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// The draft of a conversation that is being opened.
    Draft,
    /// The result of putting this text into the outbox.
    Send(String),
}

/// The message that a draft answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedMessage {
    pub message: MessageId,
    /// The message in one line, clean.
    pub(crate) line: String,
}

/// A text whose conversation was left before the text was in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DetachedSend {
    pub conversation: ConversationId,
    pub text: String,
    /// What was typed ahead after it.
    pub(crate) typed_ahead: String,
}

/// The draft of one conversation, with what is being saved, sent or waited for.
#[derive(Debug, Default)]
pub struct ComposerState {
    /// The conversation whose draft this is.
    pub conversation: Option<ConversationId>,
    pub editor: TextEditor,
    pub pending: Option<Pending>,
    /// Input that came while an answer is pending.
    pub(crate) held_input: VecDeque<HeldInput>,
    /// Drafts that are being written to the store, oldest first; a message that is being sent leaves an empty one.
    pub(crate) draft_writes: VecDeque<(ConversationId, String)>,
    /// The draft that was being written when the conversation was asked for: what the store reads may be older.
    pub(crate) expected_draft: Option<String>,
    /// When the draft is to be saved, if it has changed since it was.
    pub save_at: Option<Timestamp>,
    /// Until when the agent is said to be writing.
    pub(crate) writing_until: Option<Timestamp>,
    /// Messages that came while their conversation was being opened.
    pub(crate) early_messages: Vec<Message>,
    /// The message that the draft answers.
    pub quote: Option<QuotedMessage>,
    /// The objection to the draft, in rows of the pane's width; measured by `layout`.
    pub objection: Vec<String>,
    pub(crate) detached_sends: Vec<DetachedSend>,
}

impl ComposerState {
    /// A conversation's newest draft that the store may not have yet.
    pub(crate) fn draft_being_written(&self, conversation: ConversationId) -> Option<&str> {
        self.draft_writes.iter().rev().find(|(id, _)| *id == conversation).map(|(_, text)| text.as_str())
    }

    /// Whether the draft is being put into the outbox, so that it must not change.
    pub(crate) fn is_sending(&self) -> bool {
        matches!(self.pending, Some(Pending::Send(_)))
    }

    /// The next held input, once nothing is pending any more.
    pub(crate) fn next_input(&mut self) -> Option<HeldInput> {
        if self.pending.is_some() { None } else { self.held_input.pop_front() }
    }

    /// Drops every Enter that was typed ahead, so that what follows a failed message is not sent unseen.
    pub(crate) fn drop_held_enters(&mut self) {
        self.held_input.retain(|input| !matches!(input, HeldInput::Key(key) if key.code == KeyCode::Enter));
    }
}
