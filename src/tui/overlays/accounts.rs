//! Draws what is known of every account.
//!
//! Invariant: no state is drawn that was not observed, and what the gateway said is drawn clean.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::AccountStatus;
use crate::domain::SessionState;
use crate::text;
use crate::text::Clean;
use crate::tui::app::account_health::{Entry, entries, way_back};
use crate::tui::app::state::Model;
use crate::tui::i18n::fill;
use crate::tui::i18n::spans::{compact_span, moment};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};
use crate::tui::widgets::panel;

/// Rows under the list that tell more of the chosen account.
const MORE: u16 = 3;
/// An account of which nothing is heard for so long is worth a word.
const QUIET: Duration = Duration::from_secs(12 * 3600);
/// Sends without an acknowledgement for so long are worth a word.
const SILENT: Duration = Duration::from_secs(10 * 60);

/// Draws the list.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, chosen: usize) {
    let words = &model.strings().health;
    let entries = entries(model);
    let count = u16::try_from(entries.len().max(1)).unwrap_or(u16::MAX);
    let wanted = count.saturating_mul(2).saturating_add(MORE + 1);
    let area = panel::open(model, buf, &words.title, 74, wanted);
    if entries.is_empty() {
        put(buf, row(area, 0), &words.none, model.theme.style(Meaning::Dim));
        return;
    }
    let room = usize::from(area.height.saturating_sub(MORE) / 2).max(1);
    let first = (chosen + 1).saturating_sub(room);
    for (n, entry) in entries.iter().enumerate().skip(first).take(room) {
        let y = u16::try_from((n - first) * 2).unwrap_or(u16::MAX);
        let (upper, lower) = (row(area, y), row(area, y + 1));
        if n == chosen {
            put(buf, upper, model.theme.glyphs.bar_chosen, model.theme.style(Meaning::Selected));
        }
        head(model, buf, skip(upper, 2), *entry, n == chosen);
        facts(model, buf, skip(lower, 4), *entry);
    }
    if let Some(entry) = entries.get(chosen) {
        let below = Rect { y: area.y + area.height.saturating_sub(MORE), height: MORE.min(area.height), ..area };
        more(model, buf, below, *entry);
    }
}

fn head(model: &Model, buf: &mut Buffer, area: Rect, entry: Entry<'_>, chosen: bool) {
    let words = model.strings();
    let strong = model.theme.style(if chosen { Meaning::Selected } else { Meaning::Strong });
    let (state, since, gateway, name) = match entry {
        Entry::Broken(broken) => (SessionState::Broken, None, String::new(), broken.name.as_str()),
        Entry::Working(view) => {
            let mode = view.account.mode.as_deref().map_or(String::new(), |mode| format!(" ({mode})"));
            let gateway = format!("{}{mode}", view.provider_name);
            (view.account.state, view.account.since, gateway, view.account.name.as_str())
        }
    };
    let (sign, meaning) = match state {
        SessionState::Connected => (model.theme.glyphs.good, Meaning::HealthGood),
        SessionState::Unknown => (model.theme.glyphs.unknown, Meaning::HealthUnknown),
        _ => (model.theme.glyphs.bad, Meaning::HealthBad),
    };
    let mut told = words.session(state).to_owned();
    if let Some(at) = since {
        let time = moment(words, at, model.now, &model.zone);
        told = format!("{told} {}", fill(&words.health.since, &[("time", &time)]));
    }
    let used = put(buf, area, sign, model.theme.style(meaning));
    let mut rest = put_right(buf, skip(area, used + 1), &told, model.theme.style(meaning));
    rest.width = rest.width.saturating_sub(2);
    let named = put(buf, rest, Clean::line(name).as_str(), strong);
    put(buf, skip(rest, named + 2), &gateway, model.theme.style(Meaning::Dim));
}

fn facts(model: &Model, buf: &mut Buffer, area: Rect, entry: Entry<'_>) {
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
    let words = &model.strings().health;
    let span = |sentence: &str, span: Duration| fill(sentence, &[("span", &compact_span(model.strings(), span))]);
    let mut all = Vec::new();
    let silent = view.silent_since.map(|since| model.now.since(since)).filter(|span| *span >= SILENT);
    if let Some(silent) = silent {
        all.push((span(&words.silent, silent), Meaning::HealthBad));
    }
    all.push(match view.account.last_event_at.map(|at| model.now.since(at)) {
        None => (words.no_event.clone(), Meaning::Dim),
        Some(age) if age >= QUIET => (span(&words.nothing_heard, age), Meaning::ComposerNear),
        Some(age) if age.as_secs() < 60 => (words.last_event_now.clone(), Meaning::Dim),
        Some(age) => (span(&words.last_event, age), Meaning::Dim),
    });
    let budget = [("used", &*view.usage.used.to_string()), ("all", &*view.usage.per_minute.to_string())];
    if view.usage.used > 0 {
        all.push((fill(&words.budget, &budget), Meaning::Dim));
    }
    all
}

/// What to do about the chosen account, what its gateway said, and its webhook URL.
fn more(model: &Model, buf: &mut Buffer, area: Rect, entry: Entry<'_>) {
    let mut lines: Vec<(String, Meaning)> = Vec::new();
    match entry {
        Entry::Broken(broken) => lines.push((Clean::line(&broken.reason).into_string(), Meaning::Text)),
        Entry::Working(view) => {
            let way = way_back(model, view);
            let said = Clean::line(view.detail.trim());
            let told = match (way.as_str(), said.as_str()) {
                ("", said) => said.to_owned(),
                (way, "") => way.to_owned(),
                (way, said) => format!("{way} ({said})"),
            };
            if !told.is_empty() {
                lines.push((told, Meaning::Text));
            }
            lines.push((Clean::line(&view.webhook_url).into_string(), Meaning::Dim));
        }
    }
    let mut y = 0;
    for (text, meaning) in &lines {
        for line in text::wrap(text, area.width.max(1)) {
            put(buf, row(area, y), line.text(text).trim_end(), model.theme.style(*meaning));
            y += 1;
        }
    }
}

/// The keys of the list, for the hint line.
pub(crate) fn keys(model: &Model) -> Vec<(String, &'static str)> {
    let (words, overlay) = (&model.strings().health, &model.strings().overlay);
    vec![
        ("l".to_owned(), words.log_in.as_str()),
        ("a".to_owned(), &words.add),
        ("y".to_owned(), &words.copy),
        (overlay.leave.clone(), &overlay.close),
    ]
}
