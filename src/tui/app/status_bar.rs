//! The status bar: the accounts' health, totals, the listener's address, badges.
//!
//! Invariant: an account that needs help is never the one that is cut off.

use super::account_health::{health, state_words};
use super::state::{Model, needs_help};
use crate::domain::{ConfigNotice, EngineProblem, EngineState, Role, SessionState};
use crate::text;
use crate::text::Clean;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws the top row; in a narrow window the less important parts are left out.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) {
    let strings = &model.strings().app;
    let style = |meaning| model.theme.style(meaning);
    let mut area = skip(row(model.areas.status, 0), 1);
    area.width = area.width.saturating_sub(1);
    if model.process.sandbox {
        area = badge(buf, area, &strings.sandbox, style(Meaning::Badge));
    }
    if let Role::Viewer { .. } = model.process.role {
        area = badge(buf, area, &strings.viewer, style(Meaning::Badge));
    }
    let is_old = matches!(model.process.config, Some(ConfigNotice::NotInForce(_))) || !model.file_errors.is_empty();
    if is_old {
        area = badge(buf, area, &strings.config_not_in_force, style(Meaning::NoticeBad));
    }
    // Whether messages are received matters more than anything else of this row.
    if let Some((text, meaning)) = engine_trouble(model) {
        put(buf, area, &text, style(meaning));
        return;
    }
    // The accounts and what waits matter more than the address and what is left of the rate.
    let needed = text::cells(&strings.name) + 2 + named_cells(model) + totals_cells(model) + 2;
    let mut spare = usize::from(area.width).saturating_sub(needed);
    let mut extra = |text: &str, meaning, area: Rect| {
        let cells = text::cells(text) + 2;
        if cells > spare {
            return area;
        }
        spare -= cells;
        let mut left = put_right(buf, area, text, style(meaning));
        left.width = left.width.saturating_sub(2);
        left
    };
    if let Some(listener) = &model.process.listener {
        area = extra(listener, Meaning::Dim, area);
    }
    if let Some((left, near)) = budget(model) {
        area = extra(&left, if near { Meaning::ComposerNear } else { Meaning::Dim }, area);
    }
    area = totals(model, buf, area);
    let used = put(buf, area, &strings.name, style(Meaning::AccentStrong));
    accounts(model, buf, skip(area, used + 2));
}

/// Why messages are not received, or not yet.
fn engine_trouble(model: &Model) -> Option<(String, Meaning)> {
    let strings = &model.strings().app;
    match &model.process.engine {
        EngineState::Running => None,
        EngineState::Starting => Some((strings.engine_starting.clone(), Meaning::ComposerNear)),
        EngineState::Failed(EngineProblem::Listen { address, reason }) => {
            let reason = Clean::line(reason);
            let values = [("address", address.as_str()), ("reason", reason.as_str())];
            Some((fill(&strings.engine_address, &values), Meaning::NoticeBad))
        }
        EngineState::Failed(EngineProblem::StoreGone) => {
            let key = model.keymap.first_key(KeyContext::Anywhere, Command::Quit);
            let key = key.map(|key| key.to_string()).unwrap_or_default();
            Some((fill(&strings.engine_store_gone, &[("key", &key)]), Meaning::NoticeBad))
        }
        EngineState::Failed(EngineProblem::Other(reason)) => {
            let reason = Clean::line(reason);
            Some((fill(&strings.engine_failed, &[("reason", reason.as_str())]), Meaning::NoticeBad))
        }
    }
}

