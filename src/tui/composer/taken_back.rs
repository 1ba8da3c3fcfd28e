//! Messages that wait for their time: what is said of them, and what becomes of the text of one that is taken back.
//!
//! Invariant: the text of a message that did not go out is in the composer again, before what is written there, and
//! nowhere else, so that it is neither lost nor sent twice.

use serde_json::Value;

use super::state::{HeldInput, QuotedMessage};
use super::{draft, keep_begun};
use crate::domain::{Cancelled, Message, StoreError};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::errors::store_error;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::upcoming;
use crate::tui::thread::message::preview;
use crate::tui::thread::open::forget_message;

/// Says when a message goes out that waits for its time, and how it is taken back.
pub(crate) fn notify_of_schedule(model: &mut Model, message: &Message) {
    let Some(at) = message.scheduled_at else { return };
    let time = upcoming(model.strings(), at, model.now, &model.zone);
    let key = model.keymap.first_key(KeyContext::Thread, Command::Cancel);
    let key = key.map(|key| key.to_string()).unwrap_or_default();
    let text = fill(&model.strings().notices.scheduled, &[("time", &time), ("key", &key)]);
    model.notify(&text, false);
}

/// A message was taken back, or could not be. What waited for its time is written again; `scheduled`: it did.
pub(crate) fn finish(model: &mut Model, scheduled: bool, result: Result<Box<Cancelled>, StoreError>) -> Vec<Effect> {
    let strings = &model.strings().notices;
    let cancelled = match result {
        Ok(cancelled) => *cancelled,
        Err(error) => {
            let reason = store_error(model.locale, &error);
            model.notify(&fill(&strings.not_done, &[("reason", &reason)]), true);
            return Vec::new();
        }
    };
    let text = match &cancelled.draft {
        Some(_) => &strings.unscheduled,
        None if scheduled => &strings.unscheduled_kept,
        None => &strings.cancelled,
    };
    let Cancelled { message, draft } = cancelled;
    let effects = draft.map_or_else(Vec::new, |text| put_back(model, &message, text));
    model.notify(text, false);
    effects
}

/// Brings the editor to what the store has: the text before what is written. A draft that was on its way to the store
/// meanwhile has replaced it there, and gets it too.
fn put_back(model: &mut Model, message: &Message, text: String) -> Vec<Effect> {
    let conversation = message.conversation;
    forget_message(model, message.id);
    if model.composer.conversation != Some(conversation) {
        let later = model.composer.draft_being_written(conversation).map(str::to_owned);
        let save = |later: String| Write::SaveDraft { conversation, text: joined(text, &later) };
        return later.map(save).map(Effect::Write).into_iter().collect();
    }
    if model.composer.pending.is_some() {
        model.composer.held_input.push_front(HeldInput::TakenBack(text));
        return Vec::new();
    }
    let mut effects = prepend(model, text);
    if let Some(quote) = quote_of(model, message).filter(|_| model.composer.quote.is_none()) {
        effects.extend(keep_begun::set_quote(model, Some(quote)));
    }
    effects
}

/// Puts a text before the draft that was waited for, unless the store had it in there by then.
pub(crate) fn put_back_held(model: &mut Model, text: String) -> Vec<Effect> {
    if model.composer.editor.text().starts_with(&text) { Vec::new() } else { prepend(model, text) }
}

fn prepend(model: &mut Model, text: String) -> Vec<Effect> {
    let both = joined(text, &model.composer.editor.text());
    model.composer.editor.set_text(&both);
    draft::mark_changed(model);
    draft::save_now(model)
}

/// A text and what is written after it.
fn joined(text: String, written: &str) -> String {
    if written.trim().is_empty() { text } else { format!("{text}\n{written}") }
}

/// The message that another one answers, where it is loaded.
fn quote_of(model: &Model, message: &Message) -> Option<QuotedMessage> {
    let remote = message.payload.as_ref()?.get("reply_to").and_then(Value::as_str)?;
    let quoted = model.thread.as_ref()?.find_remote(remote)?;
    let line = preview(model.strings(), quoted.kind, &quoted.text);
    Some(QuotedMessage { message: quoted.id, line })
}
