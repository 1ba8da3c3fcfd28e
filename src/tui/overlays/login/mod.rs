//! Logs a WhatsApp session in by a QR code, over the whole screen.
//!
//! Invariant: the code is drawn whole or not at all and printed nowhere else; "connected" is said only when the
//! gateway said it.

pub(crate) mod layout;

pub(crate) use layout::CodeLayout;

use crate::tui::i18n::errors::picture_error;
use crate::tui::message::{LoginUpdate, PictureError};
use std::time::Duration;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{AccountName, Secret, Timestamp};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, GatewayCall, Read, TerminalAction};
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraphs, skip};
use crate::tui::widgets::qr::{self, QrOptions, QrPlan, QrSize};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

/// How long "connected" is shown before the login closes by itself.
const SHOWN_CONNECTED: Duration = Duration::from_secs(2);

/// How far the login by QR code has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginStage {
    /// The gateway has not answered yet.
    Asking,
    /// The gateway prepares a code.
    Waiting,
    Code {
        code: Secret,
        /// Until when it is likely good.
        good_until: Timestamp,
    },
    Connected {
        /// The number or name; empty when the gateway does not say.
        who: String,
        closes: Timestamp,
    },
    /// It cannot be done here; why, in the person's language.
    Ended(String),
}

/// The login of one account by QR code, with what the screen shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub account: AccountName,
    /// The gateway's own name.
    gateway: String,
    pub stage: LoginStage,
    /// Nobody scanned for long: it goes on at a key.
    paused: bool,
    /// Why the gateway's last answer could not be used, in the person's language; it is asked again.
    trouble: Option<String>,
    /// Where the picture was saved, in the person's language.
    saved: Option<String>,
    options: QrOptions,
    pub layout: Option<CodeLayout>,
}

/// Begins an account's login, or says where it is done.
pub(crate) fn begin(model: &mut Model, account: &AccountName, gateway: &str) -> Vec<Effect> {
    let known = model.account(account);
    if known.is_some_and(|view| !view.capabilities.login) {
        let text = fill(&model.strings().login.elsewhere, &[("gateway", gateway)]);
        model.notify(&text, true);
        return Vec::new();
    }
    model.push_overlay(Login::new(account.clone(), gateway.to_owned()));
    vec![Effect::Gateway(GatewayCall::BeginLogin { account: account.clone() })]
}

/// Shows how a login goes on.
pub(crate) fn show_news(model: &mut Model, account: &AccountName, news: LoginUpdate) -> Vec<Effect> {
    let (locale, now) = (model.locale, model.now);
    let strings = &model.strings().login;
    let Some(login) = model.overlay_mut(|login: &Login| login.account == *account) else { return Vec::new() };
    if !matches!(news, LoginUpdate::Trouble(_)) {
        login.trouble = None;
    }
    match news {
        LoginUpdate::Waiting => login.stage = LoginStage::Waiting,
        LoginUpdate::Code { code, good_until } => {
            login.saved = None;
            login.stage = LoginStage::Code { code, good_until };
        }
        LoginUpdate::Unchanged => {}
        LoginUpdate::Paused => login.paused = true,
        LoginUpdate::Connected { who } => {
            let who = Clean::line(who.as_deref().unwrap_or_default().trim()).into_string();
            login.stage = LoginStage::Connected { who, closes: now.plus(SHOWN_CONNECTED) };
            return vec![Effect::Read(Read::Overview)];
        }
        LoginUpdate::Elsewhere => {
            login.stage = LoginStage::Ended(fill(&strings.elsewhere, &[("gateway", &login.gateway)]));
        }
        LoginUpdate::Trouble(why) => login.trouble = Some(failure(locale, &why, None).line()),
        LoginUpdate::Broken(reason) => login.stage = LoginStage::Ended(reason),
    }
    Vec::new()
}

/// Shows where a picture was saved.
pub(crate) fn show_picture(model: &mut Model, result: &Result<String, PictureError>) {
    let strings = &model.strings().login;
    let text = match result {
        Ok(path) => fill(&strings.saved, &[("path", Clean::line(path).as_str())]),
        Err(error) => fill(&strings.not_saved, &[("reason", &picture_error(model.locale, error))]),
    };
    match model.front_mut::<Login>() {
        Some(login) => login.saved = Some(text),
        None => model.notify(&text, result.is_err()),
    }
}

/// Closes a login that has been connected for a while.
pub(crate) fn close_connected(model: &mut Model) {
    let now = model.now;
    let is_over = |login: &Login| matches!(login.stage, LoginStage::Connected { closes, .. } if closes <= now);
    let Some(index) = model.find_overlay(is_over) else { return };
    let over = model.overlay_mut(is_over).map(|login| (login.account.clone(), login.stage.clone()));
    model.overlays.remove(index);
    if let Some((account, LoginStage::Connected { who, .. })) = over {
        let text = connected(model, &who);
        model.notify(&format!("{account}: {text}"), false);
    }
}

/// "Connected as …", as far as the gateway says.
pub(crate) fn connected(model: &Model, who: &str) -> String {
    let strings = &model.strings().login;
    if who.is_empty() { strings.connected_plain.clone() } else { fill(&strings.connected, &[("who", who)]) }
}

impl Login {
    fn new(account: AccountName, gateway: String) -> Self {
        let (stage, options) = (LoginStage::Asking, QrOptions::default());
        Login { account, gateway, stage, paused: false, trouble: None, saved: None, options, layout: None }
    }

