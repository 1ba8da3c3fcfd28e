//! The hint line at the bottom: a notice, else the keys that are most useful now.
//!
//! Invariant: a hint's key and label come from the registry of commands.

use super::state::{Model, Pane};
use crate::text;
use crate::tui::commands::availability;
use crate::tui::commands::registry::{Command, KeyContext, hints};
use crate::tui::overlays;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread;
use crate::tui::widgets::draw_text::{put, row, skip, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

/// Draws the notice if there is one, else the most useful keys of the pane or overlay that has the keys.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) {
    let area = skip(row(model.areas.hints, 0), 1);
    if let Some(notice) = &model.notice {
        let meaning = if notice.bad { Meaning::NoticeBad } else { Meaning::Notice };
        if text::cells(notice.text.as_str()) <= usize::from(area.width) {
            put(buf, area, notice.text.as_str(), model.theme.style(meaning));
            return;
        }
        draw_long_notice(model, buf, notice.text.as_str(), model.theme.style(meaning));
    }
    let typing = model.conversations.filter.typing && model.focus == Pane::List;
    if !model.overlays.is_empty() || typing {
        let overlay = overlays::hints(model);
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
    let context = model.focus.place();
    let with_file = (context == KeyContext::Thread && thread::media::has_file(model)).then_some(Command::OpenMedia);
    let pairs: Vec<(String, &str, bool)> = with_file
        .iter()
        .chain(hints(context))
        .filter_map(|command| {
            let key = hint_key(model, context, *command)?;
            let label = model.strings().command_label(command.id());
            Some((key, label, availability::why_not(model, *command).is_none()))
        })
        .collect();
    draw_pairs(model, buf, area, &pairs);
}

/// Draws a notice that is longer than the hint line, in the rows above the composer: nothing of it is cut, and what is
/// being typed stays visible.
fn draw_long_notice(model: &Model, buf: &mut Buffer, text: &str, style: Style) {
    let screen = model.areas.screen;
    let composer = model.areas.composer_title;
    let bottom = if composer.is_empty() { model.areas.hints.y } else { composer.y };
    let lines = wrapped(text, screen.width.saturating_sub(2));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(bottom.saturating_sub(1));
    let area = Rect { x: 0, y: bottom - height, width: screen.width, height };
    Clear.render(area, buf);
    for (y, line) in (0_u16..).zip(&lines).take(usize::from(height)) {
        put(buf, skip(row(area, y), 1), line, style);
    }
}

fn hint_key(model: &Model, context: KeyContext, command: Command) -> Option<String> {
    // Help is shown with the key that works everywhere.
    let context = if command == Command::Help { KeyContext::Anywhere } else { context };
    model.keymap.first_key(context, command).map(|chord| chord.to_string())
}

fn draw_pairs(model: &Model, buf: &mut Buffer, area: Rect, pairs: &[(String, &str, bool)]) {
    let cells = |(key, label, _): &(String, &str, bool)| {
        u16::try_from(text::cells(key) + text::cells(label) + 1).unwrap_or(u16::MAX)
    };
    // The last pair is the way out: it stays where there is not room for all.
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
