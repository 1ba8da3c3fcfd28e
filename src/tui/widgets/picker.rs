//! A list from which one thing is picked by typing: the palette, the finder, canned replies, templates.
//!
//! Invariant: what is chosen is always one of what is shown.

use super::fuzzy::{Match, rank};
use super::line_input::Input;

/// What one thing to pick looks like. Its texts are clean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// By what it is found first.
    pub label: String,
    /// What stands beside it; searched too.
    pub detail: String,
    /// Further words by which it is found, not shown.
    pub also: String,
    /// What stands at the right: keys, a time.
    pub side: String,
    /// Why it cannot be picked now.
    pub why_not: Option<String>,
}

/// A list from which one thing is picked.
#[derive(Debug, Clone)]
pub struct Picker<T> {
    /// What is typed.
    pub input: Input,
    items: Vec<(Item, T)>,
    shown: Vec<Match>,
    chosen: usize,
}

impl<T> Picker<T> {
    /// A picker over these things.
    pub fn new(items: Vec<(Item, T)>) -> Self {
        let mut picker = Picker { input: Input::default(), items, shown: Vec::new(), chosen: 0 };
        picker.rank();
        picker
    }

    /// What was typed changed: finds again, and chooses the best.
    pub fn typed(&mut self) {
        self.rank();
        self.chosen = 0;
    }

    /// Adds things that came later; the choice stays on its thing.
    pub fn add(&mut self, items: impl IntoIterator<Item = (Item, T)>) {
        let chosen = self.shown.get(self.chosen).map(|m| m.item);
        self.items.extend(items);
        self.rank();
        let place = chosen.and_then(|item| self.shown.iter().position(|m| m.item == item));
        self.chosen = if self.input.is_empty() { place.unwrap_or(0) } else { self.chosen.min(self.last()) };
    }

    /// Moves the choice.
    pub fn step(&mut self, by: isize) {
        self.chosen = self.chosen.saturating_add_signed(by).min(self.last());
    }

    /// What is chosen.
    pub fn choice(&self) -> Option<(&Item, &T)> {
        let (item, value) = self.items.get(self.shown.get(self.chosen)?.item)?;
        Some((item, value))
    }

    /// Everything there is, shown or not.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|(_, value)| value)
    }

    /// How many match.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether nothing matches.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Which of the shown is chosen.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The shown things from the first visible one on, each with the letters that matched.
    pub fn visible(&self, rows: usize) -> (usize, impl Iterator<Item = (&Item, &[u32])>) {
        let first = (self.chosen + 1).saturating_sub(rows.max(1));
        let shown = self.shown.iter().skip(first).take(rows);
        (first, shown.filter_map(|m| self.items.get(m.item).map(|(item, _)| (item, m.letters.as_slice()))))
    }

    fn rank(&mut self) {
        let labels = self.items.iter().map(|(i, _)| (i.label.as_str(), [i.detail.as_str(), i.also.as_str()]));
        self.shown = rank(self.input.text(), labels);
    }

    fn last(&self) -> usize {
        self.shown.len().saturating_sub(1)
    }
}
