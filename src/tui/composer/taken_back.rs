//! Messages that wait for their time: what is said of them, and what becomes of the text of one that is taken back.
//!
//! Invariant: the text of a message that did not go out is in the composer again, before what is written there.

use serde_json::Value;

use super::state::{HeldInput, QuotedMessage};
use super::{draft, keep_begun};
use crate::domain::agent_line::without_agent_line;
use crate::domain::{AuthorKind, Kind, Message, StoreError};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::errors::store_error;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::upcoming;
use crate::tui::thread::message::preview;

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
pub(crate) fn finish(model: &mut Model, scheduled: bool, result: Result<Box<Message>, StoreError>) -> Vec<Effect> {
    let strings = &model.strings().notices;
    let message = match result {
        Ok(message) => message,
        Err(error) => {
            let reason = store_error(model.locale, &error);
            model.notify(&fill(&strings.not_done, &[("reason", &reason)]), true);
            return Vec::new();
        }
    };
    if !scheduled {
        model.notify(&strings.cancelled, false);
        return Vec::new();
    }
    let is_draft = message.kind == Kind::Text && message.author.kind == AuthorKind::Agent;
    let effects = if is_draft { put_back(model, &message) } else { None };
    let text = if effects.is_some() { &strings.unscheduled } else { &strings.unscheduled_kept };
    model.notify(text, false);
    effects.unwrap_or_default()
}

/// Puts a message's text into its conversation's draft, before what stands there. `None` where that is not at hand.
fn put_back(model: &mut Model, message: &Message) -> Option<Vec<Effect>> {
    let text = without_agent_line(&message.text, &message.author.name, message.channel).to_owned();
    if model.composer.conversation != Some(message.conversation) {
        // What is written there must not be lost for it.
        let row = model.conversations.get(message.conversation)?;
        let save = Write::SaveDraft { conversation: message.conversation, text };
        return row.draft.is_none().then(|| vec![Effect::Write(save)]);
    }
    if model.composer.pending.is_some() {
        model.composer.held_input.push_back(HeldInput::Paste(text));
        return Some(Vec::new());
    }
    let written = model.composer.editor.text();
    let both = if written.trim().is_empty() { text } else { format!("{text}\n{written}") };
    model.composer.editor.set_text(&both);
    draft::mark_changed(model);
    let mut effects = draft::save_now(model);
    if let Some(quote) = quote_of(model, message).filter(|_| model.composer.quote.is_none()) {
        effects.extend(keep_begun::set_quote(model, Some(quote)));
    }
    Some(effects)
}

/// The message that another one answers, where it is loaded.
fn quote_of(model: &Model, message: &Message) -> Option<QuotedMessage> {
    let remote = message.payload.as_ref()?.get("reply_to").and_then(Value::as_str)?;
    let quoted = model.thread.as_ref()?.find_remote(remote)?;
    let line = preview(model.strings(), quoted.kind, &quoted.text);
    Some(QuotedMessage { message: quoted.id, line })
}
