//! The health of accounts: their list, and one notice when a session is lost.
//!
//! Invariant: nothing is shown of an account that was not observed.

use super::state::Model;
use crate::domain::{AccountStatus, InvalidAccount, SessionState};
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n::fill;

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
