//! The steps that can be undone, as values.

use crate::domain::ConversationId;
use crate::text::Clean;
use crate::tui::effect::Write;
use crate::tui::message::WriteKind;

/// How many steps can be undone.
const STEPS: usize = 10;

/// A write that a person asked for, and the write that takes it back.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) conversation: ConversationId,
    /// The conversation's name as it is shown.
    pub(super) name: Clean,
    pub(super) done: WriteKind,
    pub(super) inverse: Write,
}

/// What was done lately and can be undone, the newest last.
#[derive(Debug, Default)]
pub(crate) struct UndoStack {
    pub(super) steps: Vec<Step>,
    /// Writes that undo something, whose own notice is not shown, in the order in which they will be answered.
    pub(super) undoing: Vec<WriteKind>,
    /// The effects of the present message undo something, and are not undone in turn.
    pub(super) is_undoing: bool,
}

impl UndoStack {
    /// Whether there is nothing to undo.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn push(&mut self, step: Step) {
        if self.steps.len() == STEPS {
            self.steps.remove(0);
        }
        self.steps.push(step);
    }
}
