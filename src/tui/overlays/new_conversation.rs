//! Begins a conversation with somebody new: an account, a recipient, then a first message.
//!
//! Invariant: who has a conversation already does not get a second one; theirs opens. What Enter does is said under
//! the list.
use crate::domain::{QueryError, StoreError};
use crate::tui::i18n::errors::{account_error, query_error, store_error};
use std::collections::HashSet;

use super::address::{Address, NumberQuestion, NumberState, Party, Target};
use super::message_form::{FormKind, MessageForm};
use super::popup::{self, Hint, Next, Popup};
use super::{known, templates};
use crate::domain::{AccountName, Channel, Contact, ConversationId, Group, SendError};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, GatewayCall, Read};
use crate::tui::i18n::{channel, fill};
use crate::tui::theme::styles::Meaning;
use crate::tui::thread;
use crate::tui::widgets::draw_text::{paragraphs, put, row, skip, wrapped};
use crate::tui::widgets::picker::{Item, Picker};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The choice of a recipient for a first message from one account.
#[derive(Debug, Clone)]
pub struct NewConversation {
    account: AccountName,
    /// Who is known; the typed text may be a number or id of somebody else.
    picker: Picker<Party>,
    /// Somebody of the list was chosen by arrows.
    moved: bool,
    /// The newest question; answers to older ones are dropped.
    question: u64,
    /// Whether there is a conversation with them already is being looked up.
    looking_up: Option<Party>,
    /// Why nobody could be written to or listed, in the person's language.
    objection: Option<String>,
}

/// Opens the choice of a recipient, with the open conversation's account first.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let account = model.open_account().or(model.accounts.first()).map(|view| view.account.name.clone());
    let Some(account) = account else { return Vec::new() };
    let mut choice = NewConversation::new(account);
    let effects = choice.ask_everybody(model);
    model.push_overlay(choice);
    effects
}

/// Goes on with somebody who was chosen elsewhere: their conversation opens, or a first message is written.
pub(crate) fn write_to(model: &mut Model, account: AccountName, item: Item, party: Party) -> Vec<Effect> {
    let mut choice = NewConversation::new(account.clone());
    choice.add([(item, party.clone())]);
    choice.looking_up = Some(party.clone());
    model.push_overlay(choice);
    vec![Effect::Read(Read::FindAddress { account, to: party.to, group: party.group })]
}

impl NewConversation {
    /// A choice from an empty list, before anybody of the account is known.
    pub(crate) fn new(account: AccountName) -> Self {
        let picker = Picker::new(Vec::new());
        NewConversation { account, picker, moved: false, question: 0, looking_up: None, objection: None }
    }

    /// To whom Enter goes: who was chosen by arrows, else a whole number that is typed, else the best of the list,
    /// else what is typed.
    fn party(&self) -> Option<Party> {
        let typed = self.picker.input.text().trim();
        let chosen = self.picker.choice().map(|(_, party)| party.clone());
        let digits = typed.chars().filter(char::is_ascii_digit).count();
        let is_number = digits >= 8 && !typed.chars().any(char::is_alphabetic);
        if chosen.is_some() && (self.moved || !is_number) {
            return chosen;
        }
        (!typed.is_empty()).then(|| Party { to: typed.to_owned(), group: false })
    }

    /// The name of whom Enter goes to, when they are of the list.
    fn name(&self) -> Option<&str> {
        let (item, party) = self.picker.choice()?;
        (self.party().as_ref() == Some(party)).then_some(item.label.as_str())
    }

    /// Adds people and groups that are not listed yet.
    fn add(&mut self, items: impl IntoIterator<Item = (Item, Party)>) {
        let known: HashSet<Party> = self.picker.all().cloned().collect();
        self.picker.add(items.into_iter().filter(|(_, party)| !known.contains(party)));
    }

    /// The typed text changed.
    fn retyped(&mut self, model: &mut Model) -> Vec<Effect> {
        self.moved = false;
        self.objection = None;
        vec![self.ask_contacts(model)]
    }

    /// Goes to the next or previous account; what is typed stays.
    fn change_account(&mut self, model: &mut Model, by: isize) -> Vec<Effect> {
        let names: Vec<&AccountName> = model.accounts.iter().map(|view| &view.account.name).collect();
        let at = names.iter().position(|name| **name == self.account).unwrap_or(0);
        let Some(name) = names.get((at + names.len()).saturating_add_signed(by) % names.len().max(1)) else {
            return Vec::new();
        };
        let mut other = NewConversation::new((*name).clone());
        other.picker.input = self.picker.input.clone();
        *self = other;
        self.ask_everybody(model)
    }

