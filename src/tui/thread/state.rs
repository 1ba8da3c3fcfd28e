//! The open conversation: a window of its messages, and where in it the reader is.
//!
//! Invariant: the whole conversation is never here, and nothing that arrives moves what is being read.

use super::message::Block;
use crate::domain::message::MessageKey;
use crate::domain::{Conversation, ConversationId, Direction, Message, MessageId, Status, Timestamp};
use crate::tui::i18n::time::Day;

/// How many messages are read at once.
pub const PAGE: usize = 60;

/// Before every message: a page after it is the conversation's first.
pub const BEGINNING: MessageKey = MessageKey { at: Timestamp(i64::MIN), id: MessageId(i64::MIN) };

/// At most so many messages are kept; beyond that the far end is let go.
pub const KEEP: usize = 600;

/// A message with its rows, once measured.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The message.
    pub message: Message,
    /// Its rows, and what they were made for.
    pub block: Option<(BlockKey, Block)>,
}

/// What a message's rows depend on beside the message's own identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockKey {
    /// The message's revision.
    pub revision: u32,
    /// Its status.
    pub status: Status,
    /// The width in cells.
    pub width: u16,
    /// The day that is today.
    pub today: Day,
    /// What stands before it and above it.
    pub setting: Setting,
}

/// How a message stands among its neighbours.
#[expect(clippy::struct_excessive_bools, reason = "each tells about another neighbour")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Setting {
    /// The day is named above it.
    pub names_day: bool,
    /// The line above the first unread message stands above it.
    pub divider: bool,
    /// An empty row stands above it.
    pub gap: bool,
    /// The sender is named.
    pub names_sender: bool,
    /// Id of the quoted message, when it is loaded.
    pub quotes: Option<MessageId>,
}

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At the newest message, following what arrives.
    Bottom,
    /// This row of this message is the topmost visible one. Rows above the message's own (day, divider, gap) have
    /// negative numbers, so that the place stays when a neighbour changes.
    Top {
        /// The message.
        message: MessageId,
        /// The row.
        row: i32,
    },
}

/// A part of a message's rows on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Which entry.
    pub index: usize,
    /// Its first visible row.
    pub first: usize,
    /// How many are visible.
    pub count: usize,
    /// Where on the screen the first of them is, from the pane's top.
    pub y: u16,
}

/// What `settle` measured.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// What is visible, from top to bottom.
    pub slices: Vec<Slice>,
    /// The newest message's last row is visible.
    pub at_bottom: bool,
}

/// The open conversation.
#[expect(clippy::struct_excessive_bools, reason = "both ends, the question and the view are independent")]
#[derive(Debug, Clone)]
pub struct Thread {
    /// The conversation's facts.
    pub conversation: Conversation,
    /// The loaded messages in order.
    pub entries: Vec<Entry>,
    /// The store has earlier ones.
    pub older: bool,
    /// The store has later ones.
    pub newer: bool,
    /// A page has been asked for.
    pub reading: bool,
    /// The first message that was unread when the conversation was opened; stays while it is open.
    pub divider: Option<MessageKey>,
    /// The chosen message.
    pub selected: Option<MessageId>,
    /// Where the reader is.
    pub anchor: Anchor,
    /// Messages that came while the newest was not visible.
    pub fresh: u32,
    /// Up to here the engine has been told that messages were seen.
    pub told_seen: Option<MessageId>,
    /// The chosen message must come into view.
    pub follow_selected: bool,
    /// The view is to move by so many rows, down being positive.
    pub scroll_by: i32,
    /// What is visible.
    pub sight: Sight,
}

impl Thread {
    /// A conversation with its first window of messages.
    pub fn new(conversation: Conversation, messages: Vec<Message>, older: bool, newer: bool) -> Self {
        let mut thread = Thread {
            conversation,
            entries: Vec::new(),
            older,
            newer,
            reading: false,
            divider: None,
            selected: None,
            anchor: Anchor::Bottom,
            fresh: 0,
            told_seen: None,
            follow_selected: false,
            scroll_by: 0,
            sight: Sight::default(),
        };
        for message in messages {
            thread.put(message);
        }
        thread.selected = thread.entries.last().map(|e| e.message.id);
        thread
    }

