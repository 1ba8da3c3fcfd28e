//! The open conversation: a window of its messages, and where in it the reader is.
//!
//! Invariant: never the whole conversation is loaded, and nothing that arrives moves what is being read.
use super::message::render::{RenderKey, RenderedMessage};
use super::reactions::Reactions;
use crate::domain::message::MessageKey;
use crate::domain::{AuthorKind, Conversation, ConversationId, Direction, Message, MessageId, Timestamp};

/// How many messages are read at once.
pub const PAGE: usize = 60;

/// A key before every message: the page after it is the conversation's first.
pub(crate) const BEGINNING: MessageKey = MessageKey { at: Timestamp(i64::MIN), id: MessageId(i64::MIN) };

/// The most messages that are kept; beyond it those at the far end are dropped.
pub(crate) const KEEP: usize = 600;

/// A loaded message and, once it was visible, its rendered rows.
#[derive(Debug, Clone)]
pub struct Entry {
    pub message: Message,
    /// Its rows, once it was visible, and what they were rendered for.
    pub rendered: Option<(RenderKey, RenderedMessage)>,
}

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At the newest message, following what arrives.
    Bottom,
    /// This row of this message is the topmost visible one. Rows above the message's own (day, divider, gap) have
    /// negative numbers, so that the place stays when a neighbour changes.
    Top { message: MessageId, row: i32 },
}

/// The visible rows of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisibleRows {
    /// The message's index among the loaded ones.
    pub index: usize,
    /// The first visible row.
    pub first: usize,
    /// How many rows are visible.
    pub count: usize,
    /// The row of the pane on which the first of them is drawn.
    pub y: u16,
}

/// The visible part of the thread, as `layout` measured it.
#[derive(Debug, Clone, Default)]
pub struct Viewport {
    /// From top to bottom.
    pub visible: Vec<VisibleRows>,
    /// The newest message's last row is visible.
    pub at_bottom: bool,
}

/// The open conversation with its loaded messages, its selection and its scroll position.
#[expect(clippy::struct_excessive_bools, reason = "both ends, the read and the view are independent")]
#[derive(Debug, Clone)]
pub struct Thread {
    pub conversation: Conversation,
    /// The loaded messages in order.
    pub entries: Vec<Entry>,
    /// The store has earlier ones.
    pub older: bool,
    /// The store has later ones.
    pub newer: bool,
    /// A page is being read.
    pub reading: bool,
    /// The message above which the line "new" is drawn: the first one that was unread when the conversation was opened, until
    /// somebody answers.
    pub(crate) divider: Option<MessageKey>,
    pub selected: Option<MessageId>,
    pub anchor: Anchor,
    /// How many messages came while the newest was not visible.
    pub(crate) unseen_below: u32,
    /// The newest message that was reported as seen.
    pub(crate) reported_seen: Option<MessageId>,
    /// The selected message is to be scrolled into view.
    pub(crate) reveal_selected: bool,
    /// How many rows the view is to be scrolled by; down is positive.
    pub(crate) scroll_by: i32,
    pub viewport: Viewport,
    pub(crate) reactions: Reactions,
}

