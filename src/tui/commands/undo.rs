//! What can be undone: states, read marks, assignees and labels of conversations, a few steps back.
//!
//! Invariant: what is undone is as it was before, or is left alone because something else has changed it meanwhile.

use super::registry::{Command, KeyContext};
use super::undo_stack::Step;
use crate::domain::{Conversation, ConversationId, ConversationState, MessageId};
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::fill;
use crate::tui::message::WriteKind;

/// A change of a conversation's state is about to be written.
pub(crate) fn record_state(model: &mut Model, id: ConversationId, state: ConversationState) {
    if let Some(before) = model.conversation(id).cloned() {
        let inverse = Write::SetState { conversation: id, state: before.state, until: before.snoozed_until };
        record(model, &before, WriteKind::SetState(state), inverse);
    }
}

/// A conversation is about to be marked unread. One that is unread already stays as it is.
pub(crate) fn record_unread(model: &mut Model, id: ConversationId) {
    if let Some(before) = model.conversation(id).filter(|before| before.unread == 0).cloned() {
        // Nothing was unread, so every message was seen.
        let inverse = Write::MarkSeen { conversation: id, message: MessageId(i64::MAX) };
        record(model, &before, WriteKind::MarkUnread, inverse);
    }
}

/// Records the effects that say themselves what was before.
pub(crate) fn record_effects(model: &mut Model, effects: &[Effect]) {
    if std::mem::take(&mut model.undo.is_undoing) {
        return;
    }
    for effect in effects {
        let (id, done, inverse) = match effect {
            Effect::Write(Write::Assign { conversation, to, from }) => {
                let done = if to.is_some() { WriteKind::Assign } else { WriteKind::Unassign };
                let inverse = Write::Assign { conversation: *conversation, to: from.clone(), from: to.clone() };
                (*conversation, done, inverse)
            }
            Effect::Write(Write::EditLabels { conversation, add, remove }) => {
                let inverse =
                    Write::EditLabels { conversation: *conversation, add: remove.clone(), remove: add.clone() };
                (*conversation, WriteKind::EditLabels, inverse)
            }
            _ => continue,
        };
        if let Some(before) = model.conversation(id).cloned() {
            record(model, &before, done, inverse);
        }
    }
}

fn record(model: &mut Model, before: &Conversation, done: WriteKind, inverse: Write) {
    let name = Model::title(before, model.country());
    model.undo.push(Step { conversation: before.id, name, done, inverse });
}

/// Undoes the newest step.
pub(crate) fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(step) = model.undo.steps.pop() else { return Vec::new() };
    let strings = &model.strings().notices;
    let marked = model.conversation(step.conversation).map(|now| now.unread);
    if step.done == WriteKind::MarkUnread && marked.is_some_and(|unread| unread > 1) {
        let text = fill(&strings.undo_too_late, &[("name", step.name.as_str())]);
        model.notify(&text, true);
        return Vec::new();
    }
    let kind = match &step.inverse {
        Write::SetState { state, .. } => WriteKind::SetState(*state),
        Write::Assign { to: Some(_), .. } => WriteKind::Assign,
        Write::Assign { to: None, .. } => WriteKind::Unassign,
        Write::EditLabels { .. } => WriteKind::EditLabels,
        _ => WriteKind::MarkSeen,
    };
    model.undo.undoing.push(kind);
    model.undo.is_undoing = true;
    let more = !model.undo.is_empty();
    let text = fill(&strings.undone, &[("name", step.name.as_str())]);
    offer(model, &text, more);
    vec![Effect::Write(step.inverse)]
}

/// Whether a write that has ended was one that undid something.
pub(crate) fn was_undoing(model: &mut Model, write: WriteKind) -> bool {
    let undoing = &mut model.undo.undoing;
    let found = undoing.iter().position(|kind| *kind == write);
    found.map(|index| undoing.remove(index)).is_some()
}

/// Says what was done; where it is the newest step, to whom, and how it is undone.
pub(crate) fn notify(model: &mut Model, done: WriteKind, what: &str) {
    match model.undo.steps.last().filter(|step| step.done == done).map(|step| step.name.clone()) {
        Some(name) => offer(model, &format!("{name}: {what}"), true),
        None => model.notify(what, false),
    }
}

/// Shows a sentence with the key that undoes the newest step, if there is one.
fn offer(model: &mut Model, sentence: &str, possible: bool) {
    let key = model.keymap.first_key(KeyContext::Anywhere, Command::Undo).filter(|_| possible);
    let Some(key) = key else { return model.notify(sentence, false) };
    // While the notice is shown, the last key of the sequence is enough.
    let letter = key.chords().last().map(ToString::to_string).unwrap_or_default();
    let places = [("what", sentence), ("key", letter.as_str())];
    let text = fill(&model.strings().notices.undo_offered, &places);
    model.notify(&text, false);
    if let Some(notice) = model.notice.as_mut() {
        notice.undo = key.chords().last().copied();
    }
}
