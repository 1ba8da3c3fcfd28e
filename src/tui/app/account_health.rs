//! The health of accounts: their list, and one notice when a session is lost.
//!
//! Invariant: nothing is shown of an account that was not observed.

use crossterm::event::{KeyCode, KeyEvent};

use super::state::{ACCOUNTS_AGE, Model};
use crate::domain::{AccountStatus, InvalidAccount, SessionState};
use crate::text::Clean;
use crate::tui::commands::availability;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::{Effect, Read, TerminalAction};
use crate::tui::i18n::fill;
use crate::tui::overlays::state::Overlay;
use crate::tui::overlays::update::step_of;
use crate::tui::overlays::{account_setup, login};

/// An entry of the list of accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry<'m> {
    Broken(&'m InvalidAccount),
    Working(&'m AccountStatus),
}

/// All accounts, those whose settings cannot be used first.
pub(crate) fn entries(model: &Model) -> Vec<Entry<'_>> {
    let broken = model.invalid_accounts.iter().map(Entry::Broken);
    broken.chain(model.accounts.iter().map(Entry::Working)).collect()
}

/// Opens the list of accounts, as it is now.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.open_overlay(Overlay::Accounts { chosen: 0 });
    vec![Effect::Read(Read::Overview)]
}

/// Handles a key in the list of accounts; returns whether the list stays open, and what is to be done.
pub(crate) fn key(model: &mut Model, chosen: &mut usize, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    let last = (model.invalid_accounts.len() + model.accounts.len()).saturating_sub(1);
    *chosen = chosen.saturating_add_signed(step_of(key, 4).unwrap_or(0)).min(last);
    let view = chosen.checked_sub(model.invalid_accounts.len()).and_then(|index| model.accounts.get(index));
    let accounts = Overlay::Accounts { chosen: *chosen };
    match (key.code, view) {
        (KeyCode::Char('q'), _) => (false, Vec::new()),
        (KeyCode::Char('a'), _) => {
            if let Some(reason) = availability::why_not(model, Command::AddAccount) {
                model.notify(&reason, true);
                return (true, Vec::new());
            }
            model.overlays.push(accounts);
            (false, account_setup::update::open(model))
        }
        (KeyCode::Char('l'), Some(view)) => {
            let (name, gateway) = (view.account.name.clone(), view.provider_name);
            if !view.capabilities.login {
                // The notice says where the account logs in.
                return (true, login::update::begin(model, &name, gateway));
            }
            model.overlays.push(accounts);
            (false, login::update::begin(model, &name, gateway))
        }
        (KeyCode::Char('y'), Some(view)) => {
            (true, vec![Effect::Terminal(TerminalAction::Copy { text: Clean::line(&view.webhook_url) })])
        }
        _ => (!enter, Vec::new()),
    }
}

/// Reads accounts again while their list is open and its times have aged.
pub(crate) fn refresh_if_old(model: &mut Model) -> Option<Effect> {
    let open = matches!(model.overlays.last(), Some(Overlay::Accounts { .. }));
    let old = model.accounts_read_at.is_none_or(|at| at.plus(ACCOUNTS_AGE) <= model.now);
    (open && old).then(|| {
        model.accounts_read_at = Some(model.now);
        Effect::Read(Read::Overview)
    })
}

/// Shows a notice when a session was lost since the accounts were read before, with the way back.
pub(crate) fn notify_of_lost_session(model: &mut Model, now: &[AccountStatus]) {
    if !model.accounts_ready {
        return;
    }
    let lost = now.iter().find(|view| {
        let before = model.account(&view.account.name).map(|view| view.account.state);
        needs_a_person(view.account.state) && before.is_some_and(|before| before != view.account.state)
    });
    if let Some(view) = lost {
        let state = model.strings().session(view.account.state);
        let way = way_back(model, view);
        model.notify(&format!("{}: {state}. {way}", view.account.name), true);
    }
}

fn needs_a_person(state: SessionState) -> bool {
    matches!(state, SessionState::LoggedOut | SessionState::Banned | SessionState::KeyRefused)
}

/// What a person can do about an account's state; empty when there is nothing to do.
pub(crate) fn way_back(model: &Model, view: &AccountStatus) -> String {
    let strings = &model.strings().health;
    let gateway = view.provider_name;
    let sentence = match view.account.state {
        SessionState::LoggedOut if view.capabilities.login => {
            let key = model.keymap.first_key(KeyContext::Anywhere, Command::LogIn);
            let key = key.map(|key| key.to_string()).unwrap_or_default();
            return fill(&strings.log_in_again, &[("key", &key)]);
        }
        SessionState::LoggedOut => &strings.log_in_there,
        SessionState::Banned => &strings.banned,
        SessionState::KeyRefused => &strings.key_refused,
        SessionState::RateLimited => &strings.rate_limited,
        SessionState::Unreachable => &strings.unreachable,
        SessionState::Unknown | SessionState::Connected | SessionState::Broken => return String::new(),
    };
    fill(sentence, &[("gateway", gateway)])
}
