//! The conversation list: the loaded pages, newest activity first.
//!
//! Invariant: nothing that arrives moves the selection to another conversation.

use crate::domain::conversation::{ConversationFilter, ConversationKey};
use crate::domain::phone::{self, Country};
use crate::domain::{Conversation, ConversationId, ConversationState, SearchText};
use crate::tui::widgets::line_input::LineInput;
use std::collections::HashMap;

/// How many conversations a page holds.
pub(crate) const PAGE: usize = 100;

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    pub unread: bool,
    /// `None` shows conversations in every state.
    pub state: Option<ConversationState>,
    /// Shows only conversations that contain this text.
    pub text: LineInput,
    /// The text is being typed.
    pub(crate) typing: bool,
    /// The country in which local phone numbers are read.
    pub country: Country,
}

impl Default for ListFilter {
    fn default() -> Self {
        let state = Some(ConversationState::Open);
        ListFilter { unread: false, state, text: LineInput::default(), typing: false, country: phone::INDONESIA }
    }
}

impl ListFilter {
    /// The filter as a query for the store.
    pub fn query(&self) -> ConversationFilter {
        ConversationFilter { account: None, unread: self.unread, state: self.state, text: self.search_text() }
    }

    fn search_text(&self) -> Option<SearchText> {
        let text = self.text.text().trim();
        (!text.is_empty()).then(|| SearchText::new(text, self.country))
    }

    /// Whether the filter shows a conversation.
    pub fn shows(&self, conversation: &Conversation) -> bool {
        (!self.unread || conversation.unread > 0)
            && self.state.is_none_or(|s| s == conversation.state)
            && self.search_text().is_none_or(|text| conversation.matches(&text))
    }
}

/// The loaded part of the conversation list, newest activity first, with its selection and filter.
#[expect(clippy::struct_excessive_bools, reason = "what is read, what has come and what is to follow are independent")]
#[derive(Debug, Clone, Default)]
pub struct ConversationList {
    rows: Vec<(ConversationKey, Box<Conversation>)>,
    keys: HashMap<ConversationId, ConversationKey>,
    pub selected: Option<ConversationId>,
    /// The first visible row; `None` at the top, where new rows come into view.
    pub(crate) top: Option<ConversationKey>,
    /// The store has no further rows.
    pub(crate) exhausted: bool,
    /// A page is being read.
    pub reading: bool,
    /// The first page of this filter has come.
    pub(crate) ready: bool,
    /// Enter was pressed while the list was read: the selected conversation is opened once its first page has come.
    pub(crate) open_first: bool,
    /// Grows with every change of the filter; answers to older reads are dropped.
    pub generation: u64,
    pub filter: ListFilter,
    /// The index of the first visible row and the number of visible rows; measured by `layout`.
    pub visible: (usize, usize),
    /// The height of one row in cells; measured by `layout`.
    pub(crate) row_height: u16,
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

    /// The loaded rows, newest activity first.
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

    /// The key of the row with this index; `None` beyond the last loaded row.
    pub(crate) fn key_at(&self, index: usize) -> Option<ConversationKey> {
        self.rows.get(index).map(|(key, _)| *key)
    }

    /// The index of the first row at or after a key.
    pub fn position(&self, key: ConversationKey) -> usize {
        self.rows.partition_point(|(k, _)| *k > key)
    }

    /// Selects the row with this index, or the last row.
    pub(crate) fn select_index(&mut self, index: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.selected = self.rows.get(index.min(last)).map(|(key, _)| key.id);
    }

    /// Begins another generation. The rows stay until its first page comes, and so does the selection when that page
    /// contains it.
    pub fn restart(&mut self) {
        self.generation += 1;
        self.top = None;
        self.exhausted = false;
        self.reading = true;
    }

    /// Adds a page; the first one replaces all rows.
    pub(crate) fn add_page(&mut self, first: bool, page: Vec<(ConversationKey, Conversation)>, limit: usize) {
        self.reading = false;
        self.ready = true;
        self.exhausted = page.len() < limit;
        if first {
            self.rows.clear();
            self.keys.clear();
        }
        for (key, conversation) in page {
            self.insert(key, conversation);
        }
        if self.selected.is_none_or(|id| !self.keys.contains_key(&id)) {
            self.selected = None;
            self.select_index(0);
        }
    }

    /// Adds or replaces a conversation that changed. `keep`: it is open, and stays although the filter no longer shows it.
    pub(crate) fn apply_change(&mut self, key: ConversationKey, conversation: Conversation, keep: bool) {
        // A late answer to an older read must not undo a newer one.
        if self.get(key.id).is_some_and(|loaded| loaded.revision > conversation.revision) {
            return;
        }
        let known = self.keys.contains_key(&key.id);
        let selected = self.selected == Some(key.id);
        let belongs = self.filter.shows(&conversation) || (known && (keep || selected));
        let index = self.index_of(key.id);
        self.remove(key.id);
        // Older than everything loaded: it will come with its page.
        let beyond = !self.exhausted && self.rows.last().is_some_and(|(last, _)| key < *last);
        if belongs && (known || !beyond) {
            self.insert(key, conversation);
        } else if selected {
            self.select_index(index.unwrap_or(0));
        }
        if self.selected.is_none() {
            self.select_index(0);
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
            self.select_index(index.unwrap_or(0));
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
        let at = self.position(key);
        self.keys.insert(key.id, key);
        self.rows.insert(at, (key, Box::new(conversation)));
    }
}
