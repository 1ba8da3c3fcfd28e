//! What was committed: the sequence that every reader follows with a cursor.

use super::{AccountName, ConversationId, MessageId, Seq};

/// One committed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place in the sequence.
    pub seq: Seq,
    /// What changed.
    pub kind: ChangeKind,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// A message is new in a conversation.
    MessageAdded {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// A message's status, text or error changed.
    MessageChanged {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// A conversation's own facts changed (unread, name, state, labels, draft).
    ConversationChanged {
        /// Which.
        conversation: ConversationId,
    },
    /// An account's health changed.
    AccountChanged {
        /// Which.
        account: AccountName,
    },
}
