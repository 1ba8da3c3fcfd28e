//! Calls the person when a customer writes and nobody looks: which messages, when, and with which words.
//!
//! Invariant: what comes within a second calls once, and nothing calls for a conversation that is being watched.

use std::time::Duration;

use super::state::Model;
use crate::config::NotifyHow;
use crate::domain::{Conversation, ConversationId, Status};
use crate::text::Clean;
use crate::tui::effect::{Effect, TerminalAction};
use crate::tui::i18n::fill;

/// What comes within this time is one call.
const GATHER: Duration = Duration::from_secs(1);
/// How far a gateway's clock may be behind ours for a message to count as new.
const CLOCK_SKEW: Duration = Duration::from_secs(120);
/// How many conversations are remembered; the memory only spares calls for what is known.
const REMEMBERED: usize = 2000;
/// The longest text of a call, in characters.
const LONGEST: usize = 120;

/// Takes note of a conversation as it is now, before the list takes it over.
pub(crate) fn note_change(model: &mut Model, now: &Conversation) {
    let before = model.conversations.get(now.id).map(|row| (row.last_at, row.unread));
    let known = model.calls.newest.get(&now.id).copied();
    let is_new = match (before, known) {
        (Some((last_at, unread)), _) => now.last_at > last_at || now.unread > unread,
        (None, Some(last_at)) => now.last_at > last_at,
        (None, None) => now.last_at.plus(CLOCK_SKEW) >= model.started,
    };
    if model.calls.newest.len() >= REMEMBERED {
        model.calls.newest.clear();
    }
    model.calls.newest.insert(now.id, now.last_at);
    let is_customers = now.last_status == Status::Received && now.unread > 0;
    if !(is_new && is_customers && is_away(model, now.id)) || model.settings.notify.how == NotifyHow::Off {
        return;
    }
    let calls = &mut model.calls;
    if !calls.conversations.contains(&now.id) {
        calls.conversations.push(now.id);
    }
    calls.at.get_or_insert(model.now.plus(GATHER));
}

/// Whether nobody looks at this conversation: the terminal has no focus, or something else is open. A list alone is
/// looked at, where the terminal can say so.
fn is_away(model: &Model, id: ConversationId) -> bool {
    match model.open_id() {
        _ if !model.focused => true,
        Some(open) => open != id,
        None => !model.calls.focus_reported,
    }
}

/// Calls when it is time.
pub(crate) fn call_if_due(model: &mut Model) -> Option<Effect> {
    model.calls.at.filter(|at| *at <= model.now)?;
    model.calls.at = None;
    let pending = std::mem::take(&mut model.calls.conversations);
    if is_quiet(model) {
        return None;
    }
    // What was read meanwhile, here or on another screen, needs no call.
    let is_unread = |id: &ConversationId| model.conversations.get(*id).is_none_or(|row| row.unread > 0);
    let left: Vec<ConversationId> = pending.into_iter().filter(|id| is_unread(id) && is_away(model, *id)).collect();
    let text = words(model, &left)?;
    Some(call(model, &text))
}

/// Calls at once, so that a person can try what their terminal does with it.
pub(crate) fn call_for_test(model: &mut Model) -> Vec<Effect> {
    if model.settings.notify.how == NotifyHow::Off {
        model.notify(&model.strings().notices.notify_off, true);
        return Vec::new();
    }
    model.notify(&model.strings().notices.notify_tested, false);
    let text = model.strings().notices.notify_test.clone();
    vec![call(model, &text)]
}

fn call(model: &Model, text: &str) -> Effect {
    let cut: String = Clean::line(text).as_str().chars().take(LONGEST).collect();
    Effect::Terminal(TerminalAction::Notify { how: model.settings.notify.how, text: Clean::line(&cut) })
}

/// Who wrote, and what where that is asked for; `None` where nobody is left.
fn words(model: &Model, conversations: &[ConversationId]) -> Option<String> {
    let strings = &model.strings().notices;
    let first = *conversations.first()?;
    let Some(row) = model.conversations.get(first) else {
        return Some(fill(&strings.notify_many, &[("n", &conversations.len().to_string())]));
    };
    let name = Model::title(row, model.conversations.filter.country);
    let others = (conversations.len() - 1).to_string();
    Some(match conversations.len() {
        1 if model.settings.notify.text && !row.last_text.trim().is_empty() => {
            format!("{name}: {}", Clean::line(&row.last_text))
        }
        1 => fill(&strings.notify_one, &[("name", name.as_str())]),
        _ => fill(&strings.notify_others, &[("name", name.as_str()), ("n", &others)]),
    })
}

fn is_quiet(model: &Model) -> bool {
    let Some(quiet) = model.settings.notify.quiet else { return false };
    let Ok(now) = jiff::Timestamp::from_millisecond(model.now.millis()) else { return false };
    quiet.contains(now.to_zoned(model.zone.clone()).time())
}

/// The terminal's title: the program's name, with how much is unread; `None` where nothing is to call.
pub(crate) fn title(model: &Model) -> Option<String> {
    let name = &model.strings().app.name;
    (model.settings.notify.how != NotifyHow::Off).then(|| match model.counts.unread_messages {
        0 => name.clone(),
        unread => format!("({unread}) {name}"),
    })
}
