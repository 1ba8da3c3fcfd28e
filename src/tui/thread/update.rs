//! What keys and pages do in the thread.
//!
//! Invariant: a conversation becomes read by being seen, never by a key.

use super::layout::pin_view;
use super::state::{Anchor, BEGINNING, PAGE, Thread};
use super::{media, message, playback};
use crate::domain::message::MessageRange;
use crate::domain::{ConversationId, Kind, Message, Status, StoreError};
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::composer::keep_begun;
use crate::tui::composer::state::QuotedMessage;
use crate::tui::effect::{Effect, Read, TerminalAction, Write};
use crate::tui::overlays::card_people;
use crate::tui::overlays::confirm::Question;
use crate::tui::overlays::details::Details;
use crate::tui::overlays::links::Links;
use crate::tui::overlays::save_file;
use crate::tui::previews::files::MediaFile;

/// Adds a page of messages to the open conversation.
pub(crate) fn add_page(
    model: &mut Model,
    conversation: ConversationId,
    window: MessageRange,
    limit: usize,
    messages: Result<Vec<Message>, StoreError>,
) {
    let Some(thread) = model.thread.as_mut().filter(|t| t.id() == conversation) else { return };
    match (messages, window) {
        (Ok(messages), MessageRange::Before(_)) => thread.prepend_page(messages, limit),
        (Ok(messages), MessageRange::After(BEGINNING)) => {
            let (divider, conversation) = (thread.divider, thread.conversation.clone());
            let newer = messages.len() >= limit;
            *thread = Thread::new(conversation, messages, false, newer);
            thread.set_divider(divider);
            select_first(thread);
        }
        (Ok(messages), MessageRange::After(_)) => thread.append_page(messages, limit),
        (Ok(messages), MessageRange::Newest) => {
            let (divider, conversation) = (thread.divider, thread.conversation.clone());
            let older = messages.len() >= limit;
            *thread = Thread::new(conversation, messages, older, false);
            thread.set_divider(divider);
        }
        (Err(error), _) => {
            // Not read again by itself: an unreadable store would be read in a circle.
            thread.older = false;
            thread.newer = false;
            thread.reading = false;
            model.notify_not_read(&error);
        }
    }
}

/// Moves the selection, or scrolls the view.
pub(crate) fn move_selection(model: &mut Model, command: Command) -> Vec<Effect> {
    let height = i32::from(model.areas.thread.height);
    let opening = model.composer.conversation.filter(|id| model.open_id() != Some(*id));
    if let (Some(id), Command::Top | Command::Bottom) = (opening, command) {
        // The end of what is still being read.
        model.after_open = Some((id, command));
        return Vec::new();
    }
    let Some(thread) = model.thread.as_mut() else { return Vec::new() };
    match command {
        Command::Down => step_selection(thread, 1),
        Command::Up => step_selection(thread, -1),
        Command::PageDown => thread.scroll_by += (height - 2).max(1),
        Command::PageUp => thread.scroll_by -= (height - 2).max(1),
        Command::Top => {
            select_first(thread);
            if thread.older {
                thread.reading = true;
                let window = MessageRange::After(BEGINNING);
                return vec![Effect::Read(Read::Messages { conversation: thread.id(), window, limit: PAGE })];
            }
        }
        _ => {
            thread.selected = thread.newest().map(|m| m.id);
            thread.anchor = Anchor::Bottom;
            thread.unseen_below = 0;
        }
    }
    Vec::new()
}

/// Scrolls the messages by rows; the selection stays.
pub(crate) fn scroll(model: &mut Model, rows: i32) {
    if let Some(thread) = model.thread.as_mut() {
        thread.scroll_by += rows;
    }
}

fn select_first(thread: &mut Thread) {
    thread.selected = thread.entries.first().map(|e| e.message.id);
    if let Some(message) = thread.selected {
        thread.anchor = Anchor::Top { message, row: i32::MIN };
    }
}

fn step_selection(thread: &mut Thread, by: isize) {
    let current = thread.selected.and_then(|id| thread.index_of(id));
    let index = match current {
        Some(index) => index.saturating_add_signed(by).min(thread.entries.len().saturating_sub(1)),
        None => thread.entries.len().saturating_sub(1),
    };
    thread.selected = thread.entries.get(index).map(|e| e.message.id);
    thread.reveal_selected = true;
    pin_view(thread);
}

/// Runs a command on the selected message.
pub(crate) fn run_command(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(message) = model.thread.as_ref().and_then(Thread::selected_message) else { return Vec::new() };
    match command {
        Command::Copy => vec![Effect::Terminal(TerminalAction::Copy { text: Clean::block(message.words()) })],
        Command::OpenMedia => {
            let message = message.clone();
            media::open(model, &message)
        }
        Command::SaveMedia => {
            let message = message.clone();
            save_file::open(model, &message);
            Vec::new()
        }
        // Links in the words under a file are reached by it too; the file is on Enter.
        Command::OpenLink if MediaFile::of(message).is_some() && !message::has_links(message) => {
            let message = message.clone();
            media::open(model, &message)
        }
        Command::OpenLink => {
            let map = model.settings.map;
            let urls = message::links(message, map);
            match urls.as_slice() {
                [] => {}
                // A map of Loket's own choice: there is nothing to be careful about.
                [only] if message.kind == Kind::Location && message::map_link(message, map).as_ref() == Some(only) => {
                    return vec![Effect::Terminal(TerminalAction::OpenLink { url: only.clone() })];
                }
                [only] => model.push_overlay(Question::open_link(only.clone())),
                _ => model.push_overlay(Links { urls, chosen: 0 }),
            }
            Vec::new()
        }
        Command::Play => {
            let message = message.id;
            playback::toggle(model, message)
        }
        Command::WriteToContact | Command::SaveContact => {
            let message = message.clone();
            card_people::open(model, &message, command)
        }
        Command::Details => {
            let (message, unsure) = (message.id, message.status == Status::Unsure);
            model.push_overlay(Details::of(message));
            unsure.then_some(Effect::Read(Read::Unmatched { message })).into_iter().collect()
        }
        Command::Quote => {
            let line = message::preview(model.strings(), message.kind, &message.text);
            let message = message.id;
            model.focus = Pane::Composer;
            keep_begun::set_quote(model, Some(QuotedMessage { message, line }))
        }
        Command::Cancel => {
            vec![Effect::Write(Write::Cancel { message: message.id, scheduled: message.scheduled_at.is_some() })]
        }
        // It has not been sent yet: there is nothing to ask.
        _ if message.status == Status::Queued => vec![Effect::Write(Write::SendNow { message: message.id })],
        _ => {
            let question = Question::SendAgain { message: message.id, unsure: message.status == Status::Unsure };
            model.push_overlay(question);
            Vec::new()
        }
    }
}
