//! Adds an account: a form, then the webhook URL to paste, until the first event comes.
//!
//! Invariant: nothing is saved that the form objects to, and what was typed stays until it is saved or closed. The
//! webhook URL is drawn whole.

pub(crate) mod draft;
pub(crate) mod form;
pub use draft::{AccountDraft, Gateway, SetupOptions};
pub use form::{AccountForm, SetupField};

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::login;
use super::popup::{self, Hint, Next, Popup};
use crate::domain::{AccountField, AccountName, AccountSetupError, AddedAccount, Failure, Timestamp};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, GatewayCall, Read, TerminalAction};
use crate::tui::i18n::errors::setup_error;
use crate::tui::i18n::failures::{FailureText, failure};
use crate::tui::i18n::fill;
use crate::tui::i18n::time::clock_seconds;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs, put, row, wrapped};
use crate::tui::widgets::form::FieldKind;

/// The box's width, where there is room.
const WIDTH: u16 = 66;
/// Rows for the help under the fields.
const HELP_ROWS: u16 = 2;

/// The stages of adding an account, from reading the options to its first event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountSetup {
    /// What the form offers is being read.
    Loading,
    Filling(AccountForm),
    Added(Added),
}

/// An account that was added, until its first event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    name: AccountName,
    /// The gateway's own name.
    gateway: &'static str,
    /// Its session is logged in by a QR code.
    login: bool,
    account: AddedAccount,
    url: Clean,
    /// Since when events count.
    since: Timestamp,
    first_event: Option<Timestamp>,
}

/// Opens the form and reads what it offers.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.push_overlay(AccountSetup::Loading);
    vec![Effect::Read(Read::SetupOptions)]
}

/// Shows the form; without options no account can be added here.
pub(crate) fn show_form(model: &mut Model, options: Option<SetupOptions>) {
    let is_loading = |setup: &AccountSetup| *setup == AccountSetup::Loading;
    let Some(index) = model.find_overlay(is_loading) else { return };
    let strings = model.strings();
    if let Some(form) = options.and_then(|options| AccountForm::new(options, strings)) {
        if let Some(setup) = model.overlay_mut(is_loading) {
            *setup = AccountSetup::Filling(form);
        }
    } else {
        model.overlays.remove(index);
        model.notify(&strings.whynot.no_new_account, true);
    }
}

/// Shows whether an account was added: in the form that waits for it, else as a notice.
pub(crate) fn show_result(
    model: &mut Model,
    name: AccountName,
    result: Result<AddedAccount, AccountSetupError>,
) -> Vec<Effect> {
    let is_trying = |setup: &AccountSetup| matches!(setup, AccountSetup::Filling(form) if form.trying.is_some());
    let gateway = |setup: &AccountSetup| match setup {
        AccountSetup::Filling(form) => form.gateway().cloned().map(|gateway| (gateway, form.trying)),
        _ => None,
    };
    let waiting = model.overlay_mut(is_trying).and_then(|setup| gateway(setup));
    match (result, waiting) {
        (Ok(account), Some((gateway, trying))) => {
            let added = Added {
                name,
                gateway: gateway.name,
                login: gateway.login,
                url: Clean::line(&account.webhook_url),
                account,
                since: trying.unwrap_or_default(),
                first_event: None,
            };
            if let Some(setup) = model.overlay_mut(is_trying) {
                *setup = AccountSetup::Added(added);
            }
            vec![Effect::Read(Read::Overview)]
        }
        (Ok(_), None) => {
            model.notify(&fill(&model.strings().account_form.added, &[("account", name.as_str())]), false);
            vec![Effect::Read(Read::Overview)]
        }
        (Err(error), waiting) => {
            let reason = objection(model, waiting.map_or("", |(gateway, _)| gateway.name), &error);
            if let Some(AccountSetup::Filling(form)) = model.overlay_mut(is_trying) {
                form.trying = None;
                form.untried = matches!(error, AccountSetupError::KeyUnchecked(_));
                match error {
                    AccountSetupError::KeyRefused(_) => {
                        form.form.refuse(SetupField::Setting(AccountField::ApiKey), &reason);
                    }
                    _ => form.objection = Some(reason),
                }
            } else {
                model.notify(&reason, true);
            }
            Vec::new()
        }
    }
}

