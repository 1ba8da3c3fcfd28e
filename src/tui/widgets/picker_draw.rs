//! Draws lists from which one thing is picked by typing.
//!
//! Invariant: what is chosen is visible.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::line_input::Input;
use super::picker::{Item, Picker};
use crate::text;
use crate::text::width::graphemes;
use crate::tui::app::state::Model;
use crate::tui::overlays::state::Finder;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};

/// A line that is typed; returns where its cursor stands.
pub(crate) fn input(model: &Model, buf: &mut Buffer, area: Rect, input: &Input, hint: &str) -> Position {
    let used = put(buf, area, model.theme.glyphs.prompt, model.theme.style(Meaning::AccentStrong));
    let field = skip(area, used + 1);
    let (shown, at) = input.window(usize::from(field.width));
    if input.is_empty() {
        put(buf, field, hint, model.theme.style(Meaning::Dim));
    } else {
        buf.set_stringn(field.x, field.y, shown, usize::from(field.width), model.theme.style(Meaning::Text));
    }
    Position::new(field.x + u16::try_from(at).unwrap_or(0).min(field.width.saturating_sub(1)), field.y)
}

/// A picker's line and list.
pub(crate) fn picker<T>(
    model: &Model,
    buf: &mut Buffer,
    area: Rect,
    picker: &Picker<T>,
    hint: &str,
    none: &str,
) -> Position {
    let cursor = input(model, buf, row(area, 0), &picker.input, hint);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if picker.is_empty() {
        put(buf, row(list, 0), none, model.theme.style(Meaning::Dim));
        return cursor;
    }
    let (first, items) = picker.visible(usize::from(list.height));
    // Details stand in one column, after the longest visible label.
    let items: Vec<(&Item, &[u32])> = items.collect();
    let widest = items.iter().map(|(item, _)| text::cells(&item.label)).max().unwrap_or(0);
    let column = u16::try_from(widest).unwrap_or(u16::MAX).min(list.width * 2 / 5);
    for (n, (item, letters)) in items.into_iter().enumerate() {
        let y = u16::try_from(n).unwrap_or(u16::MAX);
        line(model, buf, row(list, y), item, letters, column, first + n == picker.chosen());
    }
    cursor
}

fn line(model: &Model, buf: &mut Buffer, area: Rect, item: &Item, letters: &[u32], column: u16, chosen: bool) {
    let look = &model.theme;
    if chosen {
        put(buf, area, look.glyphs.bar_chosen, look.style(Meaning::Selected));
    }
    let mut area = skip(area, 2);
    if !item.side.is_empty() {
        area = put_right(buf, area, &item.side, look.style(Meaning::Key));
        area.width = area.width.saturating_sub(2);
    }
    let base = match (chosen, item.why_not.is_some()) {
        (_, true) => Meaning::Dim,
        (true, false) => Meaning::Selected,
        (false, false) => Meaning::Text,
    };
    let label = Rect { width: area.width.min(column), ..area };
    let shown = text::truncate(&item.label, usize::from(label.width));
    let mut x = label.x;
    for (n, (_, grapheme)) in graphemes(&shown).enumerate() {
        let hit = u32::try_from(n).is_ok_and(|n| letters.binary_search(&n).is_ok());
        let style = look.style(if hit { Meaning::Match } else { base });
        let room = (label.x + label.width).saturating_sub(x);
        (x, _) = buf.set_stringn(x, label.y, grapheme, usize::from(room), style);
    }
    let detail = item.why_not.as_deref().unwrap_or(&item.detail);
    put(buf, skip(area, column + 2), detail, look.style(Meaning::Dim));
}

/// A search's line and what it found.
pub(crate) fn finder(model: &Model, buf: &mut Buffer, area: Rect, finder: &Finder) -> Position {
    let words = &model.strings().overlay;
    let cursor = input(model, buf, row(area, 0), &finder.input, &words.search_hint);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let Some(found) = &finder.found else { return cursor };
    if found.is_empty() {
        put(buf, row(list, 0), &words.nothing_found, model.theme.style(Meaning::Dim));
    }
    let rows = usize::from(list.height).max(1);
    let first = (finder.chosen + 1).saturating_sub(rows);
    let column = (list.width / 3).min(20);
    for (n, hit) in found.iter().enumerate().skip(first).take(rows) {
        let y = u16::try_from(n - first).unwrap_or(u16::MAX);
        let chosen = n == finder.chosen;
        let at = row(list, y);
        if chosen {
            put(buf, at, model.theme.glyphs.bar_chosen, model.theme.style(Meaning::Selected));
        }
        let mut at = put_right(buf, skip(at, 2), &hit.when, model.theme.style(Meaning::Dim));
        at.width = at.width.saturating_sub(1);
        let meaning = if chosen { Meaning::Selected } else { Meaning::Strong };
        put(buf, Rect { width: column.min(at.width), ..at }, hit.title.as_str(), model.theme.style(meaning));
        put(buf, skip(at, column + 1), hit.line.as_str(), model.theme.style(Meaning::Text));
    }
    cursor
}
