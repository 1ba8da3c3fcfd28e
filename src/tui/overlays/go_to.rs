//! Goes to a conversation by a part of its name or number.
//!
//! Invariant: Enter opens the best of everything that the store finds, never the best of what happens to be loaded.

use std::collections::HashSet;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::phone::Country;
use crate::domain::{Conversation, ConversationId};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::dispatch;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read};
use crate::tui::widgets::picker::{Item, Picker};
use crate::tui::{i18n, thread};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// At most so many loaded conversations are offered before the store is asked.
const MAX_LOADED: usize = 2000;

/// The finder of conversations: loaded ones at once, all others when the store answers.
#[derive(Debug, Clone)]
pub struct GoTo {
    picker: Picker<ConversationId>,
    /// The question that the store has not answered yet; answers to older ones are dropped.
    question: Option<u64>,
    /// Enter was pressed before the answer came, and then these keys.
    keys_ahead: Option<Vec<KeyEvent>>,
}

/// Opens the finder with the loaded conversations; the store is asked once something is typed.
pub(crate) fn open(model: &mut Model) {
    let items = model.conversations.rows().take(MAX_LOADED).map(|found| item(found, model.country())).collect();
    let picker = Picker::of_people(items, model.conversations.filter.country);
    model.push_overlay(GoTo { picker, question: None, keys_ahead: None });
}

fn item(conversation: &Conversation, country: Country) -> (Item, ConversationId) {
    let channel = i18n::channel(conversation.channel);
    let peer = Clean::line(&conversation.peer);
    let item = Item {
        label: Model::title(conversation, country).into_string(),
        detail: format!("{channel} {} {}", conversation.account, peer.as_str()),
        side: if conversation.unread > 0 { conversation.unread.to_string() } else { String::new() },
        ..Item::default()
    };
    (item, conversation.id)
}

impl GoTo {
    /// Asks the store for what is typed.
    fn ask(&mut self, model: &mut Model) -> Vec<Effect> {
        self.question = None;
        let text = self.picker.input.text().trim().to_owned();
        if text.is_empty() {
            return Vec::new();
        }
        model.questions += 1;
        self.question = Some(model.questions);
        vec![Effect::Read(Read::FindConversations { question: model.questions, text })]
    }
}

/// Adds conversations that the store found; opens the best of them when Enter was pressed already.
pub(crate) fn add_found(model: &mut Model, question: u64, found: &[Conversation]) -> Vec<Effect> {
    let country = model.country();
    let Some(finder) = model.front_mut::<GoTo>().filter(|finder| finder.question == Some(question)) else {
        return Vec::new();
    };
    finder.question = None;
    let known: HashSet<ConversationId> = finder.picker.all().copied().collect();
    finder
        .picker
        .add(found.iter().filter(|conversation| !known.contains(&conversation.id)).map(|found| item(found, country)));
    let Some(keys) = finder.keys_ahead.take() else { return Vec::new() };
    let Some(id) = finder.picker.choice().map(|(_, id)| *id) else { return Vec::new() };
    model.overlays.pop();
    let mut effects = thread::open::open(model, id, None);
    for key in keys {
        effects.extend(dispatch::press(model, &key));
    }
    effects
}

impl Popup for GoTo {
    fn commands(&self) -> &'static [Command] {
        // While the answer is awaited, keys are kept for the conversation that it will open.
        if self.keys_ahead.is_some() { &[] } else { popup::PICKER_COMMANDS }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::GoTo)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        if command == Command::Accept && self.question.is_some() {
            self.keys_ahead = Some(Vec::new());
            return Next::stay();
        }
        match popup::picked(&mut self.picker, command) {
            Some(id) => Next::Close(thread::open::open(model, id, None)),
            None => Next::stay(),
        }
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if let Some(keys) = &mut self.keys_ahead {
            keys.push(*key);
            return Vec::new();
        }
        if self.picker.type_key(key) { self.ask(model) } else { Vec::new() }
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        self.picker.paste(text);
        self.ask(model)
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let area = popup::open_panel(model, buf, &strings.goto, 64, popup::tall(model));
        Some(self.picker.draw(&model.theme, buf, area, &strings.goto_hint, &strings.nothing_found))
    }
}
