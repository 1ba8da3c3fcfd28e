//! A list from which one thing is picked by typing: the palette, the finder, canned replies, templates.
//!
//! Invariant: what is chosen is always one of what is shown.

use super::draw_text::{put, put_right, row, skip};
use super::fuzzy::{Match, rank};
use super::line_input::LineInput;
use crate::domain::phone::{Country, NumberPattern};
use crate::text;
use crate::text::width::graphemes;
use crate::tui::theme::Theme;
use crate::tui::theme::styles::Meaning;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// What one thing to pick looks like. Its texts are clean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    /// By what it is found first.
    pub label: String,
    /// What stands beside it; searched too.
    pub detail: String,
    /// Further words by which it is found, not shown.
    pub(crate) also: String,
    /// What stands at the right: keys, a time.
    pub(crate) side: String,
    /// Why it cannot be picked now.
    pub(crate) why_not: Option<String>,
}

/// A list from which one thing is picked.
#[derive(Debug, Clone)]
pub(crate) struct Picker<T> {
    pub input: LineInput,
    items: Vec<(Item, T)>,
    shown: Vec<Match>,
    chosen: usize,
    /// Where things are people, the country in which local phone numbers are read.
    country: Option<Country>,
}

impl<T> Picker<T> {
    /// A picker over these things.
    pub(crate) fn new(items: Vec<(Item, T)>) -> Self {
        let mut picker = Picker { input: LineInput::default(), items, shown: Vec::new(), chosen: 0, country: None };
        picker.rank();
        picker
    }

    /// A picker over people, who are also found by their phone numbers in any form.
    pub(crate) fn of_people(items: Vec<(Item, T)>, country: Country) -> Self {
        Picker { country: Some(country), ..Picker::new(items) }
    }

    /// What was typed changed: finds again, and chooses the best.
    pub(crate) fn typed(&mut self) {
        self.rank();
        self.chosen = 0;
    }

    /// Adds things that came later; the choice stays on its thing.
    pub(crate) fn add(&mut self, items: impl IntoIterator<Item = (Item, T)>) {
        let chosen = self.shown.get(self.chosen).map(|m| m.item);
        self.items.extend(items);
        self.rank();
        let place = chosen.and_then(|item| self.shown.iter().position(|m| m.item == item));
        self.chosen = if self.input.is_empty() { place.unwrap_or(0) } else { self.chosen.min(self.last()) };
    }

    /// Shows other things in place of these; the choice stays on its thing.
    pub(crate) fn replace(&mut self, items: Vec<(Item, T)>)
    where
        T: PartialEq,
    {
        let chosen = self.choice().and_then(|(_, chosen)| items.iter().position(|(_, value)| value == chosen));
        self.items = items;
        self.rank();
        let place = chosen.and_then(|item| self.shown.iter().position(|found| found.item == item));
        self.chosen = place.unwrap_or_else(|| self.chosen.min(self.last()));
    }

    /// Moves the choice by so many rows, and stops at either end of the list.
    pub(crate) fn step(&mut self, by: isize) {
        self.chosen = self.chosen.saturating_add_signed(by).min(self.last());
    }

    /// What is chosen now; `None` when nothing matches the typed text.
    pub(crate) fn choice(&self) -> Option<(&Item, &T)> {
        let (item, value) = self.items.get(self.shown.get(self.chosen)?.item)?;
        Some((item, value))
    }

    /// Everything there is, shown or not.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|(_, value)| value)
    }

    /// Types a key into the line; whether the text changed.
    pub(crate) fn type_key(&mut self, key: &KeyEvent) -> bool {
        let changed = self.input.key(key) == Some(true);
        if changed {
            self.typed();
        }
        changed
    }

    /// Inserts pasted text into the line and finds again.
    pub(crate) fn paste(&mut self, text: &str) {
        self.input.insert(text);
        self.typed();
    }

    /// Draws the typed line and the list under it; returns where the cursor is. `none` is said when nothing matches.
    pub(crate) fn draw(&self, theme: &Theme, buf: &mut Buffer, area: Rect, hint: &str, none: &str) -> Position {
        let cursor = self.input.draw(theme, buf, row(area, 0), hint);
        let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if self.shown.is_empty() {
            put(buf, row(list, 0), none, theme.style(Meaning::Dim));
            return cursor;
        }
        let rows = usize::from(list.height);
        let first = (self.chosen + 1).saturating_sub(rows.max(1));
        let shown = self.shown.iter().skip(first).take(rows);
        let items: Vec<(&Item, &Match)> =
            shown.filter_map(|found| Some((&self.items.get(found.item)?.0, found))).collect();
        // Details are in one column, after the longest visible label.
        let widest = items.iter().map(|(item, _)| text::cells(&item.label)).max().unwrap_or(0);
        let column = u16::try_from(widest).unwrap_or(u16::MAX).min(list.width * 2 / 5);
        for (n, (item, found)) in items.into_iter().enumerate() {
            let y = u16::try_from(n).unwrap_or(u16::MAX);
            draw_item(theme, buf, row(list, y), item, &found.letters, column, first + n == self.chosen);
        }
        cursor
    }

    fn rank(&mut self) {
        let labels = self.items.iter().map(|(i, _)| (i.label.as_str(), [i.detail.as_str(), i.also.as_str()]));
        let number = self.country.and_then(|country| NumberPattern::parse(self.input.text(), country));
        self.shown = rank(self.input.text(), number.as_ref(), labels);
    }

    fn last(&self) -> usize {
        self.shown.len().saturating_sub(1)
    }
}

fn draw_item(theme: &Theme, buf: &mut Buffer, area: Rect, item: &Item, letters: &[u32], column: u16, chosen: bool) {
    if chosen {
        put(buf, area, theme.glyphs.bar_chosen, theme.style(Meaning::Selected));
    }
    let mut area = skip(area, 2);
    if !item.side.is_empty() {
        area = put_right(buf, area, &item.side, theme.style(Meaning::Key));
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
        let style = theme.style(if hit { Meaning::Match } else { base });
        let room = (label.x + label.width).saturating_sub(x);
        (x, _) = buf.set_stringn(x, label.y, grapheme, usize::from(room), style);
    }
    let detail = item.why_not.as_deref().unwrap_or(&item.detail);
    put(buf, skip(area, column + 2), detail, theme.style(Meaning::Dim));
}
