//! The bar at the top and the hints at the bottom.
//!
//! Invariant: a hint's key and words come from the registry of commands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::facts::Role;
use super::state::Model;
use crate::domain::SessionState;
use crate::text;
use crate::text::Clean;
use crate::tui::commands::availability;
use crate::tui::commands::registry::{Command, KeyContext, hints as hinted};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::preview::sender_initial;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};

/// Accounts' health, totals, the listener, badges.
pub(crate) fn status(model: &Model, buf: &mut Buffer) {
    let words = &model.strings().app;
    let style = |meaning| model.theme.style(meaning);
    let mut area = skip(row(model.areas.status, 0), 1);
    area.width = area.width.saturating_sub(1);
    if model.facts.sandbox {
        area = badge(buf, area, &words.sandbox, style(Meaning::Badge));
    }
    if let Role::Viewer { pid } = model.facts.role {
        let text = fill(&words.viewer, &[("pid", &pid.to_string())]);
        area = badge(buf, area, &text, style(Meaning::Badge));
    }
    // The accounts' health matters more than the address.
    let roomy = area.width >= 90;
    if let Some(listener) = model.facts.listener.as_ref().filter(|_| roomy) {
        area = put_right(buf, area, listener, style(Meaning::Dim));
        area.width = area.width.saturating_sub(2);
    }
    if let Some((rate, near)) = rate(model).filter(|(_, near)| *near || roomy) {
        area = put_right(buf, area, &rate, style(if near { Meaning::ComposerNear } else { Meaning::Dim }));
        area.width = area.width.saturating_sub(2);
    }
    area = totals(model, buf, area);
    let used = put(buf, area, &words.name, style(Meaning::AccentStrong));
    accounts(model, buf, skip(area, used + 2));
}

fn badge(buf: &mut Buffer, area: Rect, text: &str, style: Style) -> Rect {
    let mut left = put_right(buf, area, &format!(" {text} "), style);
    left.width = left.width.saturating_sub(1);
    left
}

/// How much of the open conversation's request budget is left, and whether half of it is gone, which is worth
/// knowing in a narrow window too.
fn rate(model: &Model) -> Option<(String, bool)> {
    let budget = model.open_account().map(|account| account.budget).filter(|budget| budget.per_minute > 0)?;
    let left = budget.per_minute.saturating_sub(budget.used).to_string();
    let words = fill(&model.strings().app.rate, &[("left", &left), ("all", &budget.per_minute.to_string())]);
    Some((words, budget.used.saturating_mul(2) >= budget.per_minute))
}

