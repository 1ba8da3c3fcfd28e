//! What keys do in the composer.
//!
//! Invariant: every edit of the draft lets it be saved.

use super::draft;
use super::state::{HeldInput, Pending};
use crate::domain::{Content, ConversationId, SendOptions, Timestamp};
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Origin, TerminalAction, Write};
use crate::tui::widgets::text_editor::edit::{Edit, from_key};
use crossterm::event::KeyEvent;

/// Types a key into the draft.
pub(crate) fn type_key(model: &mut Model, key: &KeyEvent) {
    let Some(edit) = from_key(key) else { return };
    let goes_up = edit == Edit::Up;
    let before = model.composer.editor.revision();
    let moved = model.composer.editor.apply(edit);
    if model.composer.editor.revision() != before {
        draft::mark_changed(model);
    } else if goes_up && !moved && model.composer.editor.is_empty() && model.thread.is_some() {
        // Up out of an empty composer goes to the messages.
        model.focus = Pane::Thread;
    }
}

/// Inserts a pasted text into the draft.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.composer.pending.is_some() {
        model.composer.held_input.push_back(HeldInput::Paste(text.to_owned()));
        return Vec::new();
    }
    model.composer.editor.apply(Edit::Paste(text.to_owned()));
    draft::mark_changed(model);
    Vec::new()
}

/// Sends the draft, breaks the line, does again what was taken back, or opens the editor.
pub(crate) fn run_command(model: &mut Model, command: Command) -> Vec<Effect> {
    match (command, model.composer.conversation) {
        (Command::NewLine | Command::Redo, _) => {
            let edit = if command == Command::Redo { Edit::Redo } else { Edit::Newline };
            if model.composer.editor.apply(edit) {
                draft::mark_changed(model);
            }
            Vec::new()
        }
        (Command::Send, Some(conversation)) => send_draft(model, conversation, SendOptions::default()),
        (Command::Editor, Some(conversation)) => {
            let mut effects = draft::save_now(model);
            effects.push(Effect::Terminal(TerminalAction::Edit { conversation, text: model.composer.editor.text() }));
            effects
        }
        _ => Vec::new(),
    }
}

/// Sends the draft although another agent has answered a moment ago.
pub(crate) fn send_despite_answer(model: &mut Model, conversation: ConversationId) -> Vec<Effect> {
    if model.composer.conversation != Some(conversation) || model.composer.pending.is_some() {
        return Vec::new();
    }
    send_draft(model, conversation, SendOptions { ignore_answer: true, ..SendOptions::default() })
}

/// Lets the draft be sent at a time.
pub(crate) fn send_at(model: &mut Model, conversation: ConversationId, at: Timestamp) -> Vec<Effect> {
    if model.composer.conversation != Some(conversation) || model.composer.pending.is_some() {
        return Vec::new();
    }
    send_draft(model, conversation, SendOptions { at: Some(at), ..SendOptions::default() })
}

fn send_draft(model: &mut Model, conversation: ConversationId, options: SendOptions) -> Vec<Effect> {
    let text = model.composer.editor.text();
    let body = text.trim_end().to_owned();
    model.composer.pending = Some(Pending::Send(text));
    // The store deletes the draft in the transaction that writes the message.
    model.composer.save_at = None;
    let options = SendOptions { quote: model.composer.quote.as_ref().map(|quote| quote.message), ..options };
    vec![Effect::Write(Write::Send {
        conversation,
        content: Content::Text { body },
        origin: Origin::Composer,
        options,
    })]
}
