//! What is chosen before a form is filled in: a place that is sent often, or somebody whose contact card is sent.
//!
//! What is typed and fits nothing goes into the form as it is.

use super::address::Target;
use super::message_form::{FormKind, MessageForm};
use super::popup::{self, Hint, Next, Popup};
use crate::domain::{AccountName, Contact, ConversationId, SavedPlace, StoreError};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read};
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// Something that a form can be filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Place(SavedPlace),
    Person { name: String, number: String },
}

/// A list of what is known, for a message to the open conversation.
#[derive(Debug, Clone)]
pub struct KnownList {
    picker: Picker<Known>,
    to: ConversationId,
    /// The account in whose address book people are found; `None` for a list of places.
    account: Option<AccountName>,
    /// The newest question; answers to older ones are dropped.
    question: u64,
    /// Something of the list was chosen by arrows.
    moved: bool,
}

/// Opens the places that are sent often; where there are none, the form.
pub(crate) fn open_places(model: &mut Model, to: ConversationId) {
    if model.places.is_empty() {
        let form = MessageForm::new(model, FormKind::Location, Target::Conversation(to));
        return model.push_overlay(form);
    }
    let items = model.places.iter().map(|place| {
        let item = Item {
            label: Clean::line(&place.name).into_string(),
            detail: format!("{}, {}", place.latitude, place.longitude),
            ..Item::default()
        };
        (item, Known::Place(place.clone()))
    });
    let picker = Picker::new(items.collect());
    model.push_overlay(KnownList { picker, to, account: None, question: 0, moved: false });
}

/// Opens the address book of the open conversation's account.
pub(crate) fn open_people(model: &mut Model, to: ConversationId) -> Vec<Effect> {
    let Some(account) = model.open_account().map(|view| view.account.name.clone()) else { return Vec::new() };
    let mut list = KnownList { picker: Picker::new(Vec::new()), to, account: Some(account), question: 0, moved: false };
    let effects = list.ask(model);
    model.push_overlay(list);
    effects
}

/// Lists people of the address book.
pub(crate) fn add_people(model: &mut Model, question: u64, found: &Result<Vec<Contact>, StoreError>) {
    let Some(list) = model.overlay_mut(|list: &KnownList| list.account.is_some() && list.question == question) else {
        return;
    };
    // An address book that cannot be read leaves the typing.
    let contacts = found.as_ref().map(Vec::as_slice).unwrap_or_default();
    let people = contacts.iter().filter_map(|contact| {
        let number = Clean::line(contact.phone.as_deref()?).into_string();
        let name = Clean::name(contact.name.as_deref().unwrap_or_default()).map(Clean::into_string).unwrap_or_default();
        let item = Item {
            label: if name.is_empty() { format!("+{number}") } else { name.clone() },
            also: number.strip_prefix("62").map_or_else(String::new, |rest| format!("0{rest}")),
            detail: format!("+{number}"),
            ..Item::default()
        };
        Some((item, Known::Person { name, number: format!("+{number}") }))
    });
    let known: Vec<Known> = list.picker.all().cloned().collect();
    let new: Vec<_> = people.filter(|(_, person)| !known.contains(person)).collect();
    list.picker.add(new);
}

impl KnownList {
    fn ask(&mut self, model: &mut Model) -> Vec<Effect> {
        let Some(account) = self.account.clone() else { return Vec::new() };
        model.questions += 1;
        self.question = model.questions;
        let text = self.picker.input.text().trim().to_owned();
        vec![Effect::Read(Read::FindContacts { question: self.question, account, text })]
    }

    /// The form for what is chosen, else for what is typed.
    fn form(&self, model: &Model) -> MessageForm {
        let to = Target::Conversation(self.to);
        let typed = self.picker.input.text().trim();
        // Enter at once opens the empty form for a card; places are there to be chosen.
        let chooses = self.account.is_none() || self.moved || !typed.is_empty();
        let chosen = self.picker.choice().map(|(_, known)| known).filter(|_| chooses);
        let is_number = typed.chars().any(|c| c.is_ascii_digit()) && !typed.chars().any(char::is_alphabetic);
        match (chosen, self.account.is_some()) {
            (Some(Known::Place(place)), _) => MessageForm::place(model, to, place),
            (Some(Known::Person { name, number }), _) => MessageForm::card(model, to, name, number),
            (None, true) if is_number => MessageForm::card(model, to, "", typed),
            (None, true) => MessageForm::card(model, to, typed, ""),
            (None, false) => MessageForm::typed_place(model, to, typed),
        }
    }
}

impl Popup for KnownList {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        if command != Command::Accept {
            popup::picked(&mut self.picker, command);
            self.moved = true;
            return Next::stay();
        }
        let form = self.form(model);
        model.push_overlay(form);
        Next::close()
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if self.picker.type_key(key) { self.ask(model) } else { Vec::new() }
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        self.picker.paste(text.trim());
        self.ask(model)
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().forms;
        let (title, hint, none) = match self.account {
            Some(_) => (&strings.card, &strings.card_hint, &strings.card_typed),
            None => (&strings.location, &strings.saved_hint, &strings.place_typed),
        };
        let area = popup::open_panel(model, buf, title, 64, popup::tall(model).min(12));
        Some(self.picker.draw(&model.theme, buf, area, hint, none))
    }
}
