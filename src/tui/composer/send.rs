//! What becomes of a text between Enter and the store's answer.
//!
//! Invariant: the composer clears only after the message is durable; otherwise the text stays or comes back.

use super::state::Waiting;
use crate::domain::{Content, ConversationId, Message};
use crate::tui::app::facts::SendError;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::effect::Write;
use crate::tui::effect::{Effect, Origin};
use crate::tui::i18n::fill;
use crate::tui::overlays::address::{Address, Target};
use crate::tui::overlays::message_form::MessageForm;
use crate::tui::thread::state::Anchor;
use crate::tui::{composer, thread};

/// Asks to put a message into the outbox.
pub(crate) fn ask(conversation: ConversationId, content: Content, origin: Origin) -> Effect {
    Effect::Write(Write::Send { conversation, content, origin })
}

/// Takes the store's answer.
pub(crate) fn take_answer(
    model: &mut Model,
    conversation: ConversationId,
    origin: Origin,
    result: Result<Box<Message>, SendError>,
) -> Vec<Effect> {
    let reason = match result {
        Ok(message) => {
            show(model, *message);
            None
        }
        Err(SendError::Objection(objection)) => Some(refusal(model, conversation, &objection)),
        Err(SendError::Failed(reason)) => Some(fill(&model.strings().notices.not_sent, &[("reason", &reason)])),
    };
    match origin {
        Origin::Form => {
            answer_form(model, &Target::Conversation(conversation), reason);
            Vec::new()
        }
        Origin::Composer => answer_composer(model, conversation, reason.as_deref()),
    }
}

/// Takes the store's answer to a first message; its conversation is opened.
pub(crate) fn take_first(model: &mut Model, to: &Address, result: Result<Box<Message>, SendError>) -> Vec<Effect> {
    let target = Target::New(to.clone());
    // Who has closed the form meanwhile, or opened something else, is not taken away from it.
    let waits = model.find_overlay(|form: &MessageForm| form.to == target).is_some();
    match result {
        Ok(message) => {
            answer_form(model, &target, None);
            if waits { thread::update::open(model, message.conversation, None) } else { Vec::new() }
        }
        Err(SendError::Objection(objection)) => {
            let reason = availability::first_in_words(model, to, &objection);
            answer_form(model, &target, Some(reason));
            Vec::new()
        }
        Err(SendError::Failed(reason)) => {
            let reason = fill(&model.strings().notices.not_sent, &[("reason", &reason)]);
            answer_form(model, &target, Some(reason));
            Vec::new()
        }
    }
}

fn refusal(model: &Model, conversation: ConversationId, objection: &crate::domain::Objection) -> String {
    let open = model.thread.as_ref().map(|t| &t.conversation).filter(|c| c.id == conversation);
    match open.and_then(|c| Some((c, model.account(&c.account)?))) {
        Some((c, account)) => availability::in_words(model, c, account, objection),
        None => crate::tui::i18n::objections::objection(model.locale, objection, "", "", Some(model.now)),
    }
}

/// The reader sees what was just sent, at the end.
fn show(model: &mut Model, message: Message) {
    let Some(thread) = model.thread.as_mut().filter(|t| t.id() == message.conversation) else { return };
    if thread.newer {
        // The newest part is not loaded: settle reads it.
        thread.anchor = Anchor::Bottom;
        return;
    }
    thread.put(message);
    thread.anchor = Anchor::Bottom;
    thread.selected = thread.newest().map(|m| m.id);
    thread.fresh = 0;
}

fn answer_form(model: &mut Model, to: &Target, reason: Option<String>) {
    let waits = |form: &MessageForm| form.to == *to;
    match (model.find_overlay(waits), reason) {
        (Some(index), None) => {
            model.overlays.remove(index);
            keep_draft_again(model, to);
        }
        (Some(_), Some(reason)) => {
            if let Some(form) = model.overlay_mut(waits) {
                form.sending = false;
                form.objection = Some(reason);
            }
        }
        (None, Some(reason)) => model.notify(&reason, true),
        (None, None) => keep_draft_again(model, to),
    }
}

/// The store forgets the draft with every message, also with one that was not made of it.
fn keep_draft_again(model: &mut Model, to: &Target) {
    // A conversation that begins has no draft yet.
    let Target::Conversation(conversation) = to else { return };
    if model.compose.conversation == Some(*conversation) && !model.compose.composer.is_empty() {
        composer::update::touch_quietly(model);
    }
}

fn answer_composer(model: &mut Model, conversation: ConversationId, reason: Option<&str>) -> Vec<Effect> {
    let here = model.compose.conversation == Some(conversation) && model.compose.is_sending();
    if let Some(reason) = reason {
        model.notify(reason, true);
    }
    if here {
        if reason.is_none() {
            if let Some(Waiting::Sending(_)) = model.compose.waiting {
                model.compose.composer = crate::tui::widgets::text_editor::TextEditor::new();
            }
            return composer::update::release(model);
        }
        // The text stays; a second Enter that was typed ahead must not send it without being looked at.
        model
            .compose
            .held
            .retain(|h| !matches!(h, super::state::Held::Key(k) if k.code == crossterm::event::KeyCode::Enter));
        let mut effects = composer::update::release(model);
        composer::update::touch_quietly(model);
        effects.extend(composer::update::flush(model));
        return effects;
    }
    let Some(index) = model.compose.partings.iter().position(|p| p.conversation == conversation) else {
        return Vec::new();
    };
    let parting = model.compose.partings.remove(index);
    let text = match (reason.is_some(), parting.after.is_empty()) {
        (false, true) => return Vec::new(),
        (false, false) => parting.after,
        (true, true) => parting.sent,
        (true, false) => format!("{}\n{}", parting.sent, parting.after),
    };
    vec![Effect::Write(Write::SaveDraft { conversation, text })]
}
