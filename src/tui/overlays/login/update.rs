//! What keys, news and time do in a login by QR code.
//!
//! Invariant: "connected" is said only when the gateway said it.

use crate::tui::effect::{GatewayCall, Read, TerminalAction};
use crossterm::event::{KeyCode, KeyEvent};

use super::state::LINGERS;
use super::state::{LoginNews, LoginSheet, LoginStage};
use crate::domain::{AccountName, SessionState};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::effect::Effect;
use crate::tui::i18n::errors::picture_error;
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::fill;
use crate::tui::message::PictureError;
use crate::tui::overlays::state::Overlay;

/// Logs in: the only account that can be, the only one that is logged out, or one of the list.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let able = || model.accounts.iter().filter(|view| view.capabilities.login);
    let out: Vec<_> = able().filter(|view| view.account.state == SessionState::LoggedOut).collect();
    let only = match (able().count(), out.as_slice()) {
        (0, _) => {
            let text = model.strings().login.elsewhere_any.clone();
            model.notify(&text, true);
            return Vec::new();
        }
        (1, _) => able().next(),
        (_, [only]) => Some(*only),
        _ => None,
    };
    if let Some((name, gateway)) = only.map(|view| (view.account.name.clone(), view.provider_name)) {
        return begin(model, &name, gateway);
    }
    let first = model.accounts.iter().position(|view| view.capabilities.login).unwrap_or(0);
    let chosen = model.invalid_accounts.len() + first;
    model.open_overlay(Overlay::Accounts { chosen });
    Vec::new()
}

/// Begins an account's login, or says where it is done.
pub(crate) fn begin(model: &mut Model, account: &AccountName, gateway: &str) -> Vec<Effect> {
    let known = model.account(account);
    if known.is_some_and(|view| !view.capabilities.login) {
        let text = fill(&model.strings().login.elsewhere, &[("gateway", gateway)]);
        model.notify(&text, true);
        return Vec::new();
    }
    model.open_overlay(Overlay::Login(Box::new(LoginSheet::new(account.clone(), gateway.to_owned()))));
    vec![Effect::Gateway(GatewayCall::BeginLogin { account: account.clone() })]
}

/// A key in the login.
pub(crate) fn key(sheet: &mut LoginSheet, key: &KeyEvent, enter: bool) -> (bool, Vec<Effect>) {
    match key.code {
        KeyCode::Char('i') => sheet.options.invert = !sheet.options.invert,
        KeyCode::Char('+' | '=' | 'b') => sheet.resize(1),
        KeyCode::Char('-') => sheet.resize(-1),
        KeyCode::Char('s') => {
            if let Some(code) = sheet.code() {
                return (
                    true,
                    vec![Effect::Terminal(TerminalAction::SavePicture {
                        account: sheet.account.clone(),
                        code: code.clone(),
                    })],
                );
            }
        }
        KeyCode::Char('q') => return (false, Vec::new()),
        _ if enter && sheet.paused => {
            sheet.paused = false;
            return (true, vec![Effect::Gateway(GatewayCall::ContinueLogin)]);
        }
        _ if enter && matches!(sheet.stage, LoginStage::Connected { .. } | LoginStage::Ended(_)) => {
            return (false, Vec::new());
        }
        _ => {}
    }
    (true, Vec::new())
}

fn sheet_mut<'m>(model: &'m mut Model, account: &AccountName) -> Option<&'m mut LoginSheet> {
    model.overlays.iter_mut().rev().find_map(|over| match over {
        Overlay::Login(sheet) if sheet.account == *account => Some(&mut **sheet),
        _ => None,
    })
}

/// Takes news of a login.
pub(crate) fn take_news(model: &mut Model, account: &AccountName, news: LoginNews) -> Vec<Effect> {
    let (locale, now) = (model.locale, model.now);
    let words = &model.strings().login;
    let Some(sheet) = sheet_mut(model, account) else { return Vec::new() };
    if !matches!(news, LoginNews::Trouble(_)) {
        sheet.trouble = None;
    }
    match news {
        LoginNews::Waiting => sheet.stage = LoginStage::Waiting,
        LoginNews::Code { code, good_until } => {
            sheet.saved = None;
            sheet.stage = LoginStage::Code { code, good_until };
        }
        LoginNews::Unchanged => {}
        LoginNews::Paused => sheet.paused = true,
        LoginNews::Connected { who } => {
            let who = Clean::line(who.as_deref().unwrap_or_default().trim()).into_string();
            sheet.stage = LoginStage::Connected { who, closes: now.plus(LINGERS) };
            return vec![Effect::Read(Read::Overview)];
        }
        LoginNews::Elsewhere => {
            sheet.stage = LoginStage::Ended(fill(&words.elsewhere, &[("gateway", &sheet.gateway)]));
        }
        LoginNews::Trouble(why) => sheet.trouble = Some(failure(locale, &why, None).line()),
        LoginNews::Broken(reason) => sheet.stage = LoginStage::Ended(reason),
    }
    Vec::new()
}

/// Takes where a picture was saved.
pub(crate) fn take_picture(model: &mut Model, result: &Result<String, PictureError>) {
    let words = &model.strings().login;
    let text = match result {
        Ok(path) => fill(&words.saved, &[("path", Clean::line(path).as_str())]),
        Err(error) => fill(&words.not_saved, &[("reason", &picture_error(model.locale, error))]),
    };
    match model.overlays.last_mut() {
        Some(Overlay::Login(sheet)) => sheet.saved = Some(text),
        _ => model.notify(&text, result.is_err()),
    }
}

/// A login that is done closes by itself.
pub(crate) fn pass_time(model: &mut Model) {
    let now = model.now;
    let done = |over: &Overlay| {
        let Overlay::Login(sheet) = over else { return None };
        let LoginStage::Connected { who, closes } = &sheet.stage else { return None };
        (*closes <= now).then(|| (sheet.account.clone(), who.clone()))
    };
    let Some((account, who)) = model.overlays.iter().find_map(done) else { return };
    model.overlays.retain(|over| done(over).is_none());
    let text = connected(model, &who);
    model.notify(&format!("{account}: {text}"), false);
}

/// "Connected as …", as far as the gateway says.
pub(crate) fn connected(model: &Model, who: &str) -> String {
    let words = &model.strings().login;
    if who.is_empty() { words.connected_plain.clone() } else { fill(&words.connected, &[("who", who)]) }
}
