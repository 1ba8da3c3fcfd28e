//! A message between Enter and the store's answer.
//!
//! Invariant: the composer is cleared only after the message is durable; otherwise the text stays or comes back.

use super::{draft, taken_back};
use crate::domain::{ConversationId, Kind, Message, Objection, SendError};
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::effect::{Effect, Origin, Write};
use crate::tui::i18n::errors::{account_error, store_error};
use crate::tui::i18n::fill;
use crate::tui::i18n::objections::objection as objection_text;
use crate::tui::overlays::address::{Address, Target};
use crate::tui::overlays::message_form::MessageForm;
use crate::tui::thread;
use crate::tui::thread::state::Anchor;
use crate::tui::widgets::text_editor::TextEditor;

/// A message is in the outbox, or was not accepted.
pub(crate) fn finish(
    model: &mut Model,
    conversation: ConversationId,
    origin: Origin,
    result: Result<Box<Message>, SendError>,
) -> Vec<Effect> {
    let answered = matches!(result, Err(SendError::Objection(Objection::JustAnswered { .. })));
    let reason = match result {
        Ok(message) => {
            taken_back::notify_of_schedule(model, &message);
            show_sent(model, *message);
            None
        }
        Err(SendError::Objection(objection)) => Some(objection_to(model, conversation, &objection)),
        Err(SendError::Account(error)) => Some(not_sent(model, &account_error(model.locale, &error))),
        Err(SendError::Store(error)) => Some(not_sent(model, &store_error(model.locale, &error))),
    };
    match origin {
        Origin::Form => {
            let target = Target::Conversation(conversation);
            let again = &model.strings().overlay.confirm_answered_form;
            let reason = reason.map(|reason| if answered { format!("{reason} {again}") } else { reason });
            finish_form(model, &target, reason);
            if let Some(form) = model.overlay_mut(|form: &MessageForm| form.to == target) {
                form.answered = answered;
            }
            Vec::new()
        }
        Origin::Composer => finish_draft(model, conversation, reason.as_deref()),
    }
}

/// The first message to a recipient is in the outbox, or was not accepted. Its conversation is opened, unless the
/// person has closed the form meanwhile.
pub(crate) fn finish_first(model: &mut Model, to: &Address, result: Result<Box<Message>, SendError>) -> Vec<Effect> {
    let target = Target::New(to.clone());
    let form_open = model.find_overlay(|form: &MessageForm| form.to == target).is_some();
    let reason = match result {
        Ok(message) => {
            taken_back::notify_of_schedule(model, &message);
            finish_form(model, &target, None);
            return if form_open { thread::open::open(model, message.conversation, None) } else { Vec::new() };
        }
        Err(SendError::Objection(objection)) => availability::first_in_words(model, to, &objection),
        Err(SendError::Account(error)) => not_sent(model, &account_error(model.locale, &error)),
        Err(SendError::Store(error)) => not_sent(model, &store_error(model.locale, &error)),
    };
    finish_form(model, &target, Some(reason));
    Vec::new()
}

fn not_sent(model: &Model, reason: &str) -> String {
    fill(&model.strings().notices.not_sent, &[("reason", reason)])
}

fn objection_to(model: &Model, conversation: ConversationId, objection: &Objection) -> String {
    let open = model.thread.as_ref().map(|t| &t.conversation).filter(|c| c.id == conversation);
    match open.and_then(|c| Some((c, model.account(&c.account)?))) {
        Some((c, account)) => availability::in_words(model, c, account, objection),
        None => objection_text(model.locale, objection, "", "", Some(model.now)),
    }
}

/// Shows the message that was just sent at the end of its conversation.
fn show_sent(model: &mut Model, message: Message) {
    let Some(thread) = model.thread.as_mut().filter(|t| t.id() == message.conversation) else { return };
    // A reaction belongs to a message that is being read, wherever that is.
    if message.kind != Kind::Reaction {
        thread.anchor = Anchor::Bottom;
    }
    // When the newest part is not loaded, `layout` reads it.
    if !thread.newer {
        thread.upsert(message);
        thread.selected = thread.newest().map(|m| m.id);
        thread.unseen_below = 0;
    }
}

/// Lets a form stand still while its message is put into the outbox.
pub(crate) fn mark_form_sending(model: &mut Model, to: &Target) {
    if let Some(form) = model.overlay_mut(|form: &MessageForm| form.to == *to) {
        form.sending = true;
    }
}

fn finish_form(model: &mut Model, to: &Target, reason: Option<String>) {
    let is_sent = |form: &MessageForm| form.to == *to;
    match (model.find_overlay(is_sent), reason) {
        (Some(_), Some(reason)) => {
            if let Some(form) = model.overlay_mut(is_sent) {
                form.sending = false;
                form.objection = Some(reason);
            }
        }
        (None, Some(reason)) => model.notify(&reason, true),
        (index, None) => {
            if let Some(index) = index {
                model.overlays.remove(index);
            }
            save_draft_again(model, to);
        }
    }
}

/// The store deletes the draft with every message, even with one that was not made of it.
fn save_draft_again(model: &mut Model, to: &Target) {
    // A new conversation has no draft yet.
    let Target::Conversation(conversation) = to else { return };
    if model.composer.conversation == Some(*conversation) && !model.composer.editor.is_empty() {
        draft::schedule_save(model);
    }
}

fn finish_draft(model: &mut Model, conversation: ConversationId, reason: Option<&str>) -> Vec<Effect> {
    if let Some(reason) = reason {
        model.notify(reason, true);
    }
    if reason.is_none() {
        model.begun.finish_quote(conversation);
    }
    let composer = &mut model.composer;
    if composer.conversation != Some(conversation) || !composer.is_sending() {
        return finish_detached(model, conversation, reason.is_some());
    }
    composer.pending = None;
    if reason.is_none() {
        composer.editor = TextEditor::new();
        composer.quote = None;
        composer.writing_until = None;
        return Vec::new();
    }
    composer.drop_held_enters();
    draft::schedule_save(model);
    draft::save_now(model)
}

/// Saves what is left of a text whose conversation was left while it was being sent.
fn finish_detached(model: &mut Model, conversation: ConversationId, failed: bool) -> Vec<Effect> {
    let sends = &mut model.composer.detached_sends;
    let Some(index) = sends.iter().position(|send| send.conversation == conversation) else { return Vec::new() };
    let send = sends.remove(index);
    let text = match (failed, send.typed_ahead.is_empty()) {
        (false, true) => return Vec::new(),
        (false, false) => send.typed_ahead,
        (true, true) => send.text,
        (true, false) => format!("{}\n{}", send.text, send.typed_ahead),
    };
    vec![Effect::Write(Write::SaveDraft { conversation, text })]
}
