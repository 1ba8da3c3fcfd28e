//! What keys and answers do in the conversation.
//!
//! Invariant: a conversation becomes read by being seen, never by a key.

use super::message;
use super::state::{Anchor, Thread};
use super::state::{BEGINNING, PAGE};
use crate::domain::{ConversationId, Message, MessageId, Status};
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::composer;
use crate::tui::composer::state::Waiting;
use crate::tui::effect::{Effect, Window};
use crate::tui::effect::{Read, TerminalAction, Write};
use crate::tui::i18n::fill;
use crate::tui::message::Opening;
use crate::tui::overlays::confirm::Question;
use crate::tui::overlays::details::Details;
use crate::tui::overlays::links::Links;

/// Opens a conversation with the keys on the composer, or, at a message, on the conversation.
pub(crate) fn open(model: &mut Model, id: ConversationId, at: Option<MessageId>) -> Vec<Effect> {
    model.notice = None;
    model.inbox.filter.typing = false;
    model.focus = if at.is_some() { Pane::Thread } else { Pane::Composer };
    if model.inbox.get(id).is_some() {
        model.inbox.selected = Some(id);
    }
    if model.open_id() == Some(id) && at.is_none() && model.compose.conversation == Some(id) {
        return Vec::new();
    }
    let mut effects = composer::update::leave(model);
    model.compose.conversation = Some(id);
    model.compose.waiting = Some(Waiting::Draft);
    model.compose.expected = model.compose.draft_under_way(id).map(str::to_owned);
    effects.push(Effect::Read(Read::Conversation { conversation: id, at }));
    effects
}

/// Closes the open conversation.
pub(crate) fn close(model: &mut Model) -> Vec<Effect> {
    let effects = composer::update::leave(model);
    model.thread = None;
    model.focus = Pane::List;
    effects
}

/// Takes a conversation that was asked for, unless another one was asked for since.
pub(crate) fn take_opening(
    model: &mut Model,
    conversation: ConversationId,
    opening: Result<Option<Box<Opening>>, String>,
) -> Vec<Effect> {
    if model.compose.conversation != Some(conversation) {
        return Vec::new();
    }
    let words = &model.strings().notices;
    let opening = match opening {
        Ok(Some(opening)) => *opening,
        Ok(None) => {
            model.notify(&words.gone, true);
            return give_up(model);
        }
        Err(reason) => {
            model.notify(&fill(&words.not_read, &[("reason", &reason)]), true);
            return give_up(model);
        }
    };
    let at = opening.at.filter(|id| opening.messages.iter().any(|m| m.id == *id));
    let mut thread = Thread::new(opening.conversation.clone(), opening.messages, opening.older, opening.newer);
    thread.divider = opening.first_unread;
    if let Some(id) = at {
        thread.selected = Some(id);
        thread.anchor = Anchor::Top { message: id, row: -3 };
        thread.follow_selected = true;
    } else if let Some(first) = opening.first_unread {
        // Settle turns this into "at the bottom" when everything unread fits.
        if let Some(entry) = thread.entries.iter().find(|e| e.message.order >= first) {
            thread.anchor = Anchor::Top { message: entry.message.id, row: -3 };
        }
    }
    for message in std::mem::take(&mut model.compose.early) {
        thread.take_live(message, true);
    }
    model.inbox.take_change(opening.key, opening.conversation, true);
    if model.inbox.get(conversation).is_some() {
        model.inbox.selected = Some(conversation);
    }
    model.thread = Some(thread);
    // A reader who comes back at once may be quicker than the disk.
    let under_way = model.compose.draft_under_way(conversation).map(str::to_owned);
    let draft = under_way.or(model.compose.expected.take()).unwrap_or(opening.draft);
    composer::update::begin(model, &draft)
}

fn give_up(model: &mut Model) -> Vec<Effect> {
    model.compose.waiting = None;
    model.compose.held.clear();
    model.compose.conversation = None;
    model.thread = None;
    model.focus = Pane::List;
    Vec::new()
}

