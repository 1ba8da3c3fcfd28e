//! Committed changes: a sequence that every reader follows with a cursor.
use super::{AccountName, ConversationId, MessageId, Seq};

/// A change with its number in the sequence of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number in the sequence.
    pub seq: Seq,
    pub kind: ChangeKind,
}

/// What a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    MessageAdded {
        conversation: ConversationId,
        message: MessageId,
    },
    /// A message's status, text or error changed.
    MessageChanged {
        conversation: ConversationId,
        message: MessageId,
    },
    /// The unread count, name, state, labels or draft of a conversation changed.
    ConversationChanged {
        conversation: ConversationId,
    },
    /// The connection state of an account changed.
    AccountChanged {
        account: AccountName,
    },
}
