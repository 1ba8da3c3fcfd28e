//! What is known of the person behind a conversation, on all accounts and channels.

use super::{AuditEntry, Contact, Conversation, ConversationId, Kind, Message, MessageId, Timestamp};

/// The person behind a conversation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Customer {
    /// Their entries in the address books, that of the conversation's own account first.
    pub contacts: Vec<Contact>,
    /// The names of the fields that were changed here and that no gateway knows.
    pub edited: Vec<CustomerField>,
    /// Their conversations, the one that was asked for included, newest activity first.
    pub history: Vec<PastConversation>,
    /// How many files of each kind there are in these conversations.
    pub media: Vec<(Kind, u64)>,
    /// The newest links, newest first.
    pub links: Vec<Mention>,
    /// What looks like the number of an order, newest first.
    pub orders: Vec<Mention>,
    /// The newest private notes about them, newest first.
    pub notes: Vec<Message>,
    /// What agents did to these conversations, newest first.
    pub acts: Vec<AuditEntry>,
}

/// One of a person's conversations.
#[derive(Debug, Clone, PartialEq)]
pub struct PastConversation {
    pub conversation: Conversation,
    /// The time of its first message.
    pub first_at: Option<Timestamp>,
    /// The agent who resolved it last, and when.
    pub resolved: Option<(String, Timestamp)>,
    /// How many messages it has, counted up to `MOST_COUNTED`.
    pub messages: u64,
}

/// Messages of one conversation are counted up to this many.
pub(crate) const MOST_COUNTED: u64 = 10_000;

/// A part of a message's text, and where it stands. Foreign text: clean before showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub text: String,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub at: Timestamp,
}

/// A field of a person's entry in the address book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CustomerField {
    Name,
    Email,
    /// A custom field, by its name.
    Custom(String),
}

impl CustomerField {
    /// The field's name in an export, and a custom one's own.
    pub fn name(&self) -> &str {
        match self {
            CustomerField::Name => "name",
            CustomerField::Email => "email",
            CustomerField::Custom(name) => name,
        }
    }
}