/// Takes a page of messages.
pub(crate) fn take_page(
    model: &mut Model,
    conversation: ConversationId,
    window: Window,
    limit: usize,
    messages: Result<Vec<Message>, String>,
) {
    let words = &model.strings().notices;
    let Some(thread) = model.thread.as_mut().filter(|t| t.id() == conversation) else { return };
    match (messages, window) {
        (Ok(messages), Window::Before(_)) => thread.take_older(messages, limit),
        (Ok(messages), Window::After(BEGINNING)) => {
            let (divider, facts, newer) = (thread.divider, thread.conversation.clone(), messages.len() >= limit);
            *thread = Thread { divider, ..Thread::new(facts, messages, false, newer) };
            to_first(thread);
        }
        (Ok(messages), Window::After(_)) => thread.take_newer(messages, limit),
        (Ok(messages), Window::Newest) => {
            let divider = thread.divider;
            let facts = thread.conversation.clone();
            let older = messages.len() >= limit;
            *thread = Thread { divider, ..Thread::new(facts, messages, older, false) };
        }
        (Err(reason), _) => {
            // Not asked again by itself: an unreadable store would be asked in a circle.
            thread.older = false;
            thread.newer = false;
            thread.reading = false;
            model.notify(&fill(&words.not_read, &[("reason", &reason)]), true);
        }
    }
}

/// Moves the choice or the view.
pub(crate) fn travel(model: &mut Model, command: Command) -> Vec<Effect> {
    let height = i32::from(model.areas.thread.height);
    let Some(thread) = model.thread.as_mut() else { return Vec::new() };
    match command {
        Command::Down => step(thread, 1),
        Command::Up => step(thread, -1),
        Command::PageDown => thread.scroll_by += (height - 2).max(1),
        Command::PageUp => thread.scroll_by -= (height - 2).max(1),
        Command::Top => {
            to_first(thread);
            if thread.older {
                thread.reading = true;
                let window = Window::After(BEGINNING);
                return vec![Effect::Read(Read::Messages { conversation: thread.id(), window, limit: PAGE })];
            }
        }
        _ => {
            thread.selected = thread.newest().map(|m| m.id);
            thread.anchor = Anchor::Bottom;
            thread.fresh = 0;
        }
    }
    Vec::new()
}

fn to_first(thread: &mut Thread) {
    thread.selected = thread.entries.first().map(|e| e.message.id);
    if let Some(message) = thread.selected {
        thread.anchor = Anchor::Top { message, row: i32::MIN };
    }
}

fn step(thread: &mut Thread, by: isize) {
    let here = thread.selected.and_then(|id| thread.index_of(id));
    let there = match here {
        Some(index) => index.saturating_add_signed(by).min(thread.entries.len().saturating_sub(1)),
        None => thread.entries.len().saturating_sub(1),
    };
    thread.selected = thread.entries.get(there).map(|e| e.message.id);
    thread.follow_selected = true;
    crate::tui::thread::layout::hold(thread);
}

/// Does something with the chosen message.
pub(crate) fn act(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(message) = model.thread.as_ref().and_then(Thread::selected_message) else { return Vec::new() };
    match command {
        Command::Copy => vec![Effect::Terminal(TerminalAction::Copy { text: Clean::block(&message.text) })],
        Command::OpenLink => {
            let urls = message::links(message);
            match urls.as_slice() {
                [] => {}
                [only] => model.push_overlay(Question::open_link(only.clone())),
                _ => model.push_overlay(Links { urls, chosen: 0 }),
            }
            Vec::new()
        }
        Command::Details => {
            model.push_overlay(Details::of(message.id));
            Vec::new()
        }
        Command::Cancel => vec![Effect::Write(Write::Cancel { message: message.id })],
        _ => {
            let question = Question::SendAgain { message: message.id, unsure: message.status == Status::Unsure };
            model.push_overlay(question);
            Vec::new()
        }
    }
}
