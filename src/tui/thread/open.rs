//! Opens and closes a conversation.
//!
//! Invariant: only the conversation that was asked for last is shown.
use super::hits::SearchHits;
use super::state::{Anchor, Thread};
use crate::domain::{ConversationId, MessageId, StoreError};
use crate::tui::app::state::{Model, Pane};
use crate::tui::composer::draft;
use crate::tui::composer::state::Pending;
use crate::tui::effect::{Effect, Read};
use crate::tui::message::Snapshot;
use crate::tui::overlays::gone;

/// On a screen lower than this a conversation is opened at its newest message, else at its first unread one.
const TALL: u16 = 16;

/// Opens a conversation. The composer gets the keys or, when a message is to be shown, the thread does.
pub(crate) fn open(model: &mut Model, id: ConversationId, at: Option<MessageId>) -> Vec<Effect> {
    model.after_open = None;
    model.notice = None;
    model.conversations.filter.typing = false;
    model.focus = if at.is_some() { Pane::Thread } else { Pane::Composer };
    model.conversations.select(id);
    if model.open_id() == Some(id) && at.is_none() && model.composer.conversation == Some(id) {
        return Vec::new();
    }
    let mut effects = draft::leave_conversation(model);
    model.composer.conversation = Some(id);
    model.composer.pending = Some(Pending::Draft);
    model.composer.expected_draft = model.composer.draft_being_written(id).map(str::to_owned);
    effects.push(Effect::Read(Read::Conversation { conversation: id, at }));
    effects
}

/// Opens the next or the previous hit of the last search, and says which of them it is.
pub(crate) fn open_hit(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some((conversation, message)) = model.hits.as_mut().and_then(|hits| hits.step(forward)) else {
        return Vec::new();
    };
    let effects = open(model, conversation, Some(message));
    let place = model.hits.as_ref().map(SearchHits::place).unwrap_or_default();
    model.notify(&place, false);
    effects
}

/// Closes the open conversation.
pub(crate) fn close(model: &mut Model) -> Vec<Effect> {
    let effects = draft::leave_conversation(model);
    model.thread = None;
    model.focus = Pane::List;
    effects
}

/// Takes away a conversation that was deleted, with what is typed in it.
pub(crate) fn forget(model: &mut Model, id: ConversationId) {
    if model.subject().is_some_and(|subject| subject.id == id) {
        gone::close_about(model, id);
    }
    model.conversations.remove_row(id);
    if model.composer.conversation != Some(id) && model.open_id() != Some(id) {
        return;
    }
    // The draft went with the conversation, so it is not saved.
    drop(draft::leave_conversation(model));
    model.composer.held_input.clear();
    model.thread = None;
    model.focus = Pane::List;
    model.notify(&model.strings().notices.gone, false);
}

/// Takes away a message that was deleted.
pub(crate) fn forget_message(model: &mut Model, id: MessageId) {
    model.composer.early_messages.retain(|message| message.id != id);
    if let Some(thread) = model.thread.as_mut() {
        thread.remove(id);
    }
}

/// Shows the conversation that was read, unless another one was opened since.
pub(crate) fn show_snapshot(
    model: &mut Model,
    conversation: ConversationId,
    snapshot: Result<Option<Box<Snapshot>>, StoreError>,
) {
    if model.composer.conversation != Some(conversation) {
        return;
    }
    let snapshot = match snapshot {
        Ok(Some(snapshot)) => *snapshot,
        Ok(None) => {
            model.notify(&model.strings().notices.gone, true);
            return abandon(model);
        }
        Err(error) => {
            model.notify_not_read(&error);
            return abandon(model);
        }
    };
    let at = snapshot.at.filter(|id| snapshot.messages.iter().any(|m| m.id == *id));
    let mut thread = Thread::new(snapshot.conversation.clone(), snapshot.messages, snapshot.older, snapshot.newer);
    thread.set_divider(snapshot.first_unread);
    if let Some(id) = at {
        thread.selected = Some(id);
        thread.anchor = Anchor::Top { message: id, row: -3 };
        thread.reveal_selected = true;
    } else if let Some(first) = snapshot.first_unread.filter(|_| model.areas.screen.height >= TALL) {
        // `layout` turns this into "at the bottom" when everything unread fits.
        if let Some(entry) = thread.entries.iter().find(|e| e.message.order >= first) {
            thread.anchor = Anchor::Top { message: entry.message.id, row: -3 };
        }
    }
    for message in std::mem::take(&mut model.composer.early_messages) {
        thread.apply_change(message, true);
    }
    model.conversations.apply_change(snapshot.conversation, true);
    model.conversations.select(conversation);
    model.thread = Some(thread);
    // A reader who comes back at once may be quicker than the write of the draft.
    let being_written = model.composer.draft_being_written(conversation).map(str::to_owned);
    let stored = being_written.or(model.composer.expected_draft.take()).unwrap_or(snapshot.draft);
    draft::show(model, &stored);
}

/// Goes back to the list when the conversation cannot be opened.
fn abandon(model: &mut Model) {
    model.composer.pending = None;
    model.composer.held_input.clear();
    model.composer.conversation = None;
    model.thread = None;
    model.focus = Pane::List;
}