/// Whether a message is a person's answer to what begins with `first`.
fn answers(message: &Message, first: MessageKey) -> bool {
    message.direction == Direction::Out
        && message.author.kind == AuthorKind::Agent
        && message.scheduled_at.is_none()
        && message.order > first
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
            unseen_below: 0,
            reported_seen: None,
            reveal_selected: false,
            scroll_by: 0,
            viewport: Viewport::default(),
            reactions: Reactions::default(),
        };
        for message in messages {
            thread.upsert(message);
        }
        thread.selected = thread.entries.last().map(|e| e.message.id);
        thread
    }

    /// The id of the conversation that is open.
    pub fn id(&self) -> ConversationId {
        self.conversation.id
    }

    /// The index of a loaded message.
    pub(crate) fn index_of(&self, id: MessageId) -> Option<usize> {
        self.entries.iter().rposition(|e| e.message.id == id)
    }

    /// The selected message; `None` when nothing is selected or it is not loaded.
    pub fn selected_message(&self) -> Option<&Message> {
        self.entries.get(self.index_of(self.selected?)?).map(|e| &e.message)
    }

    /// A loaded message by the gateway's id.
    pub(crate) fn find_remote(&self, remote: &str) -> Option<&Message> {
        self.entries.iter().rev().map(|e| &e.message).find(|m| m.remote_id.as_deref() == Some(remote))
    }

    /// The newest loaded message.
    pub fn newest(&self) -> Option<&Message> {
        self.entries.last().map(|e| &e.message)
    }

    /// The newest loaded message that does not wait for its time.
    fn newest_here(&self) -> Option<&Message> {
        self.entries.iter().rev().map(|entry| &entry.message).find(|message| message.scheduled_at.is_none())
    }

    /// Adds or replaces a message. Returns whether it is new.
    pub(crate) fn upsert(&mut self, message: Message) -> bool {
        self.reactions.note_change(&message);
        if let Some(index) = self.index_of(message.id) {
            if let Some(entry) = self.entries.get_mut(index)
                && entry.message.order == message.order
            {
                // A late answer to an older read must not undo a newer one.
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

    /// Takes a message away. What was selected or on top of the view gives way to its neighbour.
    pub(crate) fn remove(&mut self, id: MessageId) {
        let Some(index) = self.index_of(id) else { return };
        self.entries.remove(index);
        let neighbour = self.entries.get(index).or(self.entries.last()).map(|entry| entry.message.id);
        if self.selected == Some(id) {
            self.selected = neighbour;
        }
        if let Anchor::Top { message, .. } = self.anchor
            && message == id
        {
            self.anchor = neighbour.map_or(Anchor::Bottom, |message| Anchor::Top { message, row: 0 });
        }
    }

    /// Draws the line "new" above the first unread message, unless somebody has answered after it.
    pub(crate) fn set_divider(&mut self, first_unread: Option<MessageKey>) {
        self.divider = first_unread;
        let answered = |first| self.entries.iter().any(|entry| answers(&entry.message, first));
        if first_unread.is_some_and(answered) {
            self.divider = None;
        }
    }

    fn insert(&mut self, message: Message) {
        if self.divider.is_some_and(|first| answers(&message, first)) {
            self.divider = None;
        }
        let at = self.entries.partition_point(|e| e.message.order < message.order);
        self.entries.insert(at, Entry { message, rendered: None });
    }

    /// Adds or replaces a message that arrived or changed while the conversation is open. `watched`: the reader sees
    /// this pane.
    pub(crate) fn apply_change(&mut self, message: Message, watched: bool) {
        let known = self.index_of(message.id).is_some();
        let beyond = self.newer && self.newest_here().is_some_and(|n| message.order > n.order);
        let before = self.older && self.entries.first().is_some_and(|e| message.order < e.message.order);
        let incoming = message.direction == Direction::In;
        let (key, id) = (message.order, message.id);
        let following = self.is_following();
        if !known && (beyond || before) {
            if beyond && incoming {
                self.unseen_below += 1;
            }
            return;
        }
        if !self.upsert(message) {
            return;
        }
        if incoming && self.divider.is_none() && !(watched && following) {
            self.divider = Some(key);
        }
        if following {
            self.selected = self.newest().map(|m| m.id);
        } else if self.newest_here().is_some_and(|m| m.id == id) {
            self.unseen_below += 1;
        }
    }

    /// Whether the view follows new messages.
    pub(crate) fn is_following(&self) -> bool {
        let newest = self.newest().map(|m| m.id);
        self.anchor == Anchor::Bottom && !self.newer && (self.selected == newest || self.selected.is_none())
    }

    /// Adds an earlier page, and drops the newest messages when there are too many.
    pub(crate) fn prepend_page(&mut self, messages: Vec<Message>, limit: usize) {
        self.reading = false;
        self.older = messages.len() >= limit;
        for message in messages {
            self.upsert(message);
        }
        if self.entries.len() > KEEP && self.anchor != Anchor::Bottom {
            self.entries.truncate(KEEP);
            self.newer = true;
            self.restore_selection();
        }
    }

    /// Adds a later page, and drops the oldest messages when there are too many.
    pub(crate) fn append_page(&mut self, messages: Vec<Message>, limit: usize) {
        self.reading = false;
        self.newer = messages.len() >= limit;
        for message in messages {
            self.upsert(message);
        }
        let excess = self.entries.len().saturating_sub(KEEP);
        if excess > 0 {
            self.entries.drain(..excess);
            self.older = true;
            self.restore_selection();
        }
    }

    fn restore_selection(&mut self) {
        if self.selected_message().is_none() {
            let first = self.viewport.visible.first().map_or(0, |s| s.index);
            let fallback = self.entries.get(first).or(self.entries.last());
            self.selected = fallback.map(|e| e.message.id);
        }
    }
}
