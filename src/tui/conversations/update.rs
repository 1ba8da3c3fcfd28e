//! What keys do in the conversation list.
//!
//! Invariant: moving over a conversation reads nothing and marks nothing.
use crossterm::event::{KeyCode, KeyEvent};

use super::state::{End, PAGE};
use crate::domain::conversation::{ConversationOrder, ConversationRange};
use crate::domain::{ConversationId, ConversationState, Timestamp};
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::commands::undo;
use crate::tui::effect::{Effect, Read, Write};
use crate::tui::{composer, thread};

/// Selects another row by one row, one page, or to either end of the list.
pub(crate) fn move_selection(model: &mut Model, command: Command) -> Vec<Effect> {
    let list = &mut model.conversations;
    let current = list.selected_index().unwrap_or(0);
    let page = list.visible.1.max(2) - 1;
    let index = match command {
        Command::Down => current + 1,
        Command::Up => current.saturating_sub(1),
        Command::PageDown => current + page,
        Command::PageUp => current.saturating_sub(page),
        Command::Top if list.more_above => return go_to(model, End::Top),
        Command::Top => 0,
        _ if list.more_below => return go_to(model, End::Bottom),
        _ => list.len().saturating_sub(1),
    };
    list.fill_pane = true;
    list.select_index(index);
    Vec::new()
}

/// Changes what the list shows.
pub(crate) fn set_filter(model: &mut Model, command: Command) -> Vec<Effect> {
    let filter = &mut model.conversations.filter;
    match command {
        Command::Filter => {
            filter.typing = true;
            return Vec::new();
        }
        Command::UnreadOnly => filter.unread = !filter.unread,
        Command::ListOrder => {
            filter.order = match filter.order {
                ConversationOrder::Queue => ConversationOrder::Activity,
                ConversationOrder::Activity => ConversationOrder::Queue,
            };
        }
        _ => {
            filter.state = match filter.state {
                Some(ConversationState::Open) => None,
                None => Some(ConversationState::Snoozed),
                Some(ConversationState::Snoozed) => Some(ConversationState::Resolved),
                Some(ConversationState::Resolved) => Some(ConversationState::Open),
            };
        }
    }
    reload(model)
}

/// Reads the list from its top.
pub(crate) fn reload(model: &mut Model) -> Vec<Effect> {
    let range = model.conversations.restart();
    vec![read(model, range, PAGE)]
}

/// Reads the same part of the list again.
pub(crate) fn reload_in_place(model: &mut Model) -> Effect {
    let (range, limit) = model.conversations.restart_in_place();
    read(model, range, limit)
}

/// Selects the row at an end of the list, however far away that is.
fn go_to(model: &mut Model, end: End) -> Vec<Effect> {
    let range = model.conversations.restart_at(end);
    vec![read(model, range, PAGE)]
}

/// Reads the page above or below the loaded rows, unless a page is being read or there is none.
pub(crate) fn read_part(model: &mut Model, end: End) -> Option<Effect> {
    let range = model.conversations.next_part(end)?;
    Some(read(model, range, PAGE))
}

fn read(model: &Model, range: ConversationRange, limit: usize) -> Effect {
    let list = &model.conversations;
    Effect::Read(Read::Conversations { generation: list.generation, filter: list.filter.query(), range, limit })
}

/// Shows everything again if something is filtered.
pub(crate) fn clear_filter(model: &mut Model) -> Vec<Effect> {
    let filter = &mut model.conversations.filter;
    let filtered = filter.unread || !filter.text.is_empty();
    filter.typing = false;
    filter.unread = false;
    filter.text.clear();
    if filtered { reload(model) } else { Vec::new() }
}

/// Handles a key while the filter is typed: letters filter, arrows move, Enter opens. Returns `None` when the key is
/// not for the filter.
pub(crate) fn filter_key(model: &mut Model, key: &KeyEvent) -> Option<Vec<Effect>> {
    let effects = match key.code {
        KeyCode::Esc => clear_filter(model),
        KeyCode::Enter => open_filtered(model),
        KeyCode::Up => move_selection(model, Command::Up),
        KeyCode::Down => move_selection(model, Command::Down),
        KeyCode::PageUp => move_selection(model, Command::PageUp),
        KeyCode::PageDown => move_selection(model, Command::PageDown),
        KeyCode::Tab => stop_typing(model),
        KeyCode::Backspace if model.conversations.filter.text.is_empty() => stop_typing(model),
        _ => match model.conversations.filter.text.key(key) {
            Some(true) => reload(model),
            Some(false) => Vec::new(),
            None => return None,
        },
    };
    Some(effects)
}

fn stop_typing(model: &mut Model) -> Vec<Effect> {
    model.conversations.filter.typing = false;
    Vec::new()
}

fn open_filtered(model: &mut Model) -> Vec<Effect> {
    model.conversations.filter.typing = false;
    if model.conversations.reading {
        // The selected row belongs to the filter before: wait for the rows, and hold what is typed meanwhile.
        model.conversations.open_first = true;
        return composer::draft::hold_input_for_conversation(model);
    }
    match model.conversations.selected {
        Some(id) => thread::open::open(model, id, None),
        None => Vec::new(),
    }
}

/// Resolves the conversation, or opens it again.
pub(crate) fn resolve(model: &mut Model) -> Vec<Effect> {
    let Some(subject) = model.subject() else { return Vec::new() };
    let state = match subject.state {
        ConversationState::Open | ConversationState::Snoozed => ConversationState::Resolved,
        ConversationState::Resolved => ConversationState::Open,
    };
    let conversation = subject.id;
    set_state(model, conversation, state, None)
}

/// Sets the state. A conversation that the filter no longer shows leaves the list at once.
pub(crate) fn set_state(
    model: &mut Model,
    conversation: ConversationId,
    state: ConversationState,
    until: Option<Timestamp>,
) -> Vec<Effect> {
    undo::record_state(model, conversation, state);
    if model.conversations.filter.state.is_some_and(|shown| shown != state) {
        model.conversations.remove_row(conversation);
        if model.open_id() == Some(conversation) {
            model.focus = Pane::List;
        }
    }
    vec![Effect::Write(Write::SetState { conversation, state, until })]
}

/// Marks the conversation as unread and closes it, so that seeing it does not mark it read again.
pub(crate) fn mark_unread(model: &mut Model) -> Vec<Effect> {
    let Some(conversation) = model.subject().map(|c| c.id) else { return Vec::new() };
    let mut effects = Vec::new();
    undo::record_unread(model, conversation);
    if model.open_id() == Some(conversation) {
        effects = thread::open::close(model);
    }
    effects.push(Effect::Write(Write::MarkUnread { conversation }));
    effects
}
