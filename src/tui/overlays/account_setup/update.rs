//! What keys and answers do in the welcome and in the form for a new account.
//!
//! Invariant: nothing is kept that the form objects to, and what was typed stays until it is kept or closed.

use crate::tui::effect::{GatewayCall, Read, TerminalAction};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::{AccountForm, AccountRow, AccountSheet, Choices, KeptAccount};
use crate::domain::AccountName;
use crate::domain::{AccountSetupError, AddedAccount};
use crate::tui::app::quit::save_and_quit;
use crate::tui::app::state::Model;
use crate::tui::effect::Effect;
use crate::tui::i18n::errors::setup_error;
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::fill;
use crate::tui::overlays::login;
use crate::tui::overlays::state::Overlay;

/// Ways out of the welcome: the demo, an account.
const WAYS: usize = 2;

/// A key on the first screen.
pub(crate) fn welcome_key(model: &mut Model, chosen: &mut usize, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Up | KeyCode::Down | KeyCode::Char('j' | 'k') | KeyCode::Tab | KeyCode::BackTab => {
            *chosen = (*chosen + 1) % WAYS;
        }
        KeyCode::Char('q') if key.modifiers.is_empty() => return (true, save_and_quit(model)),
        KeyCode::Char('d') if key.modifiers.is_empty() => return (true, demo(model)),
        KeyCode::Char('a') if key.modifiers.is_empty() => return over_welcome(model, *chosen),
        _ if enter && *chosen == 0 => return (true, demo(model)),
        _ if enter => return over_welcome(model, *chosen),
        _ => {}
    }
    (true, Vec::new())
}

fn over_welcome(model: &mut Model, chosen: usize) -> (bool, Vec<Effect>) {
    model.overlays.push(Overlay::Welcome { chosen });
    (false, open(model))
}

/// Ends this screen for the demo's.
fn demo(model: &mut Model) -> Vec<Effect> {
    let mut effects = save_and_quit(model);
    effects.retain(|effect| *effect != Effect::Terminal(TerminalAction::Quit));
    effects.push(Effect::Terminal(TerminalAction::Demo));
    effects
}

/// Opens the form.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.open_overlay(Overlay::Account(AccountSheet::Asking));
    vec![Effect::Read(Read::SetupOptions)]
}

/// Takes what there is to choose.
pub(crate) fn take_choices(model: &mut Model, choices: Option<Choices>) {
    let asking = |over: &Overlay| matches!(over, Overlay::Account(AccountSheet::Asking));
    let Some(index) = model.overlays.iter().rposition(asking) else { return };
    model.overlays.remove(index);
    if let Some(form) = choices.and_then(AccountForm::new) {
        model.overlays.insert(index, Overlay::Account(AccountSheet::Filling(Box::new(form))));
    } else {
        model.notify(&model.strings().whynot.no_new_account, true);
    }
}

/// A key in the form, or in what follows it.
pub(crate) fn key(model: &mut Model, sheet: &mut AccountSheet, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    match sheet {
        AccountSheet::Asking => (true, Vec::new()),
        AccountSheet::Filling(form) => (true, form_key(model, form, key, enter)),
        AccountSheet::Kept(kept) => kept_key(model, kept, key, enter),
    }
}

fn form_key(model: &mut Model, form: &mut AccountForm, key: &KeyEvent, enter: bool) -> Vec<Effect> {
    if form.trying.is_some() {
        return Vec::new();
    }
    let typed = form.line(form.focus).is_some();
    match key.code {
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => form.step(-1),
        KeyCode::BackTab | KeyCode::Up => form.step(-1),
        KeyCode::Tab | KeyCode::Down => form.step(1),
        KeyCode::Left if !typed => turn(form, -1),
        KeyCode::Right | KeyCode::Char(' ') if !typed => turn(form, 1),
        _ if enter && form.focus == AccountRow::Save => return save(model, form),
        _ if enter => form.step(1),
        _ => {
            if form.typed_line().and_then(|line| line.key(key)) == Some(true) {
                form.changed();
            }
        }
    }
    Vec::new()
}

fn turn(form: &mut AccountForm, by: isize) {
    if form.choose(by) {
        form.changed();
    }
}

fn save(model: &Model, form: &mut AccountForm) -> Vec<Effect> {
    form.strict = true;
    match form.draft() {
        Ok(draft) => {
            form.objection = None;
            form.trying = Some(model.now);
            vec![Effect::Gateway(GatewayCall::AddAccount(Box::new(draft)))]
        }
        Err(row) => {
            form.focus = row;
            Vec::new()
        }
    }
}

