//! The steps that can be undone, as values that the model holds.

use crate::domain::ConversationId;
use crate::text::Clean;
use crate::tui::effect::Write;
use crate::tui::message::WriteKind;

/// How many steps can be undone.
const STEPS: usize = 10;

/// A write that a person asked for, and the write that takes it back.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) conversation: ConversationId,
    /// The conversation's name as it is shown.
    pub(crate) name: Clean,
    pub(crate) done: WriteKind,
    pub(crate) inverse: Write,
}

/// What was done lately and can be undone, the newest last.
#[derive(Debug, Default)]
pub(crate) struct UndoStack {
    pub(crate) steps: Vec<Step>,
    /// Writes that undo something, whose own notice is not shown, in the order in which they will be answered.
    pub(crate) undoing: Vec<WriteKind>,
    /// The effects of the present message undo something, and are not undone in turn.
    pub(crate) is_undoing: bool,
}

impl UndoStack {
    /// Whether there is nothing to undo.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds the newest step; the oldest one goes where there are too many.
    pub(crate) fn push(&mut self, step: Step) {
        if self.steps.len() == STEPS {
            self.steps.remove(0);
        }
        self.steps.push(step);
    }
}
