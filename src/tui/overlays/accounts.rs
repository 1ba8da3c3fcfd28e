//! What is known of every account, and what to do about it.
//!
//! Invariant: no state is drawn that was not observed, and what the gateway said is drawn clean.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::login;
use super::popup::{self, Hint, Next, Popup};
use crate::domain::{AccountStatus, SessionState, Timestamp};
use crate::text::Clean;
use crate::tui::app::account_health::{
    Entry, QUIET, config_sentence, entries, health, notice_text, state_words, way_back,
};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read, TerminalAction};
use crate::tui::i18n::fill;
use crate::tui::i18n::time::{compact_span, moment};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs, put, put_right, row, skip};

/// Rows under the list that tell more of the chosen account.
const MORE_ROWS: u16 = 3;
/// Sends without an acknowledgement for so long are marked.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10 * 60);
/// How old the facts get while they are shown.
const MAX_AGE: Duration = Duration::from_secs(30);

/// The list of accounts with their states.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    pub chosen: usize,
}

/// Opens the list and reads the accounts anew.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.push_overlay(Accounts::default());
    vec![Effect::Read(Read::Overview)]
}

/// Logs in: the only account that can be, the only one that is logged out, or one of the list.
pub(crate) fn log_in(model: &mut Model) -> Vec<Effect> {
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
        return login::begin(model, &name, gateway);
    }
    let first = model.accounts.iter().position(|view| view.capabilities.login).unwrap_or(0);
    let chosen = model.invalid_accounts.len() + first;
    model.push_overlay(Accounts { chosen });
    Vec::new()
}

/// Reads the accounts again while their list is in front and what it shows has aged.
pub(crate) fn read_again(model: &mut Model) -> Option<Effect> {
    let is_old = model.accounts_read_at.is_none_or(|at| at.plus(MAX_AGE) <= model.now);
    let is_open = model.front_mut::<Accounts>().is_some();
    (is_open && is_old).then(|| {
        model.accounts_read_at = Some(model.now);
        Effect::Read(Read::Overview)
    })
}

impl Popup for Accounts {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, AddAccount, Close, CopyUrl, Down, LogIn, PageDown, PageUp, Up};
        &[Accept, Close, Down, Up, PageDown, PageUp, AddAccount, LogIn, CopyUrl]
    }

    fn lets_run(&self, command: Command) -> bool {
        matches!(command, Command::AddAccount | Command::LogIn)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.chosen, command, 4, model.invalid_accounts.len() + model.accounts.len());
        let view = self.chosen.checked_sub(model.invalid_accounts.len()).and_then(|index| model.accounts.get(index));
        match (command, view) {
            (Command::Accept | Command::Close, _) => Next::close(),
            (Command::AddAccount, _) => Next::RunOver(Command::AddAccount),
            (Command::LogIn, Some(view)) => {
                let (name, gateway) = (view.account.name.clone(), view.provider_name);
                Next::Stay(login::begin(model, &name, gateway))
            }
            (Command::CopyUrl, Some(view)) => {
                let text = Clean::line(&view.webhook_url);
                Next::Stay(vec![Effect::Terminal(TerminalAction::Copy { text })])
            }
            _ => Next::stay(),
        }
    }

    /// What was observed ages by minutes.
    fn deadline(&self, model: &Model) -> Option<Timestamp> {
        model.accounts_read_at.map(|at| at.plus(MAX_AGE))
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let add = popup::named_hint(model, Command::AddAccount, &model.strings().health.add);
        vec![popup::hint(model, Command::LogIn), add, popup::hint(model, Command::CopyUrl), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().health;
        let entries = entries(model);
        let count = u16::try_from(entries.len().max(1)).unwrap_or(u16::MAX);
        let wanted = count.saturating_mul(2).saturating_add(MORE_ROWS + 1);
        let config = model.process.config.as_ref().map(|notice| config_sentence(model, notice));
        let style = |bad| model.theme.style(if bad { Meaning::NoticeBad } else { Meaning::Text });
        let config = config.map(|(text, bad)| (Clean::line(&text).into_string(), style(bad)));
        let config: Vec<_> = config.iter().map(|(text, style)| (text.as_str(), *style)).collect();
        let above = if config.is_empty() { 0 } else { paragraph_rows(&config, 74).min(4) + 1 };
        let mut area = popup::open_panel(model, buf, &strings.title, 74, wanted.saturating_add(above));
        paragraphs(buf, Rect { height: above.min(area.height), ..area }, &config);
        area.y += above.min(area.height);
        area.height = area.height.saturating_sub(above);
        if entries.is_empty() {
            put(buf, row(area, 0), &strings.none, model.theme.style(Meaning::Dim));
            return None;
        }
        let room = usize::from(area.height.saturating_sub(MORE_ROWS) / 2).max(1);
        let first = (self.chosen + 1).saturating_sub(room);
        for (n, entry) in entries.iter().enumerate().skip(first).take(room) {
            let y = u16::try_from((n - first) * 2).unwrap_or(u16::MAX);
            let (upper, lower) = (row(area, y), row(area, y + 1));
            if n == self.chosen {
                put(buf, upper, model.theme.glyphs.bar_chosen, model.theme.style(Meaning::Selected));
            }
            draw_state(model, buf, skip(upper, 2), *entry, n == self.chosen);
            draw_facts(model, buf, skip(lower, 4), *entry);
        }
        if let Some(entry) = entries.get(self.chosen) {
            let y = area.y + area.height.saturating_sub(MORE_ROWS);
            let below = Rect { y, height: MORE_ROWS.min(area.height), ..area };
            draw_more(model, buf, below, *entry);
        }
        None
    }
}