    fn ask_contacts(&mut self, model: &mut Model) -> Effect {
        model.questions += 1;
        self.question = model.questions;
        let text = self.picker.input.text().trim().to_owned();
        Effect::Read(Read::FindContacts { question: self.question, account: self.account.clone(), text })
    }

    fn ask_everybody(&mut self, model: &mut Model) -> Vec<Effect> {
        let mut effects = vec![self.ask_contacts(model)];
        let capabilities = model.account(&self.account).map(|view| &view.capabilities);
        if capabilities.is_some_and(|can| can.groups && can.list_groups) {
            effects.push(Effect::Gateway(GatewayCall::Groups { account: self.account.clone() }));
        }
        effects
    }
}

/// Lists people of the address book.
pub(crate) fn add_contacts(model: &mut Model, question: u64, found: Result<Vec<Contact>, StoreError>) {
    known::add_people(model, question, &found);
    let Some(choice) = model.overlay_mut(|choice: &NewConversation| choice.question == question) else { return };
    // An address book that cannot be read leaves the typing; the conversation list says that the store is in trouble.
    choice.add(found.unwrap_or_default().into_iter().filter_map(|contact| {
        let to = contact.phone.or(contact.remote_id)?;
        let number = Clean::line(&to).into_string();
        let name = Clean::line(contact.name.as_deref().unwrap_or_default().trim()).into_string();
        let item = Item {
            label: if name.is_empty() { number.clone() } else { name },
            // People type numbers as they dial them.
            also: number.strip_prefix("62").map_or_else(String::new, |rest| format!("0{rest}")),
            detail: number,
            ..Item::default()
        };
        Some((item, Party { to, group: false }))
    }));
}

/// Lists the phone's groups.
pub(crate) fn add_groups(model: &mut Model, account: &AccountName, groups: Result<Vec<Group>, QueryError>) {
    let (locale, strings) = (model.locale, model.strings());
    let Some(choice) = model.overlay_mut(|choice: &NewConversation| choice.account == *account) else { return };
    match groups {
        Ok(groups) => choice.add(groups.into_iter().map(|group| {
            let item = Item {
                label: Clean::line(&group.name).into_string(),
                detail: Clean::line(&group.id).into_string(),
                side: strings.thread.group.clone(),
                ..Item::default()
            };
            (item, Party { to: group.id, group: true })
        })),
        Err(error) => {
            let reason = query_error(locale, &error);
            choice.objection = Some(fill(&strings.forms.no_groups, &[("reason", &reason)]));
        }
    }
}

/// Goes on with what is known of the chosen party: their conversation opens, or a first message is written.
pub(crate) fn go_on(
    model: &mut Model,
    account: &AccountName,
    party: &Party,
    found: Result<(Address, Option<ConversationId>), SendError>,
) -> Vec<Effect> {
    let waits = |choice: &NewConversation| choice.account == *account && choice.looking_up.as_ref() == Some(party);
    let Some(index) = model.find_overlay(waits) else { return Vec::new() };
    match found {
        Ok((_, Some(conversation))) => {
            model.overlays.remove(index);
            thread::open::open(model, conversation, None)
        }
        Ok((mut address, None)) => {
            if let Some(name) = model.overlay_mut(waits).and_then(|choice| choice.name()) {
                name.clone_into(&mut address.name);
            }
            model.overlays.remove(index);
            begin(model, address)
        }
        Err(error) => {
            let reason = match error {
                SendError::Objection(objection) => availability::objection_of(model, account, &objection),
                SendError::Account(error) => {
                    fill(&model.strings().notices.not_done, &[("reason", &account_error(model.locale, &error))])
                }
                SendError::Store(error) => {
                    fill(&model.strings().notices.not_done, &[("reason", &store_error(model.locale, &error))])
                }
            };
            if let Some(choice) = model.overlay_mut(waits) {
                choice.looking_up = None;
                choice.objection = Some(reason);
            }
            Vec::new()
        }
    }
}

