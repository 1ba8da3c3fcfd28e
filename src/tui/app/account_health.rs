//! What is told of accounts: their list, and one notice when a session drops.
//!
//! Invariant: nothing is told of an account that was not observed.

use super::facts::{AccountView, BrokenView};
use super::state::Model;
use crate::domain::SessionState;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n::fill;

/// A row of the list of accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry<'m> {
    /// One whose settings cannot be used.
    Broken(&'m BrokenView),
    /// One that is at work.
    Working(&'m AccountView),
}

/// Every account, those that cannot be used first.
pub(crate) fn entries(model: &Model) -> Vec<Entry<'_>> {
    let broken = model.broken.iter().map(Entry::Broken);
    broken.chain(model.accounts.iter().map(Entry::Working)).collect()
}

/// A session that dropped since the accounts were read before: says so once, with the way back.
pub(crate) fn tell_drops(model: &mut Model, now: &[AccountView]) {
    if !model.accounts_ready {
        return;
    }
    let dropped = now.iter().find(|view| {
        let before = model.account(&view.account.name).map(|view| view.account.state);
        needs_a_person(view.account.state) && before.is_some_and(|before| before != view.account.state)
    });
    if let Some(view) = dropped {
        let state = model.strings().session(view.account.state);
        let way = way_back(model, view);
        model.notify(&format!("{}: {state}. {way}", view.account.name), true);
    }
}

fn needs_a_person(state: SessionState) -> bool {
    matches!(state, SessionState::LoggedOut | SessionState::Banned | SessionState::KeyRefused)
}

/// What a person can do about an account's state; empty when there is nothing to do.
pub(crate) fn way_back(model: &Model, view: &AccountView) -> String {
    let words = &model.strings().health;
    let gateway = view.provider_name;
    let sentence = match view.account.state {
        SessionState::LoggedOut if view.capabilities.login => {
            let key = model.keymap.first_key(KeyContext::Anywhere, Command::LogIn);
            let key = key.map(|key| key.to_string()).unwrap_or_default();
            return fill(&words.log_in_again, &[("key", &key)]);
        }
        SessionState::LoggedOut => &words.log_in_there,
        SessionState::Banned => &words.banned,
        SessionState::KeyRefused => &words.key_refused,
        SessionState::RateLimited => &words.rate_limited,
        SessionState::Unreachable => &words.unreachable,
        SessionState::Unknown | SessionState::Connected | SessionState::Broken => return String::new(),
    };
    fill(sentence, &[("gateway", gateway)])
}
