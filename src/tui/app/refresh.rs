//! Brings the model up to date with the store: the overview, pages of the list, changes.
//!
//! Invariant: an answer to an older query changes nothing.

use super::account_health::{self, config_sentence};
use super::account_marks::AccountMarks;
use super::notifications;
use super::state::{Model, Pane};
use crate::domain::conversation::ConversationRange;
use crate::domain::{Conversation, ConversationState, ProcessStatus, StoreError};
use crate::tui::effect::{Effect, Read};
use crate::tui::i18n::fill;
use crate::tui::message::{Accounts, Changes, Overview};
use crate::tui::overlays::welcome::Welcome;
use crate::tui::overlays::{account_setup, search, views};
use crate::tui::{conversations, thread};

/// Reads what changed, unless such a read is under way; then it is repeated afterwards.
pub(crate) fn read_changes(model: &mut Model) -> Vec<Effect> {
    if model.reading_changes {
        model.more_changes = true;
        return Vec::new();
    }
    model.reading_changes = true;
    model.more_changes = false;
    vec![Effect::Read(Read::Changes { after: model.seq, open: model.composer.conversation.or(model.open_id()) })]
}

/// Takes over accounts, counts and the state of the process; the welcome screen opens or closes accordingly.
pub(crate) fn apply_overview(model: &mut Model, overview: Overview) -> Vec<Effect> {
    if let Some(accounts) = overview.accounts {
        apply_accounts(model, accounts);
    }
    if let Some(url) = overview.process.moved_to.as_ref().filter(|url| model.process.moved_to.as_ref() != Some(*url)) {
        let text = fill(&model.strings().notices.moved, &[("url", url)]);
        model.notify(&text, true);
    }
    notify_of_process(model, &overview.process);
    let new_agent = overview.process.agent.clone().filter(|agent| *agent != model.agent);
    let effects = new_agent.map(|agent| change_agent(model, agent)).unwrap_or_default();
    model.process = overview.process;
    if let Some(counts) = overview.counts {
        model.counts = counts;
    }
    let empty = model.accounts.is_empty() && model.invalid_accounts.is_empty() && model.counts.total == 0;
    match model.find_overlay(|_: &Welcome| true) {
        None if empty => model.push_overlay(Welcome::default()),
        Some(index) if !empty => drop(model.overlays.remove(index)),
        _ => {}
    }
    effects
}

/// Somebody else acts from now on: drafts, begun notes and quotes in the list are theirs. What is being written stays.
fn change_agent(model: &mut Model, agent: String) -> Vec<Effect> {
    model.agent = agent;
    model.begun.forget_saved();
    vec![conversations::update::reload_in_place(model), Effect::Read(Read::Begun)]
}

/// Shows what is new about the configuration and the engine's tasks, each once.
fn notify_of_process(model: &mut Model, now: &ProcessStatus) {
    let strings = model.strings();
    if now.config != model.process.config {
        let in_force = || (strings.notices.config_in_force.clone(), false);
        let (text, bad) = now.config.as_ref().map_or_else(in_force, |notice| config_sentence(model, notice));
        model.notify(&text, bad);
    }
    let before = |name: &str| model.process.failed_tasks.iter().find(|(task, _)| task == name).map_or(0, |(_, n)| *n);
    if let Some((task, _)) = now.failed_tasks.iter().find(|(task, panics)| *panics > before(task)) {
        let text = fill(&model.strings().notices.task_failed, &[("task", task)]);
        model.notify(&text, true);
    }
}

fn apply_accounts(model: &mut Model, accounts: Accounts) {
    account_health::notify_of_notice(model, &accounts.usable);
    account_health::notify_of_lost_session(model, &accounts.usable);
    let names = accounts.usable.iter().map(|view| view.account.name.as_str());
    model.account_marks = AccountMarks::new(names.chain(accounts.invalid.iter().map(|invalid| invalid.name.as_str())));
    model.accounts = accounts.usable;
    model.invalid_accounts = accounts.invalid;
    model.accounts_ready = true;
    model.accounts_read_at = Some(model.now);
    account_setup::note_first_event(model);
    // Budgets are read again only while one is worth showing.
    let used = model.open_account().is_some_and(|a| a.usage.used > 0);
    model.budgets_read_at = used.then_some(model.now);
}

/// Adds a page to the list.
pub(crate) fn apply_page(
    model: &mut Model,
    generation: u64,
    range: ConversationRange,
    limit: usize,
    rows: Result<Vec<Conversation>, StoreError>,
) -> Vec<Effect> {
    if generation != model.conversations.generation {
        return Vec::new();
    }
    match rows {
        Ok(rows) => model.conversations.add_page(range, rows, limit),
        Err(error) => {
            model.conversations.stop_reading();
            model.notify_not_read(&error);
        }
    }
    if range == ConversationRange::Top && std::mem::take(&mut model.conversations.open_first) {
        open_selected(model)
    } else {
        Vec::new()
    }
}

/// Opens the selected conversation with the input that was typed ahead for it.
fn open_selected(model: &mut Model) -> Vec<Effect> {
    let held = std::mem::take(&mut model.composer.held_input);
    let Some(id) = model.conversations.selected else {
        model.composer.pending = None;
        model.focus = Pane::List;
        return Vec::new();
    };
    let effects = thread::open::open(model, id, None);
    model.composer.held_input = held;
    effects
}

/// Takes over what changed in the store, and reads on when more has changed; an error is shown as a notice.
pub(crate) fn apply_changes(model: &mut Model, changes: Result<Box<Changes>, StoreError>) -> Vec<Effect> {
    model.reading_changes = false;
    let changes = match changes {
        Ok(changes) => *changes,
        Err(error) => {
            model.notify_not_read(&error);
            return Vec::new();
        }
    };
    model.seq = model.seq.max(changes.upto);
    let search_again = changes.everything || !changes.conversations.is_empty() || !changes.gone.is_empty();
    for id in changes.gone {
        thread::open::forget(model, id);
    }
    for conversation in changes.conversations {
        notifications::note_change(model, &conversation);
        apply_conversation(model, conversation);
    }
    let watched = model.is_thread_watched();
    for message in changes.messages {
        match model.thread.as_mut().filter(|t| t.id() == message.conversation) {
            Some(thread) => thread.apply_change(message, watched),
            // The conversation is being opened, and the snapshot that is on its way may be older than this.
            None if model.composer.conversation == Some(message.conversation) => {
                model.composer.early_messages.push(message);
            }
            None => {}
        }
    }
    for id in changes.gone_messages {
        thread::open::forget_message(model, id);
    }
    let mut effects = apply_overview(model, changes.overview);
    if changes.everything {
        effects.push(conversations::update::reload_in_place(model));
        if let Some(thread) = model.thread.as_mut() {
            // Whatever came is after the loaded messages.
            thread.newer = true;
        }
    }
    if search_again {
        effects.extend(search::search_again(model));
        effects.extend(views::count_again(model));
    }
    if changes.more || model.more_changes {
        effects.extend(read_changes(model));
    }
    effects
}

fn apply_conversation(model: &mut Model, conversation: Conversation) {
    let id = conversation.id;
    if let Some(thread) = model.thread.as_mut().filter(|t| t.id() == id)
        && conversation.revision >= thread.conversation.revision
    {
        thread.conversation = conversation.clone();
    }
    let keep = model.open_id() == Some(id) && conversation.state != ConversationState::Resolved;
    model.conversations.apply_change(conversation, keep);
}
