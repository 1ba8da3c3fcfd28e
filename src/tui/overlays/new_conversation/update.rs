//! Begins a conversation: an account, somebody, then a first message.
//!
//! Invariant: who is written to already is not written to as somebody new; their conversation opens.

use crate::tui::effect::{GatewayCall, Read};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::{Addressing, NumberAsked, NumberState, Party};
use crate::domain::SendError;
use crate::domain::{AccountName, Contact, ConversationId, Group};
use crate::domain::{QueryError, StoreError};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::effect::Effect;
use crate::tui::i18n::errors::{account_error, query_error, store_error};
use crate::tui::i18n::fill;
use crate::tui::overlays::message_form;
use crate::tui::overlays::message_form::fields;
use crate::tui::overlays::state::{Address, FormKind, Overlay, Target};
use crate::tui::overlays::update::{Picked, pick, typed_step_of};
use crate::tui::thread;
use crate::tui::widgets::picker::Item;

/// Opens the choice of somebody, with the open conversation's account first.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let account = model.open_account().or(model.accounts.first()).map(|view| view.account.name.clone());
    let Some(account) = account else { return Vec::new() };
    let mut choice = Addressing::new(account);
    let effects = ask_all(model, &mut choice);
    model.open_overlay(Overlay::Addressing(Box::new(choice)));
    effects
}

/// A key in the choice of somebody.
pub(crate) fn key(model: &mut Model, choice: &mut Addressing, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    if choice.looking.is_some() {
        return (true, Vec::new());
    }
    let back = key.code == KeyCode::BackTab || key.code == KeyCode::Tab && key.modifiers.contains(KeyModifiers::SHIFT);
    if back || key.code == KeyCode::Tab {
        return (true, turn(model, choice, if back { -1 } else { 1 }));
    }
    if enter {
        let Some(party) = choice.party() else { return (true, Vec::new()) };
        choice.objection = None;
        choice.looking = Some(party.clone());
        return (
            true,
            vec![Effect::Read(Read::FindAddress { account: choice.account.clone(), to: party.to, group: party.group })],
        );
    }
    if typed_step_of(key).is_some() {
        choice.moved = true;
    }
    match pick(&mut choice.picker, key, false) {
        Picked::Typed => (true, typed(model, choice)),
        _ => (true, Vec::new()),
    }
}

/// Text was pasted.
pub(crate) fn paste(model: &mut Model, choice: &mut Addressing, text: &str) -> Vec<Effect> {
    if choice.looking.is_some() {
        return Vec::new();
    }
    choice.picker.input.insert(text.trim());
    choice.picker.typed();
    typed(model, choice)
}

fn typed(model: &mut Model, choice: &mut Addressing) -> Vec<Effect> {
    choice.moved = false;
    choice.objection = None;
    vec![ask_contacts(model, choice)]
}

/// To the next or previous account; what is typed stays.
fn turn(model: &mut Model, choice: &mut Addressing, by: isize) -> Vec<Effect> {
    let names: Vec<&AccountName> = model.accounts.iter().map(|view| &view.account.name).collect();
    let here = names.iter().position(|name| **name == choice.account).unwrap_or(0);
    let Some(name) = names.get((here + names.len()).saturating_add_signed(by) % names.len().max(1)) else {
        return Vec::new();
    };
    let mut other = Addressing::new((*name).clone());
    other.picker.input = choice.picker.input.clone();
    *choice = other;
    ask_all(model, choice)
}

fn ask_contacts(model: &mut Model, choice: &mut Addressing) -> Effect {
    model.questions += 1;
    choice.question = model.questions;
    let text = choice.picker.input.text().trim().to_owned();
    Effect::Read(Read::FindContacts { question: choice.question, account: choice.account.clone(), text })
}

fn ask_all(model: &mut Model, choice: &mut Addressing) -> Vec<Effect> {
    let mut effects = vec![ask_contacts(model, choice)];
    let lists = |can: &crate::domain::Capabilities| can.groups && can.list_groups;
    if model.account(&choice.account).is_some_and(|view| lists(&view.capabilities)) {
        effects.push(Effect::Gateway(GatewayCall::Groups { account: choice.account.clone() }));
    }
    effects
}

