//! The conversation list: a window of loaded rows in the list's order, its selection and its filter.
//!
//! Invariant: nothing that arrives moves the selection to another conversation, or the selected row to another line of
//! the screen. The selected conversation keeps its place among the rows until another one is selected.

use crate::domain::conversation::{ConversationKey, ConversationOrder, ConversationRange};
use crate::domain::{Conversation, ConversationId};
use std::collections::HashMap;

use super::filter::ListFilter;

/// How many conversations a page holds.
pub(crate) const PAGE: usize = 100;

/// At most so many rows stay loaded.
const WINDOW: usize = 2000;

/// The loaded part of the conversation list, with its selection and filter.
#[expect(clippy::struct_excessive_bools, reason = "what is read, what has come and what is to follow are independent")]
#[derive(Debug, Clone, Default)]
pub struct ConversationList {
    rows: Vec<(ConversationKey, Box<Conversation>)>,
    /// Where each loaded conversation stands; for the selected one that may not be where it belongs.
    keys: HashMap<ConversationId, ConversationKey>,
    pub selected: Option<ConversationId>,
    /// The line of the pane on which the selected row begins; may be outside until `layout` has scrolled.
    pub(crate) selected_line: i64,
    /// The store has rows above the loaded ones.
    pub(crate) more_above: bool,
    /// The store has rows below the loaded ones.
    pub(crate) more_below: bool,
    /// A page is being read.
    pub reading: bool,
    /// The first page of this filter has come.
    pub(crate) ready: bool,
    /// Enter was pressed while the list was read: the selected conversation is opened once its first page has come.
    pub(crate) open_first: bool,
    /// Grows with every change of the filter; answers to older reads are dropped.
    pub generation: u64,
    /// The next page replaces all rows.
    replace: bool,
    /// That page shows the same part of the list, in which the selected conversation keeps its place.
    in_place: bool,
    /// The row at this end is selected once the page that replaces all rows has come.
    go_to: Option<End>,
    pub filter: ListFilter,
    /// The index of the first visible row and the number of visible rows; measured by `layout`.
    pub visible: (usize, usize),
    /// The line of the whole list that is the first one of the pane; measured by `layout`. Less than 0 where rows above
    /// the selected one have left since a person moved, for it stays where it is.
    pub(crate) top_line: i64,
    /// A person moved, or the list was read anew: the pane is filled with rows again.
    pub(crate) fill_pane: bool,
    /// The pane's height when it was measured last.
    pub(crate) pane_height: usize,
    /// The height of one row in cells; measured by `layout`.
    pub(crate) row_height: u16,
}

/// An end of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Top,
    Bottom,
}