/// Opens the form for a first message, or the templates where nothing else may be sent.
fn begin(model: &mut Model, address: Address) -> Vec<Effect> {
    let Some(can) = model.account(&address.account).map(|view| view.capabilities.clone()) else { return Vec::new() };
    let account = address.account.clone();
    let mut effects = check_number(model, &address, can.check_number);
    if can.template.is_some() && !can.window.is_open(None, model.now) {
        effects.extend(templates::open_for(model, &account, Target::New(address)));
    } else {
        model.push_overlay(MessageForm::new(model, FormKind::First, Target::New(address)));
    }
    effects
}

fn check_number(model: &mut Model, address: &Address, can_check: bool) -> Vec<Effect> {
    model.number = None;
    if !can_check || address.group || address.channel != Channel::WhatsApp {
        return Vec::new();
    }
    let (account, phone) = (address.account.clone(), address.peer.clone());
    model.number = Some(NumberQuestion { account: account.clone(), phone: phone.clone(), state: NumberState::Asking });
    vec![Effect::Gateway(GatewayCall::CheckNumber { account, phone })]
}

/// Notes what the gateway says about a number.
pub(crate) fn note_number(model: &mut Model, account: &AccountName, phone: &str, answer: Result<bool, QueryError>) {
    let Some(question) = model.number.as_mut().filter(|n| n.account == *account && n.phone == phone) else { return };
    question.state = match answer {
        Ok(true) => NumberState::Registered,
        Ok(false) => NumberState::Missing,
        Err(error) => NumberState::Unknown(Clean::line(&query_error(model.locale, &error)).into_string()),
    };
}

impl Popup for NewConversation {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, NextField, NextMatch, PageDown, PageUp, PreviousField, PreviousMatch};
        if self.looking_up.is_some() {
            return &[];
        }
        &[Accept, NextField, PreviousField, NextMatch, PreviousMatch, PageDown, PageUp]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match command {
            Command::NextField => return Next::Stay(self.change_account(model, 1)),
            Command::PreviousField => return Next::Stay(self.change_account(model, -1)),
            Command::Accept => {
                let Some(party) = self.party() else { return Next::stay() };
                self.objection = None;
                self.looking_up = Some(party.clone());
                let account = self.account.clone();
                return Next::Stay(vec![Effect::Read(Read::FindAddress { account, to: party.to, group: party.group })]);
            }
            _ => self.moved = true,
        }
        popup::picked(&mut self.picker, command);
        Next::stay()
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        let typed = self.looking_up.is_none() && self.picker.type_key(key);
        if typed { self.retyped(model) } else { Vec::new() }
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        if self.looking_up.is_some() {
            return Vec::new();
        }
        self.picker.paste(text.trim());
        self.retyped(model)
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let other_account = popup::named_hint(model, Command::NextField, &model.strings().forms.other_account);
        vec![popup::hint(model, Command::Accept), other_account, popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().forms;
        let style = |meaning| model.theme.style(meaning);
        let tall = model.areas.screen.height.saturating_sub(4).min(16);
        let area = popup::open_panel(model, buf, &strings.new_conversation, 64, tall);
        let view = model.account(&self.account);
        let gateway =
            view.map_or(String::new(), |view| format!(" · {} · {}", view.provider_name, channel(view.account.channel)));
        let used = put(buf, row(area, 0), &strings.account, style(Meaning::Dim));
        put(buf, skip(row(area, 0), used + 1), &format!("{}{gateway}", self.account), style(Meaning::Strong));
        let (note, meaning) = match (&self.objection, self.party()) {
            (Some(objection), _) => (objection.clone(), Meaning::ComposerObjection),
            (None, Some(party)) => {
                let to = self.name().map_or_else(|| Clean::line(&party.to).into_string(), str::to_owned);
                (fill(&strings.enter_writes, &[("to", &to)]), Meaning::Dim)
            }
            (None, None) => (strings.who_hint.clone(), Meaning::Dim),
        };
        let below = u16::try_from(wrapped(&note, area.width).len()).unwrap_or(u16::MAX).min(area.height / 2);
        let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + below), ..area };
        let cursor = self.picker.draw(&model.theme, buf, list, &strings.who, "");
        let bottom = Rect { y: area.y + area.height.saturating_sub(below), height: below, ..area };
        paragraphs(buf, bottom, &[(&note, style(meaning))]);
        Some(cursor)
    }
}
