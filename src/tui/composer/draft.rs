//! The draft: when it is saved, and what becomes of it when its conversation is opened or left.
//!
//! Invariant: a draft is never lost: it is in the editor, in the store, or on its way there.

use std::collections::VecDeque;
use std::time::Duration;

use super::state::{DetachedSend, HeldInput, Pending};
use crate::tui::app::state::{Model, Pane};
use crate::tui::effect::{Effect, Write};
use crate::tui::widgets::text_editor::TextEditor;
use crate::tui::widgets::text_editor::edit::{Edit, from_key};
use crossterm::event::KeyCode;

/// How long after the last edit a draft is saved.
const SAVE_DELAY: Duration = Duration::from_millis(300);

/// How long after the last edit the agent is said to be writing.
const WRITING: Duration = Duration::from_secs(8);

/// The draft was edited: it will be saved, and a notice about the text before is out of date.
pub(crate) fn mark_changed(model: &mut Model) {
    model.notice = model.notice.take().filter(|notice| notice.stays);
    model.composer.writing_until = (!model.composer.editor.is_empty()).then(|| model.now.plus(WRITING));
    schedule_save(model);
}

/// Lets the draft be saved a moment later; a notice stays.
pub(crate) fn schedule_save(model: &mut Model) {
    model.composer.save_at = Some(model.now.plus(SAVE_DELAY));
}

/// Saves the draft now, if it has changed since it was saved.
pub(crate) fn save_now(model: &mut Model) -> Vec<Effect> {
    if model.composer.save_at.take().is_none() || model.composer.pending.is_some() {
        return Vec::new();
    }
    let text = model.composer.editor.text();
    let save = |conversation| Effect::Write(Write::SaveDraft { conversation, text });
    model.composer.conversation.map(save).into_iter().collect()
}

/// Leaves the composer's conversation. A message that is being sent is sent all the same.
pub(crate) fn leave_conversation(model: &mut Model) -> Vec<Effect> {
    let effects = save_now(model);
    let composer = &mut model.composer;
    if let (Some(conversation), Some(Pending::Send(text))) = (composer.conversation, composer.pending.take()) {
        let typed_ahead = text_of(std::mem::take(&mut composer.held_input));
        composer.detached_sends.push(DetachedSend { conversation, text, typed_ahead });
    }
    composer.held_input.clear();
    composer.early_messages.clear();
    composer.save_at = None;
    composer.writing_until = None;
    composer.quote = None;
    composer.conversation = None;
    composer.editor = TextEditor::new();
    effects
}

/// Holds all input for a conversation that will be opened as soon as it is known which one that is.
pub(crate) fn hold_input_for_conversation(model: &mut Model) -> Vec<Effect> {
    let effects = leave_conversation(model);
    model.thread = None;
    model.focus = Pane::Composer;
    model.composer.pending = Some(Pending::Draft);
    effects
}

/// The text that held input would have typed.
fn text_of(held: VecDeque<HeldInput>) -> String {
    let mut editor = TextEditor::new();
    for input in held {
        match input {
            HeldInput::Paste(text) | HeldInput::TakenBack(text) => editor.apply(Edit::Paste(text)),
            HeldInput::Key(key) if key.code == KeyCode::Enter => editor.apply(Edit::Newline),
            HeldInput::Key(key) => from_key(&key).is_some_and(|edit| editor.apply(edit)),
        };
    }
    editor.text()
}

/// Puts the opened conversation's draft into the editor, which also ends the holding of input.
pub(crate) fn show(model: &mut Model, draft: &str) {
    if model.composer.pending == Some(Pending::Draft) {
        model.composer.editor = TextEditor::open(draft);
        model.composer.quote = model.composer.conversation.and_then(|conversation| model.begun.quote(conversation));
        model.composer.pending = None;
    }
}
