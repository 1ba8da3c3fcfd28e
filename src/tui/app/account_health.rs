//! The health of accounts: their list, and one notice when a session is lost.
//!
//! Invariant: nothing is shown of an account that was not observed.

use std::time::Duration;

use super::state::Model;
use crate::domain::{Account, AccountNotice, AccountStatus, ConfigNotice, InvalidAccount, NoticeCode, SessionState};
use crate::text::Clean;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n::fill;
use crate::tui::i18n::sentences::sentences_in;
use crate::tui::i18n::time::compact_span;
use crate::tui::theme::styles::Meaning;

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

/// Shows what the messaging service says of an account once, when it is new since the accounts were read before.
pub(crate) fn notify_of_notice(model: &mut Model, now: &[AccountStatus]) {
    if !model.accounts_ready {
        return;
    }
    let new = now.iter().find_map(|view| {
        let before = model.account(&view.account.name)?;
        let notice = view.account.notice.as_ref().filter(|notice| before.account.notice.as_ref() != Some(notice))?;
        Some((format!("{}: {}", view.account.name, notice_text(model, notice)), notice.code.is_warning()))
    });
    if let Some((text, is_warning)) = new {
        model.notify(&text, is_warning);
    }
}

/// A notice of the messaging service in the reader's language, with the service's own words.
pub(crate) fn notice_text(model: &Model, notice: &AccountNotice) -> String {
    let strings = &model.strings().health;
    let text = match notice.code {
        NoticeCode::QualityLow => &strings.quality_low,
        NoticeCode::QualityRestored => &strings.quality_restored,
        NoticeCode::LimitRaised => &strings.limit_raised,
        NoticeCode::LimitLowered => &strings.limit_lowered,
        NoticeCode::Violation => &strings.violation,
        NoticeCode::Restricted => &strings.restricted,
        NoticeCode::ClosureAnnounced => &strings.closure_announced,
        NoticeCode::Other => &strings.other_notice,
    };
    let detail = Clean::line(notice.detail.trim());
    match (notice.code, detail.as_str()) {
        (_, "") => text.clone(),
        (NoticeCode::Other, detail) => format!("{text} {detail}"),
        (_, detail) => format!("{text} ({detail})"),
    }
}

/// What is to be known of the configuration's newest version, and whether something is wrong with it.
pub(crate) fn config_sentence(model: &Model, notice: &ConfigNotice) -> (String, bool) {
    let strings = model.strings();
    match notice {
        ConfigNotice::NotInForce(reason) => {
            let reason = sentences_in(model.locale, reason);
            (fill(&strings.notices.config_not_in_force, &[("reason", &reason)]), true)
        }
        ConfigNotice::NextStart(names) => (fill(&strings.notices.config_next_start, &[("names", names)]), false),
    }
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

/// An account without a message for so long is marked.
pub(crate) const QUIET: Duration = Duration::from_secs(12 * 3600);

/// How an account is: what its state means, or, where its gateway never reports one, what was received.
pub(crate) fn health(model: &Model, account: &Account) -> Meaning {
    match account.state {
        SessionState::Connected => Meaning::HealthGood,
        SessionState::Unknown => match account.last_event_at {
            Some(at) if model.now.since(at) < QUIET => Meaning::HealthGood,
            _ => Meaning::HealthUnknown,
        },
        _ => Meaning::HealthBad,
    }
}

/// The state of an account in words; where its gateway reports none, when the last message came.
pub(crate) fn state_words(model: &Model, account: &Account) -> String {
    let strings = model.strings();
    let age = account.last_event_at.map(|at| model.now.since(at));
    match (account.state, age) {
        (SessionState::Unknown, Some(age)) if age.as_secs() < 60 => strings.health.last_event_now.clone(),
        (SessionState::Unknown, Some(age)) => {
            fill(&strings.health.last_event, &[("span", &compact_span(strings, age))])
        }
        (state, _) => strings.session(state).to_owned(),
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