impl ConversationList {
    /// The number of loaded rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no conversation is loaded.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The loaded rows from top to bottom.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Conversation> {
        self.rows.iter().map(|(_, conversation)| &**conversation)
    }

    /// The visible rows, as `layout` measured them.
    pub fn visible_rows(&self) -> impl Iterator<Item = &Conversation> {
        let (first, count) = self.visible;
        self.rows.iter().skip(first).take(count).map(|(_, conversation)| &**conversation)
    }

    /// A loaded conversation by its id.
    pub fn get(&self, id: ConversationId) -> Option<&Conversation> {
        self.rows.get(self.index_of(id)?).map(|(_, conversation)| &**conversation)
    }

    /// The index of a loaded conversation.
    pub(crate) fn index_of(&self, id: ConversationId) -> Option<usize> {
        let key = self.keys.get(&id)?;
        self.rows.binary_search_by(|(k, _)| key.cmp(k)).ok()
    }

    /// The index of the selected conversation; `None` when nothing is selected or it is not loaded.
    pub(crate) fn selected_index(&self) -> Option<usize> {
        self.index_of(self.selected?)
    }

    /// The selected conversation, if it is loaded.
    pub(crate) fn selected_row(&self) -> Option<&Conversation> {
        self.get(self.selected?)
    }

    /// How many of the loaded rows stand among those who wait, above the rule; 0 where there is no rule.
    pub(crate) fn above_rule(&self) -> usize {
        if self.filter.order == ConversationOrder::Activity {
            return 0;
        }
        let waiting = self.rows.partition_point(|(key, _)| key.is_waiting());
        if waiting == self.rows.len() { 0 } else { waiting }
    }

    /// The line of the whole list on which a row begins.
    pub(crate) fn line_of(&self, index: usize) -> usize {
        let rule = self.above_rule();
        index * usize::from(self.row_height.max(1)) + usize::from(rule > 0 && index >= rule)
    }

    /// How many lines all loaded rows take.
    pub(crate) fn lines(&self) -> usize {
        self.line_of(self.rows.len())
    }

    /// Selects a loaded conversation; it stays on the line on which it is.
    pub(crate) fn select(&mut self, id: ConversationId) {
        self.fill_pane = true;
        if self.selected == Some(id) {
            return;
        }
        let Some(index) = self.index_of(id) else { return };
        let top = self.selected_index().map_or(self.top_line, |at| line(self.line_of(at)) - self.selected_line);
        self.selected_line = line(self.line_of(index)) - top;
        let before = self.selected.replace(id);
        if let Some(before) = before {
            self.release(before);
        }
    }

    /// Selects the row with this index, or the last row.
    pub(crate) fn select_index(&mut self, index: usize) {
        let last = self.rows.len().saturating_sub(1);
        if let Some((key, _)) = self.rows.get(index.min(last)) {
            self.select(key.id);
        }
    }

    /// Begins another generation. The rows stay until its first page comes, and so does the selection when that page
    /// contains it.
    pub fn restart(&mut self) -> ConversationRange {
        self.generation += 1;
        self.reading = true;
        self.replace = true;
        self.in_place = false;
        self.go_to = None;
        ConversationRange::Top
    }

    /// Begins another generation in which the row at an end is selected.
    pub(crate) fn restart_at(&mut self, end: End) -> ConversationRange {
        let top = self.restart();
        self.go_to = Some(end);
        if end == End::Bottom { ConversationRange::Bottom } else { top }
    }

    /// Begins another generation that shows the same part of the list. Returns that part and how many rows it has.
    pub(crate) fn restart_in_place(&mut self) -> (ConversationRange, usize) {
        let top = self.restart();
        self.in_place = true;
        // Some may have come between those that are loaded.
        let rows = (self.rows.len() + PAGE).min(WINDOW);
        match self.rows.first() {
            Some((key, _)) if self.more_above => (ConversationRange::After(key.inclusive()), rows),
            _ => (top, rows),
        }
    }

    /// The part of the list above or below the loaded rows, unless a page is being read or there is none.
    pub(crate) fn next_part(&mut self, end: End) -> Option<ConversationRange> {
        let (more, row) = match end {
            End::Top => (self.more_above, self.rows.first()),
            End::Bottom => (self.more_below, self.rows.last()),
        };
        if self.reading || !more {
            return None;
        }
        let key = row?.0;
        self.reading = true;
        Some(if end == End::Top { ConversationRange::Before(key) } else { ConversationRange::After(key) })
    }

    /// The list could not be read: nothing more is asked for until it is read again.
    pub(crate) fn stop_reading(&mut self) {
        self.reading = false;
        self.replace = false;
        self.more_above = false;
        self.more_below = false;
    }

    /// Adds a page; the first one of a generation replaces all rows.
    pub(crate) fn add_page(&mut self, range: ConversationRange, page: Vec<Conversation>, limit: usize) {
        self.reading = false;
        self.ready = true;
        let full = page.len() >= limit;
        let replace = std::mem::take(&mut self.replace) || self.rows.is_empty();
        let in_place = std::mem::take(&mut self.in_place) && replace;
        let held = self.selected_index().and_then(|at| self.rows.get(at)).cloned().filter(|_| in_place);
        if replace {
            self.rows.clear();
            self.keys.clear();
            self.more_above = !matches!(range, ConversationRange::Top);
            self.more_below = !matches!(range, ConversationRange::Bottom);
        }
        match range {
            ConversationRange::Before(_) | ConversationRange::Bottom => self.more_above = full,
            ConversationRange::After(_) | ConversationRange::Top => self.more_below = full,
        }
        for conversation in page {
            // What was read with another page meanwhile is not older than this.
            if self.get(conversation.id).is_none_or(|loaded| loaded.revision <= conversation.revision) {
                let key = self.place(&conversation);
                self.insert(key, conversation);
            }
        }
        if let Some((key, conversation)) = held.filter(|(key, _)| self.covers(*key)) {
            let conversation = self.get(conversation.id).cloned().unwrap_or(*conversation);
            self.insert(key, conversation);
        }
        self.trim(range);
        self.fill_pane |= replace && !in_place;
        match self.go_to.take().filter(|_| replace) {
            Some(End::Top) => self.select_index(0),
            Some(End::Bottom) => self.select_index(usize::MAX),
            None => {}
        }
        if self.selected_index().is_none() {
            self.selected = None;
            self.selected_line = 0;
            self.select_index(0);
        }
    }

    /// Where a conversation is put: the selected one stays where it is.
    fn place(&self, conversation: &Conversation) -> ConversationKey {
        let held = self.keys.get(&conversation.id).filter(|_| self.selected == Some(conversation.id));
        held.copied().unwrap_or_else(|| conversation.key(self.filter.order))
    }

    /// Drops rows at the far end, so that no more than [`WINDOW`] are loaded.
    fn trim(&mut self, range: ConversationRange) {
        let over = self.rows.len().saturating_sub(WINDOW);
        if over == 0 {
            return;
        }
        let dropped: Vec<_> = if matches!(range, ConversationRange::Before(_)) {
            self.more_below = true;
            self.rows.split_off(WINDOW)
        } else {
            self.more_above = true;
            self.rows.drain(..over).collect()
        };
        for (key, _) in dropped {
            self.keys.remove(&key.id);
        }
    }

    /// Adds or replaces a conversation that changed. `keep`: it is open, and stays although the filter no longer shows it.
    pub(crate) fn apply_change(&mut self, conversation: Conversation, keep: bool) {
        let id = conversation.id;
        // A late answer to an older read must not undo a newer one.
        if self.get(id).is_some_and(|loaded| loaded.revision > conversation.revision) {
            return;
        }
        let selected = self.selected == Some(id);
        let known = self.keys.contains_key(&id);
        let key = self.place(&conversation);
        if (self.filter.shows(&conversation) || (known && (keep || selected))) && (self.covers(key) || selected) {
            self.insert(key, conversation);
        } else {
            self.remove(id);
        }
        if self.selected.is_none() {
            self.select_index(0);
        }
    }

    /// Whether a place is within the loaded part of the list.
    fn covers(&self, key: ConversationKey) -> bool {
        let above = self.more_above && self.rows.first().is_some_and(|(first, _)| key > *first);
        let below = self.more_below && self.rows.last().is_some_and(|(last, _)| key < *last);
        !above && !below
    }

    /// Lets a conversation that was selected go to where it belongs, or out of the list.
    fn release(&mut self, id: ConversationId) {
        let Some(conversation) = self.get(id).cloned() else { return };
        let key = conversation.key(self.filter.order);
        self.remove(id);
        if self.filter.shows(&conversation) && self.covers(key) {
            self.insert(key, conversation);
        }
    }

    /// Shows a draft that was just saved; the store reports only that one begins or is gone.
    pub(crate) fn set_draft(&mut self, id: ConversationId, text: &str) {
        let index = self.index_of(id);
        if let Some((_, conversation)) = index.and_then(|index| self.rows.get_mut(index)) {
            conversation.draft = (!text.is_empty()).then(|| text.to_owned());
        }
    }

    /// Removes a conversation whatever the filter shows; the row that takes its place is selected.
    pub(crate) fn remove_row(&mut self, id: ConversationId) {
        let index = self.index_of(id);
        self.remove(id);
        if self.selected == Some(id) {
            self.selected = None;
            let last = self.rows.len().saturating_sub(1);
            self.selected = self.rows.get(index.unwrap_or(0).min(last)).map(|(key, _)| key.id);
        }
    }

    fn remove(&mut self, id: ConversationId) {
        if let Some(index) = self.index_of(id) {
            self.rows.remove(index);
        }
        self.keys.remove(&id);
    }

    fn insert(&mut self, key: ConversationKey, conversation: Conversation) {
        if self.keys.contains_key(&key.id) {
            self.remove(key.id);
        }
        let at = self.rows.partition_point(|(k, _)| *k > key);
        self.keys.insert(key.id, key);
        self.rows.insert(at, (key, Box::new(conversation)));
    }
}

fn line(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
