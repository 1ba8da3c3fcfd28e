//! What keys do in the conversation list.
//!
//! Invariant: moving over a conversation asks for nothing and marks nothing.

use crate::tui::effect::{Read, Write};
use crossterm::event::{KeyCode, KeyEvent};

use super::state::PAGE;
use crate::domain::ConversationState;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;
use crate::tui::{composer, thread};

/// Moves the choice.
pub(crate) fn travel(model: &mut Model, command: Command) {
    let inbox = &mut model.inbox;
    let here = inbox.selected_index().unwrap_or(0);
    let page = inbox.visible.1.max(2) - 1;
    let there = match command {
        Command::Down => here + 1,
        Command::Up => here.saturating_sub(1),
        Command::PageDown => here + page,
        Command::PageUp => here.saturating_sub(page),
        Command::Top => 0,
        _ => inbox.len().saturating_sub(1),
    };
    if there == 0 {
        inbox.top = None;
    }
    inbox.select_index(there);
}

/// Changes what the list shows.
pub(crate) fn set_filter(model: &mut Model, command: Command) -> Vec<Effect> {
    let filter = &mut model.inbox.filter;
    match command {
        Command::Filter => {
            filter.typing = true;
            return Vec::new();
        }
        Command::UnreadOnly => filter.unread = !filter.unread,
        _ => {
            filter.state = match filter.state {
                Some(ConversationState::Open) => None,
                None => Some(ConversationState::Snoozed),
                Some(ConversationState::Snoozed) => Some(ConversationState::Resolved),
                Some(ConversationState::Resolved) => Some(ConversationState::Open),
            };
        }
    }
    refilter(model)
}

/// Reads the list anew.
pub(crate) fn refilter(model: &mut Model) -> Vec<Effect> {
    model.inbox.restart();
    vec![Effect::Read(Read::List {
        generation: model.inbox.generation,
        filter: model.inbox.filter.query(),
        after: None,
        limit: PAGE,
    })]
}

/// Shows everything again, when something is filtered.
pub(crate) fn clear_filter(model: &mut Model) -> Vec<Effect> {
    let filter = &mut model.inbox.filter;
    let filtered = filter.unread || !filter.text.is_empty();
    filter.typing = false;
    filter.unread = false;
    filter.text.clear();
    if filtered { refilter(model) } else { Vec::new() }
}

/// A key while the filter is typed: letters filter, arrows move, Enter opens.
pub(crate) fn filter_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return clear_filter(model),
        KeyCode::Enter => {
            model.inbox.filter.typing = false;
            if model.inbox.reading {
                // What is chosen belongs to what was typed before: wait for the answer, and keep what is typed on.
                model.inbox.open_first = true;
                return composer::update::await_conversation(model);
            }
            return match model.inbox.selected {
                Some(id) => thread::update::open(model, id, None),
                None => Vec::new(),
            };
        }
        KeyCode::Up => travel(model, Command::Up),
        KeyCode::Down => travel(model, Command::Down),
        KeyCode::PageUp => travel(model, Command::PageUp),
        KeyCode::PageDown => travel(model, Command::PageDown),
        KeyCode::Tab => {
            model.inbox.filter.typing = false;
        }
        KeyCode::Backspace if model.inbox.filter.text.is_empty() => {
            model.inbox.filter.typing = false;
        }
        _ => {
            if let Some(changed) = model.inbox.filter.text.key(key) {
                return if changed { refilter(model) } else { Vec::new() };
            }
            if let Some(command) = model.keymap.command(KeyContext::Anywhere, key) {
                return crate::tui::commands::dispatch::run(model, command);
            }
        }
    }
    Vec::new()
}

/// Marks the conversation as done, or open again.
pub(crate) fn resolve(model: &mut Model) -> Vec<Effect> {
    let Some(subject) = model.subject() else { return Vec::new() };
    let state = match subject.state {
        ConversationState::Open | ConversationState::Snoozed => ConversationState::Resolved,
        ConversationState::Resolved => ConversationState::Open,
    };
    let conversation = subject.id;
    set_state(model, conversation, state, None)
}

/// Sets the state; what the filter no longer shows leaves the list at once.
pub(crate) fn set_state(
    model: &mut Model,
    conversation: crate::domain::ConversationId,
    state: ConversationState,
    until: Option<crate::domain::Timestamp>,
) -> Vec<Effect> {
    if model.inbox.filter.state.is_some_and(|shown| shown != state) {
        model.inbox.drop_row(conversation);
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
    if model.open_id() == Some(conversation) {
        effects = thread::update::close(model);
    }
    effects.push(Effect::Write(Write::MarkUnread { conversation }));
    effects
}