    fn code(&self) -> Option<&Secret> {
        match &self.stage {
            LoginStage::Code { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The next form of the code, from the usual one to the largest.
    fn resize(&mut self, by: isize) {
        const SIZES: [QrSize; 4] = [QrSize::Auto, QrSize::Sextant, QrSize::Half, QrSize::Full];
        let at = SIZES.iter().position(|size| *size == self.options.size).unwrap_or(0);
        let next = (at + SIZES.len()).saturating_add_signed(by) % SIZES.len();
        self.options.size = SIZES.get(next).copied().unwrap_or_default();
    }

    /// What is said beside the code, the most important first.
    fn texts(&self, model: &Model, drawn: bool) -> Vec<(String, Style)> {
        let strings = &model.strings().login;
        let style = |meaning| model.theme.style(meaning);
        let gateway = [("gateway", self.gateway.as_str())];
        let mut lines =
            vec![(fill(&strings.title, &[("account", self.account.as_str())]), style(Meaning::AccentStrong))];
        match &self.stage {
            LoginStage::Asking => lines.push((fill(&strings.asking, &gateway), style(Meaning::Dim))),
            LoginStage::Waiting => lines.push((fill(&strings.waiting, &gateway), style(Meaning::Dim))),
            LoginStage::Connected { who, .. } => lines.push((connected(model, who), style(Meaning::HealthGood))),
            LoginStage::Ended(reason) => lines.push((Clean::line(reason).into_string(), style(Meaning::NoticeBad))),
            LoginStage::Code { good_until, .. } => {
                if drawn {
                    lines.push((strings.scan.clone(), style(Meaning::Text)));
                } else if let Some(text) = self.too_small(model) {
                    lines.push((text, style(Meaning::NoticeBad)));
                }
                if !self.paused {
                    lines.push((renewal(model, *good_until), style(Meaning::Dim)));
                }
            }
        }
        if self.paused {
            lines.push((strings.paused.clone(), style(Meaning::ComposerNear)));
        }
        if let Some(trouble) = &self.trouble {
            lines.push((trouble.clone(), style(Meaning::NoticeBad)));
        }
        if let Some(saved) = &self.saved {
            lines.push((saved.clone(), style(Meaning::Text)));
        }
        lines
    }

    fn too_small(&self, model: &Model) -> Option<String> {
        let strings = &model.strings().login;
        match self.layout.as_ref()?.plan {
            QrPlan::TooSmall { needs_w, needs_h } => {
                // The bottom line with the keys stays.
                let (w, h) = (needs_w.to_string(), needs_h.saturating_add(1).to_string());
                Some(fill(&strings.enlarge, &[("w", &w), ("h", &h)]))
            }
            QrPlan::Unencodable => Some(strings.unencodable.clone()),
            QrPlan::Drawn(_) => None,
        }
    }
}

/// When the next code comes.
fn renewal(model: &Model, good_until: Timestamp) -> String {
    let strings = &model.strings().login;
    let left = good_until.since(model.now).as_millis().div_ceil(1000);
    if left == 0 { strings.old.clone() } else { fill(&strings.renews, &[("n", &left.to_string())]) }
}

impl Popup for Login {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, Close, InvertCode, LargerCode, SavePicture, SmallerCode};
        &[Accept, Close, InvertCode, LargerCode, SmallerCode, SavePicture]
    }

    fn run(&mut self, _model: &mut Model, command: Command) -> Next {
        match command {
            Command::InvertCode => self.options.invert = !self.options.invert,
            Command::LargerCode => self.resize(1),
            Command::SmallerCode => self.resize(-1),
            Command::SavePicture => {
                let (account, code) = (self.account.clone(), self.code().cloned());
                let save = code.map(|code| Effect::Terminal(TerminalAction::SavePicture { account, code }));
                return Next::Stay(save.into_iter().collect());
            }
            Command::Accept if self.paused => {
                self.paused = false;
                return Next::Stay(vec![Effect::Gateway(GatewayCall::ContinueLogin)]);
            }
            Command::Accept if !matches!(self.stage, LoginStage::Connected { .. } | LoginStage::Ended(_)) => {}
            _ => return Next::close(),
        }
        Next::stay()
    }

    fn layout(&mut self, model: &Model) {
        let room = room(model);
        let code = self.code().cloned();
        self.layout = code.map(|code| CodeLayout::of(self.layout.take(), room, &code, self.options));
    }

    fn deadline(&self, model: &Model) -> Option<Timestamp> {
        match &self.stage {
            LoginStage::Code { good_until, .. } if !self.paused && *good_until > model.now => {
                // Whole seconds are shown, counted up from the end.
                let left = good_until.millis() - model.now.millis();
                Some(Timestamp(good_until.millis() - (left - 1) / 1000 * 1000))
            }
            LoginStage::Connected { closes, .. } => Some(*closes),
            _ => None,
        }
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let mut hints = Vec::new();
        if self.paused {
            hints.push(popup::named_hint(model, Command::Accept, &model.strings().login.go_on));
        }
        if self.code().is_some() {
            let of_code = [Command::SavePicture, Command::InvertCode, Command::LargerCode];
            hints.extend(of_code.map(|command| popup::hint(model, command)));
        }
        hints.push(popup::close_hint(model));
        hints
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let room = room(model);
        Clear.render(room, buf);
        let (area, fits) = match &self.layout {
            Some(CodeLayout { plan: QrPlan::Drawn(drawing), code, text, .. }) => {
                (*text, qr::render(drawing, *code, buf))
            }
            _ => (skip(room, 2), false),
        };
        let texts = self.texts(model, fits);
        let texts: Vec<(&str, Style)> = texts.iter().map(|(text, style)| (text.as_str(), *style)).collect();
        paragraphs(buf, Rect { width: area.width.saturating_sub(1), ..area }, &texts);
        None
    }
}

/// The screen without the hint line.
fn room(model: &Model) -> Rect {
    let screen = model.areas.screen;
    Rect { height: screen.height.saturating_sub(1), ..screen }
}
