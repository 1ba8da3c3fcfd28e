//! The people of a contact card that came: written to, or saved.

use crate::domain::{AccountName, Contact, Kind, Message, StoreError, phone};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::errors::store_error;
use crate::tui::i18n::fill;
use crate::tui::overlays::address::Party;
use crate::tui::overlays::new_conversation;
use crate::tui::widgets::picker::Item;
use serde_json::Value;

/// The most numbers of a message that are offered.
const MOST: usize = 50;

/// A number of a contact card, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CardPerson {
    /// Clean; empty where the card has none.
    pub(crate) name: String,
    /// As the card has it: digits with the country code, or as somebody wrote it. Clean.
    pub(crate) number: String,
    pub(crate) email: Option<String>,
    pub(crate) company: Option<String>,
}

/// The people of a message's contact cards, each as often as they have numbers.
pub(crate) fn people(message: &Message) -> Vec<CardPerson> {
    if message.kind != Kind::Contacts {
        return Vec::new();
    }
    let cards = message.payload.as_ref().and_then(|payload| payload.get("contacts")?.as_array());
    let mut people = Vec::new();
    for card in cards.into_iter().flatten() {
        let text = |value: Option<&Value>| Some(Clean::line(value?.as_str()?.trim()).into_string());
        let known = |value: Option<&Value>| text(value).filter(|text| !text.is_empty());
        for number in card.get("numbers").and_then(Value::as_array).into_iter().flatten() {
            let Some(number) = text(Some(number)).filter(|text| text.chars().any(|c| c.is_ascii_digit())) else {
                continue;
            };
            people.push(CardPerson {
                name: known(card.get("name")).unwrap_or_default(),
                number,
                email: known(card.pointer("/emails/0")),
                company: known(card.get("company")),
            });
        }
    }
    people.truncate(MOST);
    people
}

/// The account through which somebody with a phone number is reached: the open conversation's, else the first that can.
fn account(model: &Model) -> Option<AccountName> {
    let open = model.open_account().into_iter();
    let mut accounts = open.chain(&model.accounts).filter(|view| view.account.channel.uses_phone_numbers());
    accounts.next().map(|view| view.account.name.clone())
}

/// Why the people of a message cannot be written to or saved; `None` when they can.
pub(crate) fn why_not(model: &Model, message: &Message) -> Option<String> {
    let strings = &model.strings().whynot;
    if people(message).is_empty() {
        return Some(strings.no_number.clone());
    }
    account(model).is_none().then(|| strings.no_phone_account.clone())
}

/// Writes to a person, or saves them.
pub(crate) fn run_for(model: &mut Model, person: CardPerson, command: Command) -> Vec<Effect> {
    let Some(account) = account(model) else { return Vec::new() };
    if command == Command::WriteToContact {
        let label = if person.name.is_empty() { person.number.clone() } else { person.name };
        let item = Item { label, detail: person.number.clone(), ..Item::default() };
        return new_conversation::write_to(model, account, item, Party { to: person.number, group: false });
    }
    let Some(phone) = phone::normalise(&person.number, model.country()) else {
        model.notify(&fill(&model.strings().notices.no_phone_number, &[("number", &person.number)]), true);
        return Vec::new();
    };
    let company = person.company.map(|company| ("company".to_owned(), Value::from(company)));
    let contact = Contact {
        account: Some(account),
        remote_id: None,
        phone: Some(phone),
        name: Some(person.name).filter(|name| !name.is_empty()),
        email: person.email,
        tags: Vec::new(),
        custom_fields: company.into_iter().collect(),
    };
    vec![Effect::Write(Write::SaveContact { contact: Box::new(contact) })]
}

/// Says what came of saving a contact. `known`: the address book had the number, by this name.
pub(crate) fn show_saved(model: &mut Model, contact: &Contact, result: Result<Option<String>, StoreError>) {
    let strings = &model.strings().notices;
    let number = contact.phone.as_deref().unwrap_or_default();
    let name_of = |name: &str| Clean::name(name).map_or_else(|| number.to_owned(), Clean::into_string);
    let (text, bad) = match result {
        Ok(None) => {
            let account = contact.account.as_ref().map(ToString::to_string).unwrap_or_default();
            let name = name_of(contact.name.as_deref().unwrap_or_default());
            (fill(&strings.contact_saved, &[("name", &name), ("account", &account)]), false)
        }
        Ok(Some(known)) => (fill(&strings.contact_known, &[("name", &name_of(&known))]), false),
        Err(error) => (fill(&strings.not_done, &[("reason", &store_error(model.locale, &error))]), true),
    };
    model.notify(&text, bad);
}
