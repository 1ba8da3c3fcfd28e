//! Goes to a conversation by a part of its name or number.
//!
//! Invariant: Enter opens the best of everything there is, never the best of what happens to be loaded.

use crate::tui::effect::Read;
use std::collections::HashSet;

use crossterm::event::KeyEvent;

use super::state::Overlay;
use super::update::{Picked, conversation_item, pick};
use crate::domain::{Conversation, ConversationId};
use crate::tui::app::state::Model;
use crate::tui::commands::dispatch;
use crate::tui::effect::Effect;
use crate::tui::thread;
use crate::tui::widgets::picker::Picker;

/// A finder's parts: what is found, the question that is not answered yet, the keys after Enter that wait for it.
type Parts<'a> = (&'a mut Picker<ConversationId>, &'a mut Option<u64>, &'a mut Option<Vec<KeyEvent>>);

/// A key; whether the finder stays, and what is asked.
pub(crate) fn key(model: &mut Model, parts: Parts<'_>, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    let (picker, question, ahead) = parts;
    if let Some(ahead) = ahead {
        ahead.push(*key);
        return (true, Vec::new());
    }
    if enter && question.is_some() {
        *ahead = Some(Vec::new());
        return (true, Vec::new());
    }
    match pick(picker, key, enter) {
        Picked::This(id) => (false, thread::open::open(model, id, None)),
        Picked::Typed => (true, ask(model, picker, question)),
        Picked::Nothing => (true, Vec::new()),
    }
}

/// What is typed changed: asks the store.
pub(crate) fn ask(model: &mut Model, picker: &mut Picker<ConversationId>, question: &mut Option<u64>) -> Vec<Effect> {
    picker.typed();
    *question = None;
    let text = picker.input.text().trim().to_owned();
    if text.is_empty() {
        return Vec::new();
    }
    model.questions += 1;
    *question = Some(model.questions);
    vec![Effect::Read(Read::FindConversations { question: model.questions, text })]
}

/// Takes conversations that the store found, and opens the best when Enter was pressed already.
pub(crate) fn take(model: &mut Model, answered: u64, found: &[Conversation]) -> Vec<Effect> {
    let Some(Overlay::GoTo { picker, question, ahead }) = model.overlays.last_mut() else { return Vec::new() };
    if *question != Some(answered) {
        return Vec::new();
    }
    *question = None;
    let known: HashSet<ConversationId> = picker.all().copied().collect();
    picker.add(found.iter().filter(|c| !known.contains(&c.id)).map(conversation_item));
    let Some(ahead) = ahead.take() else { return Vec::new() };
    let Some(id) = picker.choice().map(|(_, id)| *id) else { return Vec::new() };
    model.overlays.pop();
    let mut effects = thread::open::open(model, id, None);
    for key in ahead {
        effects.extend(dispatch::press(model, &key));
    }
    effects
}