fn draw_state(model: &Model, buf: &mut Buffer, area: Rect, entry: Entry<'_>, chosen: bool) {
    let strings = model.strings();
    let strong = model.theme.style(if chosen { Meaning::Selected } else { Meaning::Strong });
    let (meaning, mut label, since, gateway, name) = match entry {
        Entry::Broken(broken) => {
            let label = strings.session(SessionState::Broken).to_owned();
            (Meaning::HealthBad, label, None, String::new(), broken.name.as_str())
        }
        Entry::Working(view) => {
            let account = &view.account;
            let mode = account.mode.as_deref().map_or(String::new(), |mode| format!(" ({mode})"));
            let gateway = format!("{}{mode}", view.provider_name);
            // A state that was never reported began at no time.
            let since = account.since.filter(|_| account.state != SessionState::Unknown);
            (health(model, account), state_words(model, account), since, gateway, account.name.as_str())
        }
    };
    let sign = model.theme.health_sign(meaning);
    if let Some(at) = since {
        let time = moment(strings, at, model.now, &model.zone);
        label = format!("{label} {}", fill(&strings.health.since, &[("time", &time)]));
    }
    let used = put(buf, area, sign, model.theme.style(meaning));
    let mut rest = put_right(buf, skip(area, used + 1), &label, model.theme.style(meaning));
    rest.width = rest.width.saturating_sub(2);
    let named = put(buf, rest, Clean::line(name).as_str(), strong);
    put(buf, skip(rest, named + 2), &gateway, model.theme.style(Meaning::Dim));
}

fn draw_facts(model: &Model, buf: &mut Buffer, area: Rect, entry: Entry<'_>) {
    let Entry::Working(view) = entry else {
        if let Entry::Broken(broken) = entry {
            put(buf, area, Clean::line(&broken.reason).as_str(), model.theme.style(Meaning::Dim));
        }
        return;
    };
    let mut area = area;
    for (n, (text, meaning)) in observed(model, view).into_iter().enumerate() {
        if n > 0 {
            let used = put(buf, area, &format!(" {} ", model.theme.glyphs.dot), model.theme.style(Meaning::Dim));
            area = skip(area, used);
        }
        let used = put(buf, area, &text, model.theme.style(meaning));
        area = skip(area, used);
    }
}

/// What was observed of an account besides its state, the worrying first.
fn observed(model: &Model, view: &AccountStatus) -> Vec<(String, Meaning)> {
    let strings = &model.strings().health;
    let with_span = |sentence: &str, span: Duration| fill(sentence, &[("span", &compact_span(model.strings(), span))]);
    let mut all = Vec::new();
    let silent = view.silent_since.map(|since| model.now.since(since)).filter(|span| *span >= UNACKNOWLEDGED);
    if let Some(silent) = silent {
        all.push((with_span(&strings.silent, silent), Meaning::HealthBad));
    }
    // Where the gateway reports no state, the state says when the last message came.
    let is_said = view.account.state == SessionState::Unknown;
    match view.account.last_event_at.map(|at| model.now.since(at)) {
        Some(age) if age >= QUIET => all.push((with_span(&strings.nothing_heard, age), Meaning::ComposerNear)),
        _ if is_said => {}
        None => all.push((strings.no_event.clone(), Meaning::Dim)),
        Some(age) if age.as_secs() < 60 => all.push((strings.last_event_now.clone(), Meaning::Dim)),
        Some(age) => all.push((with_span(&strings.last_event, age), Meaning::Dim)),
    }
    let budget = [("used", &*view.usage.used.to_string()), ("all", &*view.usage.per_minute.to_string())];
    if let Some(until) = view.paused_until.filter(|until| *until > model.now) {
        all.push((with_span(&strings.paused, until.since(model.now)), Meaning::ComposerNear));
    }
    if view.usage.used > 0 {
        all.push((fill(&strings.budget, &budget), Meaning::Dim));
    }
    all
}

/// What to do about the chosen account, what its gateway said, and its webhook URL.
fn draw_more(model: &Model, buf: &mut Buffer, area: Rect, entry: Entry<'_>) {
    let mut lines: Vec<(String, Meaning)> = Vec::new();
    match entry {
        Entry::Broken(broken) => lines.push((Clean::line(&broken.reason).into_string(), Meaning::Text)),
        Entry::Working(view) => {
            let way = way_back(model, view);
            let detail = Clean::line(view.detail.trim());
            let text = match (way.as_str(), detail.as_str()) {
                ("", detail) => detail.to_owned(),
                (way, "") => way.to_owned(),
                (way, detail) => format!("{way} ({detail})"),
            };
            if !text.is_empty() {
                lines.push((text, Meaning::Text));
            }
            if let Some(notice) = &view.account.notice {
                let meaning = if notice.code.is_warning() { Meaning::HealthBad } else { Meaning::Text };
                lines.push((notice_text(model, notice), meaning));
            }
            lines.push((Clean::line(&view.webhook_url).into_string(), Meaning::Dim));
        }
    }
    let lines: Vec<(&str, Style)> =
        lines.iter().map(|(text, meaning)| (text.as_str(), model.theme.style(*meaning))).collect();
    paragraphs(buf, area, &lines);
}