/// Why an account was not added, in the person's language.
fn objection(model: &Model, gateway: &str, error: &AccountSetupError) -> String {
    let strings = &model.strings().account_form;
    let with_reason = |sentence: &str, why: &Failure| {
        // What to do about it is what the form is there for.
        let FailureText { what, gateway_message, .. } = failure(model.locale, why, None);
        let reason = format!("{what} {gateway_message}").trim().to_owned();
        fill(sentence, &[("gateway", gateway), ("reason", &reason)])
    };
    match error {
        AccountSetupError::KeyRefused(why) => with_reason(&strings.refused, why),
        AccountSetupError::KeyUnchecked(why) => with_reason(&strings.untried, why),
        other => fill(&strings.failed, &[("reason", &setup_error(model.locale, other))]),
    }
}

/// Notes the first event of an account that waits for it.
pub(crate) fn note_first_event(model: &mut Model) {
    let events: Vec<_> = model
        .accounts
        .iter()
        .filter_map(|view| Some((view.account.name.clone(), view.account.last_event_at?)))
        .collect();
    for (name, at) in events {
        let waits = |setup: &AccountSetup| {
            matches!(setup, AccountSetup::Added(added)
                if added.name == name && added.first_event.is_none() && at >= added.since)
        };
        if let Some(AccountSetup::Added(added)) = model.overlay_mut(waits) {
            added.first_event = Some(at);
        }
    }
}

impl AccountForm {
    fn run(&mut self, model: &Model, command: Command) -> Vec<Effect> {
        match command {
            Command::PreviousField | Command::Up => self.form.step_around(-1),
            Command::NextChoice => self.choose(1),
            Command::PreviousChoice => self.choose(-1),
            Command::Accept if self.form.focused().is_some_and(|field| field.id == SetupField::Save) => {
                let Some(draft) = self.draft() else { return Vec::new() };
                self.objection = None;
                self.trying = Some(model.now);
                return vec![Effect::Gateway(GatewayCall::AddAccount(Box::new(draft)))];
            }
            // Enter goes on, too.
            _ => self.form.step_around(1),
        }
        Vec::new()
    }

    /// The text under the fields: what is being done, what went wrong, what is wrong with the field, else its help.
    fn note(&self, model: &Model) -> (String, Meaning) {
        let strings = model.strings();
        if self.trying.is_some() {
            return (strings.account_form.trying.clone(), Meaning::Accent);
        }
        if let Some(objection) = &self.objection {
            let mut text = Clean::line(objection).into_string();
            if self.untried {
                text = format!("{text} {}", self.help(strings, SetupField::Save));
            }
            return (text, Meaning::ComposerObjection);
        }
        if let Some(error) = self.error(strings) {
            return (error, Meaning::ComposerObjection);
        }
        (self.form.focused().map_or_else(String::new, |field| self.help(strings, field.id)), Meaning::Dim)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let width = WIDTH.min(model.areas.screen.width.saturating_sub(6));
        let (note, meaning) = self.note(model);
        let rows = |width: u16| u16::try_from(wrapped(&note, width).len()).unwrap_or(u16::MAX).max(HELP_ROWS);
        let wanted = self.form.table_rows(width).saturating_add(rows(width) + 1);
        let area = popup::open_panel(model, buf, &model.strings().account_form.title, WIDTH, wanted);
        let below = rows(area.width).min(area.height.saturating_sub(1) / 2 + 1);
        let fields = Rect { height: area.height.saturating_sub(below).max(1).min(area.height), ..area };
        let cursor = self.form.draw_rows(&model.theme, buf, fields);
        let bottom = Rect { y: area.y + area.height.saturating_sub(below), height: below, ..area };
        paragraphs(buf, bottom, &[(&note, model.theme.style(meaning))]);
        cursor
    }
}

