//! Goes to a conversation by a part of its name or number, or begins one with somebody of any account's address book.
//!
//! Invariant: Enter opens the best of everything that the store finds, never the best of what happens to be loaded.

use std::collections::{HashMap, HashSet};

use super::address::Party;
use super::new_conversation;
use super::popup::{self, Hint, Next, Popup};
use crate::domain::phone::Country;
use crate::domain::{AccountName, Contact, Conversation, ConversationId};
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

/// To whom Enter goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Choice {
    Conversation(ConversationId),
    /// Somebody of an address book, by number or id.
    Contact {
        account: AccountName,
        to: String,
    },
}

/// The finder of conversations and contacts: loaded ones at once, all others when the store answers.
#[derive(Debug, Clone)]
pub struct GoTo {
    picker: Picker<Choice>,
    /// Whose conversation is listed, and under which name.
    listed: HashMap<(AccountName, String), String>,
    /// The question that the store has not answered yet; answers to older ones are dropped.
    question: Option<u64>,
    /// Enter was pressed before the answer came, and then these keys.
    keys_ahead: Option<Vec<KeyEvent>>,
}

/// Opens the finder with the loaded conversations; the store is asked once something is typed.
pub(crate) fn open(model: &mut Model) {
    let loaded = || model.conversations.rows().take(MAX_LOADED);
    let items = loaded().map(|found| item(found, model.country())).collect();
    let listed = loaded().map(|found| named_peer(found, model.country())).collect();
    let picker = Picker::of_people(items, model.conversations.filter.country);
    model.push_overlay(GoTo { picker, listed, question: None, keys_ahead: None });
}

fn named_peer(conversation: &Conversation, country: Country) -> ((AccountName, String), String) {
    let peer = (conversation.account.clone(), conversation.peer.clone());
    (peer, Model::title(conversation, country).into_string())
}

fn item(conversation: &Conversation, country: Country) -> (Item, Choice) {
    let channel = i18n::channel(conversation.channel);
    let peer = Clean::line(&conversation.peer);
    let item = Item {
        label: Model::title(conversation, country).into_string(),
        detail: format!("{channel} {} {}", conversation.account, peer.as_str()),
        side: if conversation.unread > 0 { conversation.unread.to_string() } else { String::new() },
        ..Item::default()
    };
    (item, Choice::Conversation(conversation.id))
}

/// Somebody of an address book who can be written to; `None` without an account that is in use.
fn contact_item(model: &Model, contact: &Contact) -> Option<(Item, Choice)> {
    let account = contact.account.clone()?;
    let to = contact.phone.clone().or_else(|| contact.remote_id.clone())?;
    let channel = i18n::channel(model.account(&account)?.account.channel);
    let number = Clean::line(&to).into_string();
    let item = Item {
        label: Clean::name(contact.name.as_deref().unwrap_or_default())
            .map_or_else(|| number.clone(), Clean::into_string),
        detail: format!("{channel} {account} {number}"),
        side: model.strings().overlay.goto_contact.clone(),
        ..Item::default()
    };
    Some((item, Choice::Contact { account, to }))
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

/// Opens the conversation that was chosen; with a contact it is looked for, and begun where there is none.
fn go(model: &mut Model, item: Item, choice: Choice) -> Vec<Effect> {
    match choice {
        Choice::Conversation(id) => thread::open::open(model, id, None),
        Choice::Contact { account, to } => new_conversation::write_to(model, account, item, Party { to, group: false }),
    }
}

/// Adds who the store found; opens the best of them when Enter was pressed already.
pub(crate) fn add_found(model: &mut Model, question: u64, found: &[Conversation], contacts: &[Contact]) -> Vec<Effect> {
    let country = model.country();
    let contacts: Vec<_> = contacts.iter().filter_map(|contact| contact_item(model, contact)).collect();
    let Some(finder) = model.front_mut::<GoTo>().filter(|finder| finder.question == Some(question)) else {
        return Vec::new();
    };
    finder.question = None;
    let found_peers: HashMap<_, _> = found.iter().map(|found| named_peer(found, country)).collect();
    let known: HashSet<Choice> = finder.picker.all().cloned().collect();
    let listed = &finder.listed;
    // Whose conversation has another name than the address book is found by both.
    let is_new = |item: &Item, choice: &Choice| match choice {
        _ if known.contains(choice) => false,
        Choice::Conversation(_) => true,
        Choice::Contact { account, to } => {
            let peer = (account.clone(), to.clone());
            !found_peers.contains_key(&peer) && listed.get(&peer) != Some(&item.label)
        }
    };
    let all = found.iter().map(|found| item(found, country)).chain(contacts);
    finder.picker.add(all.filter(|(item, choice)| is_new(item, choice)).collect::<Vec<_>>());
    finder.listed.extend(found_peers);
    let Some(keys) = finder.keys_ahead.take() else { return Vec::new() };
    let Some((item, choice)) = finder.picker.choice().map(|(item, choice)| (item.clone(), choice.clone())) else {
        return Vec::new();
    };
    model.overlays.pop();
    let mut effects = go(model, item, choice);
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
        let Some(choice) = popup::picked(&mut self.picker, command) else { return Next::stay() };
        let item = self.picker.choice().map(|(item, _)| item.clone()).unwrap_or_default();
        Next::Close(go(model, item, choice))
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