fn badge(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> Rect {
    let mut left = put_right(buf, area, &format!(" {text} "), style);
    left.width = left.width.saturating_sub(1);
    left
}

/// How much of the open account's request budget is left, and whether half of it is used up.
fn budget(model: &Model) -> Option<(String, bool)> {
    let usage = model.open_account().map(|account| account.usage).filter(|usage| usage.per_minute > 0)?;
    let left = usage.per_minute.saturating_sub(usage.used).to_string();
    let text = fill(&model.strings().app.rate, &[("left", &left), ("all", &usage.per_minute.to_string())]);
    Some((text, usage.used.saturating_mul(2) >= usage.per_minute))
}

/// What waits and what is unread, each with its meaning.
fn total_parts(model: &Model) -> Vec<(String, Meaning)> {
    let strings = &model.strings().app;
    let parts = [
        (model.counts.waiting, &strings.waiting, Meaning::ListWaiting),
        (model.counts.unread_messages, &strings.unread, Meaning::ListUnread),
    ];
    let parts = parts.into_iter().filter(|(count, _, _)| *count > 0);
    parts.map(|(count, text, meaning)| (fill(text, &[("n", &count.to_string())]), meaning)).collect()
}

fn totals_cells(model: &Model) -> usize {
    total_parts(model).iter().map(|(part, _)| text::cells(part) + 3).sum()
}

fn totals(model: &Model, buf: &mut Buffer, area: Rect) -> Rect {
    let glyphs = model.theme.glyphs;
    let mut parts = total_parts(model);
    // In a narrow window the accounts' health matters more, and a total that would be cut is left out.
    let cells = |parts: &[(String, Meaning)]| parts.iter().map(|(part, _)| text::cells(part) + 3).sum::<usize>();
    while !parts.is_empty() && (cells(&parts) > usize::from(area.width) + 3 || (area.width < 44 && parts.len() > 1)) {
        parts.remove(0);
    }
    let mut area = area;
    for (index, (part, meaning)) in parts.iter().enumerate().rev() {
        area = put_right(buf, area, part, model.theme.style(*meaning));
        if index > 0 {
            area = put_right(buf, area, &format!(" {} ", glyphs.dot), model.theme.style(Meaning::Dim));
        }
    }
    area.width = area.width.saturating_sub(2);
    area
}

fn accounts(model: &Model, buf: &mut Buffer, area: Rect) {
    let strings = model.strings();
    if model.accounts_ready && model.accounts.is_empty() && model.invalid_accounts.is_empty() {
        put(buf, area, &strings.app.no_accounts, model.theme.style(Meaning::Dim));
        return;
    }
    let named = labels(model, false);
    let roomy = named.iter().map(label_cells).sum::<usize>() <= usize::from(area.width) + 2;
    // Where there is no room for every name, those that are well get the list's two letters.
    let shown = if roomy { named } else { labels(model, true) };
    let mut area = area;
    for one in &shown {
        let (sign, meaning, label) = one;
        if label_cells(one) > usize::from(area.width) + 2 {
            put(buf, area, model.theme.glyphs.more, model.theme.style(Meaning::Dim));
            return;
        }
        let used = put(buf, area, sign, model.theme.style(*meaning));
        let named = put(buf, skip(area, used + 1), label, label_style(model, *meaning));
        area = skip(area, used + 1 + named + 2);
    }
}

/// An account's sign, the sign's meaning, and the account's label.
type AccountLabel = (&'static str, Meaning, String);

fn label_cells((sign, _, label): &AccountLabel) -> usize {
    text::cells(sign) + 1 + text::cells(label) + 2
}

/// How wide all accounts are by their names.
fn named_cells(model: &Model) -> usize {
    labels(model, false).iter().map(label_cells).sum()
}

/// All accounts, those that need help first.
fn labels(model: &Model, short: bool) -> Vec<AccountLabel> {
    let mut sorted: Vec<_> = model.accounts.iter().collect();
    sorted.sort_by_key(|a| !needs_help(&a.account));
    let broken = model.invalid_accounts.iter().map(|b| {
        let words = model.strings().session(SessionState::Broken).to_owned();
        label(model, Clean::line(&b.name).as_str(), Meaning::HealthBad, &words, short)
    });
    let working = sorted.into_iter().map(|view| {
        let account = &view.account;
        label(model, account.name.as_str(), health(model, account), &state_words(model, account), short)
    });
    broken.chain(working).collect()
}

fn label(model: &Model, name: &str, meaning: Meaning, words: &str, short: bool) -> AccountLabel {
    let label = match meaning {
        Meaning::HealthBad => format!("{name}: {words}"),
        _ if short => model.account_marks.of(name),
        _ => name.to_owned(),
    };
    (model.theme.health_sign(meaning), meaning, label)
}

fn label_style(model: &Model, meaning: Meaning) -> Style {
    model.theme.style(if meaning == Meaning::HealthBad { Meaning::HealthBad } else { Meaning::Text })
}