impl Added {
    /// The paragraphs, each with its weight: those of less weight are left out first when there is no room.
    fn texts(&self, model: &Model) -> Vec<(String, Style, u8)> {
        let strings = &model.strings().account_form;
        let style = |meaning| model.theme.style(meaning);
        let with_gateway = |sentence: &str| fill(sentence, &[("gateway", self.gateway)]);
        let key = if self.account.key_accepted { &strings.key_accepted } else { &strings.key_unknown };
        let mut texts = vec![
            (fill(&strings.added, &[("account", self.name.as_str())]), style(Meaning::Strong), 3),
            (with_gateway(key), style(Meaning::Text), 1),
            (String::new(), Style::new(), 0),
            (with_gateway(&strings.paste), style(Meaning::Text), 4),
            (self.url.as_str().to_owned(), style(Meaning::AccentStrong), 6),
        ];
        if !self.account.reachable {
            texts.push((strings.unreachable.clone(), style(Meaning::ComposerNear), 2));
        }
        texts.push((String::new(), Style::new(), 0));
        texts.push(match self.first_event {
            Some(at) => {
                let time = clock_seconds(at, &model.zone);
                (fill(&strings.first_event, &[("time", &time)]), style(Meaning::HealthGood), 6)
            }
            None => (strings.waiting.clone(), style(Meaning::Dim), 6),
        });
        texts
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) {
        fn plain(texts: &[(String, Style, u8)]) -> Vec<(&str, Style)> {
            texts.iter().map(|(text, style, _)| (text.as_str(), *style)).collect()
        }
        let mut texts = self.texts(model);
        let width = WIDTH.min(model.areas.screen.width.saturating_sub(6));
        let wanted = paragraph_rows(&plain(&texts), width);
        let area = popup::open_panel(model, buf, &model.strings().account_form.title, width, wanted);
        for weight in 0..6 {
            if paragraph_rows(&plain(&texts), area.width) > area.height {
                texts.retain(|(_, _, own)| *own != weight);
            }
        }
        paragraphs(buf, area, &plain(&texts));
    }
}

impl Popup for AccountSetup {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, CopyUrl, Down, LogIn, NextChoice, NextField, PreviousChoice, PreviousField, Up};
        match self {
            AccountSetup::Filling(form) if form.trying.is_none() => {
                if form.form.takes_text() {
                    &[Accept, NextField, PreviousField, Down, Up]
                } else {
                    &[Accept, NextField, PreviousField, Down, Up, NextChoice, PreviousChoice]
                }
            }
            AccountSetup::Loading | AccountSetup::Filling(_) => &[],
            AccountSetup::Added(added) if added.login => &[Accept, CopyUrl, LogIn],
            AccountSetup::Added(_) => &[Accept, CopyUrl],
        }
    }

    fn takes_text(&self) -> bool {
        matches!(self, AccountSetup::Filling(form) if form.form.takes_text())
    }

    fn stays_below(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match (self, command) {
            (AccountSetup::Loading, _) => Next::stay(),
            (AccountSetup::Filling(form), command) => Next::Stay(form.run(model, command)),
            (AccountSetup::Added(added), Command::CopyUrl) => {
                Next::Stay(vec![Effect::Terminal(TerminalAction::Copy { text: added.url.clone() })])
            }
            (AccountSetup::Added(added), Command::LogIn) => Next::Stay(login::begin(model, &added.name, added.gateway)),
            (AccountSetup::Added(_), _) => Next::close(),
        }
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if let AccountSetup::Filling(form) = self
            && form.trying.is_none()
            && form.form.type_key(key)
        {
            form.changed();
        }
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        if let AccountSetup::Filling(form) = self
            && form.trying.is_none()
            && form.form.insert(text.trim())
        {
            form.changed();
        }
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let strings = &model.strings().account_form;
        let mut hints = Vec::new();
        match self {
            AccountSetup::Loading => {}
            AccountSetup::Filling(form) => {
                match form.form.focused().map(|field| &field.kind) {
                    Some(FieldKind::Button) => hints.push(popup::named_hint(model, Command::Accept, &strings.save)),
                    Some(FieldKind::Choice { .. }) => hints.push(popup::change_hint(model)),
                    _ => {}
                }
                if matches!(form.form.focused().map(|field| &field.kind), Some(FieldKind::Button)) {
                    hints.push(popup::hint(model, Command::NextField));
                } else {
                    hints.push(popup::named_hint(model, Command::Accept, &model.strings().overlay.next));
                }
            }
            AccountSetup::Added(added) => {
                hints.push(popup::named_hint(model, Command::CopyUrl, &strings.copy));
                if added.login {
                    hints.push(popup::hint(model, Command::LogIn));
                }
                hints.push(popup::named_hint(model, Command::Accept, &strings.done));
                return hints;
            }
        }
        hints.push(popup::close_hint(model));
        hints
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        match self {
            AccountSetup::Loading => {
                let strings = &model.strings().account_form;
                let area = popup::open_panel(model, buf, &strings.title, WIDTH, 1);
                put(buf, row(area, 0), &strings.asking, model.theme.style(Meaning::Dim));
                None
            }
            AccountSetup::Filling(form) => form.draw(model, buf),
            AccountSetup::Added(added) => {
                added.draw(model, buf);
                None
            }
        }
    }
}
