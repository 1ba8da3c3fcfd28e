//! What was begun and not finished beside drafts: private notes, and which message each draft answers. The store has it
//! too, so that it outlives the program.
//!
//! Invariant: a note's text goes from here to the store as a begun note only, never into a draft or a message.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::state::QuotedMessage;
use crate::domain::{ConversationId, Timestamp};

/// How long after the last edit a note is saved.
const SAVE_DELAY: Duration = Duration::from_millis(300);

/// Notes and quotes of every conversation in which something was begun.
#[derive(Debug, Default)]
pub(crate) struct Begun {
    notes: BTreeMap<ConversationId, String>,
    quotes: BTreeMap<ConversationId, QuotedMessage>,
    /// Conversations whose note the store has not got as it is.
    unsaved: BTreeSet<ConversationId>,
    /// When notes are to be saved, if one has changed since it was.
    pub(crate) save_at: Option<Timestamp>,
}

impl Begun {
    /// The begun note of a conversation; empty if there is none.
    pub(crate) fn note(&self, conversation: ConversationId) -> &str {
        self.notes.get(&conversation).map_or("", String::as_str)
    }

    /// Takes a note as it was edited; one of white space alone is none.
    pub(crate) fn set_note(&mut self, conversation: ConversationId, text: String, now: Timestamp) {
        if text.trim().is_empty() {
            self.notes.remove(&conversation);
        } else {
            self.notes.insert(conversation, text);
        }
        self.unsaved.insert(conversation);
        self.save_at = Some(now.plus(SAVE_DELAY));
    }

    /// The note is on its way into the thread; the store drops it as a begun one in the same transaction.
    pub(crate) fn hand_over_note(&mut self, conversation: ConversationId) {
        self.unsaved.remove(&conversation);
    }

    /// A note with this text is in the thread: it is begun no more, unless it was gone on with.
    pub(crate) fn finish_note(&mut self, conversation: ConversationId, saved: &str) {
        if self.note(conversation).trim_end() == saved {
            self.notes.remove(&conversation);
        }
    }

    /// A note could not be stored: it stays begun.
    pub(crate) fn keep_note(&mut self, conversation: ConversationId, now: Timestamp) {
        if self.notes.contains_key(&conversation) {
            self.unsaved.insert(conversation);
            self.save_at = Some(now.plus(SAVE_DELAY));
        }
    }

    /// The message that a conversation's draft answers.
    pub(crate) fn quote(&self, conversation: ConversationId) -> Option<QuotedMessage> {
        self.quotes.get(&conversation).cloned()
    }

    /// Takes what a draft answers from now on.
    pub(crate) fn set_quote(&mut self, conversation: ConversationId, quote: Option<QuotedMessage>) {
        match quote {
            Some(quote) => drop(self.quotes.insert(conversation, quote)),
            None => drop(self.quotes.remove(&conversation)),
        }
    }

    /// Takes what the store has; what was begun here meanwhile is newer.
    pub(crate) fn add_stored(
        &mut self,
        notes: Vec<(ConversationId, String)>,
        quotes: impl Iterator<Item = (ConversationId, QuotedMessage)>,
    ) {
        for (conversation, text) in notes {
            self.notes.entry(conversation).or_insert(text);
        }
        for (conversation, quote) in quotes {
            self.quotes.entry(conversation).or_insert(quote);
        }
    }

    /// Drops what the store has, for another agent has other notes and quotes.
    pub(crate) fn forget_saved(&mut self) {
        let unsaved = &self.unsaved;
        self.notes.retain(|conversation, _| unsaved.contains(conversation));
        self.quotes.clear();
    }

    /// The notes that have changed since they were saved, which they are now.
    pub(crate) fn take_unsaved(&mut self) -> Vec<(ConversationId, String)> {
        self.save_at = None;
        let unsaved = std::mem::take(&mut self.unsaved);
        unsaved.into_iter().map(|conversation| (conversation, self.note(conversation).to_owned())).collect()
    }

    /// The draft was sent with what it answers; the store forgets that in the same transaction.
    pub(crate) fn finish_quote(&mut self, conversation: ConversationId) {
        self.quotes.remove(&conversation);
    }
}