fn front(model: &mut Model) -> Option<&mut Addressing> {
    model.overlays.iter_mut().rev().find_map(|over| match over {
        Overlay::Addressing(choice) => Some(&mut **choice),
        _ => None,
    })
}

/// Takes people of the address book.
pub(crate) fn take_contacts(model: &mut Model, question: u64, found: Result<Vec<Contact>, StoreError>) {
    let Some(choice) = front(model).filter(|choice| choice.question == question) else { return };
    // An address book that cannot be read leaves the typing; the list tells about the store's trouble.
    let items = found.unwrap_or_default().into_iter().filter_map(|contact| {
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
    });
    choice.add(items);
}

/// Takes the phone's groups.
pub(crate) fn take_groups(model: &mut Model, account: &AccountName, groups: Result<Vec<Group>, QueryError>) {
    let (locale, words) = (model.locale, model.strings());
    let Some(choice) = front(model).filter(|choice| choice.account == *account) else { return };
    match groups {
        Ok(groups) => choice.add(groups.into_iter().map(|group| {
            let item = Item {
                label: Clean::line(&group.name).into_string(),
                detail: Clean::line(&group.id).into_string(),
                side: words.thread.group.clone(),
                ..Item::default()
            };
            (item, Party { to: group.id, group: true })
        })),
        Err(error) => {
            let reason = query_error(locale, &error);
            choice.objection = Some(fill(&words.forms.no_groups, &[("reason", &reason)]));
        }
    }
}

/// Takes what is known of somebody: their conversation opens, or a first message is asked for.
pub(crate) fn take_address(
    model: &mut Model,
    account: &AccountName,
    party: &Party,
    found: Result<(Address, Option<ConversationId>), SendError>,
) -> Vec<Effect> {
    let waits = |over: &Overlay| matches!(over, Overlay::Addressing(c) if c.account == *account && c.looking.as_ref() == Some(party));
    let Some(index) = model.overlays.iter().rposition(waits) else { return Vec::new() };
    match found {
        Ok((_, Some(conversation))) => {
            model.overlays.remove(index);
            thread::open::open(model, conversation, None)
        }
        Ok((mut address, None)) => {
            if let Overlay::Addressing(choice) = model.overlays.remove(index) {
                choice.name().unwrap_or_default().clone_into(&mut address.name);
            }
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
            if let Some(Overlay::Addressing(choice)) = model.overlays.get_mut(index) {
                choice.looking = None;
                choice.objection = Some(reason);
            }
            Vec::new()
        }
    }
}

/// Asks for a first message, or for a template where nothing else may be sent.
fn begin(model: &mut Model, address: Address) -> Vec<Effect> {
    let Some(can) = model.account(&address.account).map(|view| view.capabilities.clone()) else { return Vec::new() };
    let account = address.account.clone();
    let mut effects = check(model, &address, can.check_number);
    let by_template = can.template.is_some() && !can.window.is_open(None, model.now);
    if by_template {
        effects.extend(message_form::update::open_templates(model, &account, Target::New(address)));
    } else {
        let form = fields::form(model, FormKind::First, Target::New(address), Some(&can));
        model.open_overlay(Overlay::Form(form));
    }
    effects
}

fn check(model: &mut Model, address: &Address, can: bool) -> Vec<Effect> {
    model.number = None;
    if !can || address.group || address.channel != crate::domain::Channel::WhatsApp {
        return Vec::new();
    }
    let (account, phone) = (address.account.clone(), address.peer.clone());
    model.number = Some(NumberAsked { account: account.clone(), phone: phone.clone(), state: NumberState::Asking });
    vec![Effect::Gateway(GatewayCall::CheckNumber { account, phone })]
}

/// Takes what the gateway said about a number.
pub(crate) fn take_number(model: &mut Model, account: &AccountName, phone: &str, said: Result<bool, QueryError>) {
    let Some(asked) = model.number.as_mut().filter(|n| n.account == *account && n.phone == phone) else { return };
    asked.state = match said {
        Ok(true) => NumberState::Registered,
        Ok(false) => NumberState::Missing,
        Err(error) => NumberState::Untold(Clean::line(&query_error(model.locale, &error)).into_string()),
    };
}