    /// The conversation's id.
    pub fn id(&self) -> ConversationId {
        self.conversation.id
    }

    /// The place of a loaded message.
    pub fn index_of(&self, id: MessageId) -> Option<usize> {
        self.entries.iter().rposition(|e| e.message.id == id)
    }

    /// The chosen message.
    pub fn selected_message(&self) -> Option<&Message> {
        self.entries.get(self.index_of(self.selected?)?).map(|e| &e.message)
    }

    /// A loaded message by the id that receipts name, or by its own.
    pub fn find_remote(&self, remote: &str) -> Option<&Message> {
        self.entries.iter().rev().map(|e| &e.message).find(|m| m.remote_id.as_deref() == Some(remote))
    }

    /// The newest loaded message.
    pub fn newest(&self) -> Option<&Message> {
        self.entries.last().map(|e| &e.message)
    }

    /// Takes a message that is new or changed. `true` when it is new here.
    pub fn put(&mut self, message: Message) -> bool {
        if let Some(index) = self.index_of(message.id) {
            if let Some(entry) = self.entries.get_mut(index)
                && entry.message.order == message.order
            {
                // A late answer to an older question must not undo a newer one.
                if message.revision >= entry.message.revision {
                    entry.message = message;
                }
                return false;
            }
            self.entries.remove(index);
            self.insert(message);
            return false;
        }
        self.insert(message);
        true
    }

    fn insert(&mut self, message: Message) {
        let at = self.entries.partition_point(|e| e.message.order < message.order);
        self.entries.insert(at, Entry { message, block: None });
    }

    /// Takes a message that arrived or changed while the conversation is open. `watched`: the reader sees this pane.
    pub fn take_live(&mut self, message: Message, watched: bool) {
        let known = self.index_of(message.id).is_some();
        let beyond = self.newer && self.newest().is_some_and(|n| message.order > n.order);
        let before = self.older && self.entries.first().is_some_and(|e| message.order < e.message.order);
        let incoming = message.direction == Direction::In;
        let (key, id) = (message.order, message.id);
        let following = self.is_following();
        if !known && (beyond || before) {
            if beyond && incoming {
                self.fresh += 1;
            }
            return;
        }
        if !self.put(message) {
            return;
        }
        if incoming && self.divider.is_none() && !(watched && following) {
            self.divider = Some(key);
        }
        if following {
            self.selected = self.newest().map(|m| m.id);
        } else if self.newest().is_some_and(|m| m.id == id) {
            self.fresh += 1;
        }
    }

    /// Whether the reader is at the newest message and follows.
    pub fn is_following(&self) -> bool {
        let newest = self.newest().map(|m| m.id);
        self.anchor == Anchor::Bottom && !self.newer && (self.selected == newest || self.selected.is_none())
    }

    /// Takes an earlier page. Lets the newest go when there are too many.
    pub fn take_older(&mut self, messages: Vec<Message>, limit: usize) {
        self.reading = false;
        self.older = messages.len() >= limit;
        for message in messages {
            self.put(message);
        }
        if self.entries.len() > KEEP && self.anchor != Anchor::Bottom {
            self.entries.truncate(KEEP);
            self.newer = true;
            self.keep_selection();
        }
    }

    /// Takes a later page. Lets the oldest go when there are too many.
    pub fn take_newer(&mut self, messages: Vec<Message>, limit: usize) {
        self.reading = false;
        self.newer = messages.len() >= limit;
        for message in messages {
            self.put(message);
        }
        let excess = self.entries.len().saturating_sub(KEEP);
        if excess > 0 {
            self.entries.drain(..excess);
            self.older = true;
            self.keep_selection();
        }
    }

    fn keep_selection(&mut self) {
        if self.selected_message().is_none() {
            let first = self.sight.slices.first().map_or(0, |s| s.index);
            let fallback = self.entries.get(first).or(self.entries.last());
            self.selected = fallback.map(|e| e.message.id);
        }
    }
}