fn totals(model: &Model, buf: &mut Buffer, area: Rect) -> Rect {
    let words = &model.strings().app;
    let glyphs = model.theme.glyphs;
    let mut parts = Vec::new();
    if model.counts.unread_messages > 0 {
        parts.push((fill(&words.unread, &[("n", &model.counts.unread_messages.to_string())]), Meaning::ListUnread));
    }
    // In a narrow window the accounts' health matters more.
    if model.counts.waiting > 0 && area.width >= 44 {
        parts.push((fill(&words.waiting, &[("n", &model.counts.waiting.to_string())]), Meaning::ListWaiting));
    }
    // A total that would be cut is left out.
    let cells = |parts: &[(String, Meaning)]| parts.iter().map(|(part, _)| text::cells(part) + 3).sum::<usize>();
    while cells(&parts) > usize::from(area.width) + 3 {
        parts.pop();
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
    let words = model.strings();
    if model.accounts_ready && model.accounts.is_empty() && model.broken.is_empty() {
        put(buf, area, &words.app.no_accounts, model.theme.style(Meaning::Dim));
        return;
    }
    // Those that need help come first: they must not be the ones that are cut off.
    let mut sorted: Vec<_> = model.accounts.iter().collect();
    sorted.sort_by_key(|a| !super::state::needs_help(&a.account));
    let broken = model.broken.iter().map(|b| (Clean::line(&b.name).into_string(), SessionState::Broken));
    let working = sorted.into_iter().map(|view| (view.account.name.to_string(), view.account.state));
    let all: Vec<_> = broken.chain(working).collect();
    let labels = |short: bool| all.iter().map(|(name, state)| account(model, name, *state, short)).collect::<Vec<_>>();
    let named = labels(false);
    let wide = |(sign, _, label): &(&str, Meaning, String)| text::cells(sign) + 1 + text::cells(label) + 2;
    let roomy = named.iter().map(wide).sum::<usize>() <= usize::from(area.width) + 2;
    // The list's two letters for those that are well, where there is no room for every name.
    let shown = if roomy { named } else { labels(true) };
    let mut area = area;
    for one in &shown {
        let (sign, meaning, label) = one;
        if wide(one) > usize::from(area.width) + 2 {
            put(buf, area, model.theme.glyphs.more, model.theme.style(Meaning::Dim));
            return;
        }
        let used = put(buf, area, sign, model.theme.style(*meaning));
        let named = put(buf, skip(area, used + 1), label, label_style(model, *meaning));
        area = skip(area, used + 1 + named + 2);
    }
}

/// An account's sign, what it means, and its name.
fn account(model: &Model, name: &str, state: SessionState, short: bool) -> (&'static str, Meaning, String) {
    let glyphs = model.theme.glyphs;
    let (sign, meaning) = match state {
        SessionState::Connected => (glyphs.good, Meaning::HealthGood),
        SessionState::Unknown => (glyphs.unknown, Meaning::HealthUnknown),
        _ => (glyphs.bad, Meaning::HealthBad),
    };
    let label = match meaning {
        Meaning::HealthBad => format!("{name}: {}", model.strings().session(state)),
        _ if short => sender_initial(name),
        _ => name.to_owned(),
    };
    (sign, meaning, label)
}

fn label_style(model: &Model, meaning: Meaning) -> Style {
    model.theme.style(if meaning == Meaning::HealthBad { Meaning::HealthBad } else { Meaning::Text })
}

/// A notice, else the most useful keys of the place that has them.
pub(crate) fn hints(model: &Model, buf: &mut Buffer) {
    let area = skip(row(model.areas.hints, 0), 1);
    if let Some(notice) = &model.notice {
        let meaning = if notice.bad { Meaning::NoticeBad } else { Meaning::Notice };
        put(buf, area, notice.text.as_str(), model.theme.style(meaning));
        return;
    }
    let typing = model.inbox.filter.typing && model.focus == super::state::Pane::List;
    if !model.overlays.is_empty() || typing {
        let overlay = crate::tui::overlays::hints(model);
        let pairs: Vec<(String, &str, bool)> = if model.overlays.is_empty() {
            vec![
                ("Enter".into(), model.strings().command_label("open"), true),
                ("Esc".into(), model.strings().command_label("close"), true),
            ]
        } else {
            overlay.into_iter().map(|(key, label)| (key, label, true)).collect()
        };
        draw_pairs(model, buf, area, &pairs);
        return;
    }
    let place = model.focus.place();
    let pairs: Vec<(String, &str, bool)> = hinted(place)
        .iter()
        .filter_map(|command| {
            let key = hint_key(model, place, *command)?;
            let label = model.strings().command_label(command.id());
            Some((key, label, availability::why_not(model, *command).is_none()))
        })
        .collect();
    draw_pairs(model, buf, area, &pairs);
}

fn hint_key(model: &Model, place: KeyContext, command: Command) -> Option<String> {
    // The help's own key is shown in its general form: it works wherever one is.
    let place = if command == Command::Help { KeyContext::Anywhere } else { place };
    model.keymap.first_key(place, command).map(|chord| chord.to_string())
}

fn draw_pairs(model: &Model, buf: &mut Buffer, area: Rect, pairs: &[(String, &str, bool)]) {
    let cells = |(key, label, _): &(String, &str, bool)| {
        u16::try_from(text::cells(key) + text::cells(label) + 1).unwrap_or(u16::MAX)
    };
    // The last one is the way out: it stays where there is not room for all.
    let way_out = pairs.last().map_or(0, cells);
    let mut area = area;
    for (index, pair) in pairs.iter().enumerate() {
        let (key, label, possible) = pair;
        let last = index + 1 == pairs.len();
        let needed = if last { cells(pair) } else { cells(pair).saturating_add(3).saturating_add(way_out) };
        if needed > area.width {
            continue;
        }
        let (key_style, label_style) = if *possible {
            (model.theme.style(Meaning::Key), model.theme.style(Meaning::Text))
        } else {
            (model.theme.style(Meaning::Dim), model.theme.style(Meaning::Dim))
        };
        let used = put(buf, area, key, key_style);
        let named = put(buf, skip(area, used + 1), label, label_style);
        area = skip(area, used + 1 + named + 3);
    }
}
