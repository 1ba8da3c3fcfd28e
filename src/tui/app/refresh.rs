//! What the store says: facts, pages of the list, changes.
//!
//! Invariant: an answer to an older question changes nothing.

use super::account_health;
use super::state::{Model, Pane};
use crate::domain::Conversation;
use crate::domain::conversation::ConversationKey;
use crate::tui::conversations::state::PAGE;
use crate::tui::effect::Effect;
use crate::tui::effect::Read;
use crate::tui::i18n::fill;
use crate::tui::message::{Changed, FactsRead};
use crate::tui::overlays::account_setup;
use crate::tui::overlays::welcome::Welcome;
use crate::tui::{conversations, thread};

/// Asks for what changed, unless that is under way; then it is asked again afterwards.
pub(crate) fn read_changes(model: &mut Model) -> Vec<Effect> {
    if model.reading_changes {
        model.woken = true;
        return Vec::new();
    }
    model.reading_changes = true;
    model.woken = false;
    vec![Effect::Read(Read::Changes { after: model.seq, open: model.compose.conversation.or(model.open_id()) })]
}

/// Takes accounts, totals and facts.
pub(crate) fn take_facts(model: &mut Model, read: FactsRead) {
    account_health::tell_drops(model, &read.accounts);
    model.accounts = read.accounts;
    model.broken = read.broken;
    model.accounts_ready = true;
    model.facts_at = Some(model.now);
    account_setup::note_first_event(model);
    if let Some(url) = read.facts.moved_to.as_ref().filter(|url| model.facts.moved_to.as_ref() != Some(*url)) {
        let told = fill(&model.strings().notices.moved, &[("url", url)]);
        model.notify(&told, true);
    }
    model.facts = read.facts;
    if let Some(counts) = read.counts {
        model.counts = counts;
    }
    let welcome = model.accounts.is_empty() && model.broken.is_empty() && model.counts.total == 0;
    match model.find_overlay(|_: &Welcome| true) {
        None if welcome => model.push_overlay(Welcome::default()),
        Some(index) if !welcome => {
            model.overlays.remove(index);
        }
        _ => {}
    }
    // Rates are read again only while they are worth showing.
    let near = model.open_account().is_some_and(|a| a.budget.used > 0);
    model.rates_at = near.then_some(model.now);
}

/// Takes a page of the list.
pub(crate) fn take_list(
    model: &mut Model,
    generation: u64,
    first: bool,
    limit: usize,
    rows: Result<Vec<(ConversationKey, Conversation)>, String>,
) -> Vec<Effect> {
    if generation != model.inbox.generation {
        return Vec::new();
    }
    match rows {
        Ok(rows) => model.inbox.take_page(first, rows, limit),
        Err(reason) => {
            model.inbox.reading = false;
            model.inbox.exhausted = true;
            let text = fill(&model.strings().notices.not_read, &[("reason", &reason)]);
            model.notify(&text, true);
        }
    }
    if first && std::mem::take(&mut model.inbox.open_first) { open_first(model) } else { Vec::new() }
}

/// Opens what is chosen, with the keys that were typed for it.
fn open_first(model: &mut Model) -> Vec<Effect> {
    let held = std::mem::take(&mut model.compose.held);
    let Some(id) = model.inbox.selected else {
        model.compose.waiting = None;
        model.focus = Pane::List;
        return Vec::new();
    };
    let effects = thread::update::open(model, id, None);
    model.compose.held = held;
    effects
}

/// Takes what changed.
pub(crate) fn take_changes(model: &mut Model, changed: Result<Box<Changed>, String>) -> Vec<Effect> {
    model.reading_changes = false;
    let changed = match changed {
        Ok(changed) => *changed,
        Err(reason) => {
            let text = fill(&model.strings().notices.not_read, &[("reason", &reason)]);
            model.notify(&text, true);
            return Vec::new();
        }
    };
    model.seq = model.seq.max(changed.upto);
    let mut effects = Vec::new();
    let open = model.open_id();
    for (key, conversation) in changed.conversations {
        if let Some(thread) = model.thread.as_mut().filter(|t| t.id() == key.id)
            && conversation.revision >= thread.conversation.revision
        {
            thread.conversation = conversation.clone();
        }
        let keep = open == Some(key.id) && conversation.state != crate::domain::ConversationState::Resolved;
        model.inbox.take_change(key, conversation, keep);
    }
    let watched = model.watched && model.focus != Pane::List && model.overlays.is_empty();
    for message in changed.messages {
        match model.thread.as_mut().filter(|t| t.id() == message.conversation) {
            Some(thread) => thread.take_live(message, watched),
            // The conversation is being opened; what is read of it may be older than this.
            None if model.compose.conversation == Some(message.conversation) => model.compose.early.push(message),
            None => {}
        }
    }
    take_facts(model, changed.facts);
    if changed.everything {
        let keep = model.inbox.top;
        let reread = conversations::update::refilter(model);
        model.inbox.top = keep;
        effects.extend(reread);
        if let Some(thread) = model.thread.as_mut().filter(|t| !t.newer) {
            // Whatever came is after what is loaded.
            thread.newer = true;
        }
    }
    if changed.more || model.woken {
        effects.extend(read_changes(model));
    }
    effects
}

/// Asks for the next page of the list.
pub(crate) fn next_page(model: &mut Model) -> Option<Effect> {
    let inbox = &mut model.inbox;
    if inbox.reading || inbox.exhausted {
        return None;
    }
    inbox.reading = true;
    let after = inbox.len().checked_sub(1).and_then(|last| inbox.key_at(last));
    Some(Effect::Read(Read::List { generation: inbox.generation, filter: inbox.filter.query(), after, limit: PAGE }))
}