/// Text was pasted into the form.
pub(crate) fn paste(sheet: &mut AccountSheet, text: &str) {
    if let AccountSheet::Filling(form) = sheet
        && form.trying.is_none()
        && let Some(line) = form.typed_line()
    {
        line.insert(text.trim());
        form.changed();
    }
}

/// Takes what became of an account.
pub(crate) fn take_kept(
    model: &mut Model,
    name: AccountName,
    result: Result<AddedAccount, AccountSetupError>,
) -> Vec<Effect> {
    let trying = |over: &Overlay| matches!(over, Overlay::Account(AccountSheet::Filling(f)) if f.trying.is_some());
    let index = model.overlays.iter().rposition(trying);
    let form = index.and_then(|index| match model.overlays.get(index) {
        Some(Overlay::Account(AccountSheet::Filling(form))) => Some((index, form.clone())),
        _ => None,
    });
    let words = &model.strings().account_form;
    match (result, form) {
        (Ok(kept), Some((index, form))) => {
            let sheet = kept_sheet(name, kept, &form);
            if let Some(place) = model.overlays.get_mut(index) {
                *place = Overlay::Account(AccountSheet::Kept(Box::new(sheet)));
            }
            vec![Effect::Read(Read::Overview)]
        }
        (Ok(_), None) => {
            model.notify(&fill(&words.kept, &[("account", name.as_str())]), false);
            vec![Effect::Read(Read::Overview)]
        }
        (Err(error), form) => {
            let gateway = form.as_ref().and_then(|(_, form)| form.gateway()).map_or("", |gateway| gateway.name);
            let reason = objection(model, gateway, &error);
            match form {
                Some((index, mut form)) => {
                    form.trying = None;
                    form.untried = matches!(error, AccountSetupError::KeyUnchecked(_));
                    form.objection = Some(reason);
                    if let Some(place) = model.overlays.get_mut(index) {
                        *place = Overlay::Account(AccountSheet::Filling(form));
                    }
                }
                None => model.notify(&reason, true),
            }
            Vec::new()
        }
    }
}

fn kept_sheet(name: AccountName, kept: AddedAccount, form: &AccountForm) -> KeptAccount {
    let gateway = form.gateway();
    KeptAccount {
        name,
        gateway: gateway.map_or("", |gateway| gateway.name),
        login: gateway.is_some_and(|gateway| gateway.login),
        url: crate::text::Clean::line(&kept.webhook_url),
        kept,
        since: form.trying.unwrap_or_default(),
        first_event: None,
    }
}

/// Why an account was not kept, in words.
fn objection(model: &Model, gateway: &str, error: &AccountSetupError) -> String {
    let words = &model.strings().account_form;
    let said = |sentence: &str, why: &crate::domain::Failure| {
        let reason = failure(model.locale, why, None).line();
        fill(sentence, &[("gateway", gateway), ("reason", &reason)])
    };
    match error {
        AccountSetupError::KeyRefused(why) => said(&words.refused, why),
        AccountSetupError::KeyUnchecked(why) => said(&words.untried, why),
        AccountSetupError::Unavailable | AccountSetupError::Settings(_) | AccountSetupError::Store(_) => {
            fill(&words.failed, &[("reason", &setup_error(model.locale, error))])
        }
    }
}

fn kept_key(model: &mut Model, kept: &KeptAccount, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    if enter {
        return (false, Vec::new());
    }
    match key.code {
        KeyCode::Char('y') if key.modifiers.is_empty() => {
            (true, vec![Effect::Terminal(TerminalAction::Copy { text: kept.url.clone() })])
        }
        KeyCode::Char('l') if key.modifiers.is_empty() && kept.login => {
            model.overlays.push(Overlay::Account(AccountSheet::Kept(Box::new(kept.clone()))));
            (false, login::update::begin(model, &kept.name, kept.gateway))
        }
        _ => (true, Vec::new()),
    }
}

/// Notes the first event of an account that waits for it.
pub(crate) fn note_first_event(model: &mut Model) {
    let Model { overlays, accounts, .. } = model;
    for over in overlays {
        let Overlay::Account(AccountSheet::Kept(kept)) = over else { continue };
        if kept.first_event.is_none() {
            let account = accounts.iter().find(|view| view.account.name == kept.name);
            kept.first_event = account.and_then(|view| view.account.last_event_at).filter(|at| *at >= kept.since);
        }
    }
}
