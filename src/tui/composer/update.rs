//! What keys do in the composer, and when the draft is kept.
//!
//! Invariant: a draft is never dropped: it is in the composer, in the store, or on its way there.

use crate::tui::effect::{TerminalAction, Write};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use super::send;
use super::state::Parting;
use super::state::{Held, Waiting};
use crate::domain::Content;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::dispatch;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;
use crate::tui::widgets::text_editor::TextEditor;
use crate::tui::widgets::text_editor::edit::{Edit, from_key};

/// How long after the last edit a draft is kept.
const SETTLES: Duration = Duration::from_millis(300);

/// A key with the composer in front.
pub(crate) fn key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let command = model.keymap.command(KeyContext::Composer, key);
    let elsewhere = command.is_some_and(|c| c.contexts().contains(&KeyContext::Anywhere));
    if model.compose.waiting.is_some() && !elsewhere {
        model.compose.held.push(Held::Key(*key));
        return Vec::new();
    }
    match command {
        // The slash is an ordinary letter except at the start of an empty draft.
        Some(Command::Canned) if key.code == KeyCode::Char('/') && !model.compose.composer.is_empty() => {
            type_key(model, key)
        }
        Some(command) => dispatch::run(model, command),
        None => type_key(model, key),
    }
}

fn type_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let Some(edit) = from_key(key) else { return Vec::new() };
    let goes_up = edit == Edit::Up;
    let before = model.compose.composer.revision();
    let moved = model.compose.composer.apply(edit);
    if model.compose.composer.revision() != before {
        touch(model);
    } else if goes_up && !moved && model.compose.composer.is_empty() && model.thread.is_some() {
        // Up out of an empty composer goes to the messages.
        model.focus = Pane::Thread;
    }
    Vec::new()
}

/// Text was pasted into the composer.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.compose.waiting.is_some() {
        model.compose.held.push(Held::Paste(text.to_owned()));
        return Vec::new();
    }
    model.compose.composer.apply(Edit::Paste(text.to_owned()));
    touch(model);
    Vec::new()
}

/// The draft has changed: it is kept a moment later, and what was said about it before is out of date.
pub(crate) fn touch(model: &mut Model) {
    model.notice = None;
    touch_quietly(model);
}

/// The draft is to be kept a moment later; a notice about it stays.
pub(crate) fn touch_quietly(model: &mut Model) {
    model.compose.due = Some(model.now.plus(SETTLES));
}

/// Keeps the draft now, when it changed since it was kept.
pub(crate) fn flush(model: &mut Model) -> Vec<Effect> {
    if model.compose.due.take().is_none() || model.compose.waiting.is_some() {
        return Vec::new();
    }
    match model.compose.conversation {
        Some(conversation) => {
            vec![Effect::Write(Write::SaveDraft { conversation, text: model.compose.composer.text() })]
        }
        None => Vec::new(),
    }
}

/// Leaves the composer's conversation. What is on its way goes on.
pub(crate) fn leave(model: &mut Model) -> Vec<Effect> {
    let effects = flush(model);
    let compose = &mut model.compose;
    if let (Some(conversation), Some(Waiting::Sending(sent))) = (compose.conversation, compose.waiting.take()) {
        let after = scratch(std::mem::take(&mut compose.held));
        compose.partings.push(Parting { conversation, sent, after });
    }
    compose.held.clear();
    compose.early.clear();
    compose.due = None;
    compose.conversation = None;
    compose.composer = TextEditor::new();
    effects
}

/// A conversation will be opened that is not known yet: what is typed is held for it.
pub(crate) fn await_conversation(model: &mut Model) -> Vec<Effect> {
    let effects = leave(model);
    model.thread = None;
    model.focus = Pane::Composer;
    model.compose.waiting = Some(Waiting::Draft);
    effects
}

/// What held keys would have typed.
fn scratch(held: Vec<Held>) -> String {
    let mut composer = TextEditor::new();
    for one in held {
        match one {
            Held::Paste(text) => composer.apply(Edit::Paste(text)),
            Held::Key(key) if key.code == KeyCode::Enter => composer.apply(Edit::Newline),
            Held::Key(key) => from_key(&key).is_some_and(|edit| composer.apply(edit)),
        };
    }
    composer.text()
}

/// The conversation is there: its draft, then what was typed meanwhile.
pub(crate) fn begin(model: &mut Model, draft: &str) -> Vec<Effect> {
    if model.compose.waiting != Some(Waiting::Draft) {
        return Vec::new();
    }
    model.compose.composer = TextEditor::open(draft);
    release(model)
}

/// The answer is there: does what came meanwhile, until it has to wait again.
pub(crate) fn release(model: &mut Model) -> Vec<Effect> {
    model.compose.waiting = None;
    let held = std::mem::take(&mut model.compose.held);
    let mut effects = Vec::new();
    let mut rest = held.into_iter();
    for one in rest.by_ref() {
        effects.extend(match one {
            Held::Key(one) => key(model, &one),
            Held::Paste(text) => paste(model, &text),
        });
        if model.compose.waiting.is_some() {
            break;
        }
    }
    model.compose.held.extend(rest);
    effects
}

/// Sends, breaks the line, or goes to the editor.
pub(crate) fn act(model: &mut Model, command: Command) -> Vec<Effect> {
    match (command, model.compose.conversation) {
        (Command::NewLine, _) => {
            model.compose.composer.apply(Edit::Newline);
            touch(model);
            Vec::new()
        }
        (Command::Send, Some(conversation)) => {
            let text = model.compose.composer.text();
            model.compose.waiting = Some(Waiting::Sending(text.clone()));
            // The store clears the draft together with writing the message.
            model.compose.due = None;
            let body = text.trim_end().to_owned();
            vec![send::ask(conversation, Content::Text { body }, crate::tui::effect::Origin::Composer)]
        }
        (Command::Editor, Some(conversation)) => {
            let mut effects = flush(model);
            effects.push(Effect::Terminal(TerminalAction::Edit { conversation, text: model.compose.composer.text() }));
            effects
        }
        _ => Vec::new(),
    }
}
