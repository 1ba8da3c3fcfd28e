//! A conversation: one person or group on one account and channel.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountName, Channel, ConversationId, Kind, Status, Timestamp};

/// What is to be done with a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationState {
    /// To be dealt with.
    Open,
    /// Put off until a time or until the customer writes.
    Snoozed,
    /// Done; a new customer message opens it again.
    Resolved,
}

impl ConversationState {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            ConversationState::Open => "open",
            ConversationState::Snoozed => "snoozed",
            ConversationState::Resolved => "resolved",
        }
    }
}

/// The text names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown state (one of open, snoozed, resolved)")]
pub struct UnknownState;

impl FromStr for ConversationState {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "open" => Ok(Self::Open),
            "snoozed" => Ok(Self::Snoozed),
            "resolved" => Ok(Self::Resolved),
            _ => Err(UnknownState),
        }
    }
}

/// A conversation as the list shows it. Serialises to the contract's conversation object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conversation {
    /// Identity in the store.
    pub id: ConversationId,
    /// The account.
    pub account: AccountName,
    /// The channel.
    pub channel: Channel,
    /// The other side, as the gateway names it.
    pub peer: String,
    /// The other side's name; empty when not known. Original bytes: clean before showing.
    pub name: String,
    /// A group rather than a person.
    pub group: bool,
    /// Messages of the customer that nobody here has seen.
    pub unread: u32,
    /// When the first customer message came that no person has answered.
    pub waiting_since: Option<Timestamp>,
    /// The newest message's time.
    pub last_at: Timestamp,
    /// The newest message's text, or empty (its kind tells then). Original bytes: clean before showing.
    pub last_text: String,
    /// What is to be done with it.
    pub state: ConversationState,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// Until when free-form messages may be sent; null when the account has no window or it never opened.
    pub window_until: Option<Timestamp>,
    /// The newest message's kind.
    #[serde(skip)]
    pub last_kind: Kind,
    /// The newest message's status; tells its direction too.
    #[serde(skip)]
    pub last_status: Status,
    /// A draft is kept for it.
    #[serde(skip)]
    pub has_draft: bool,
    /// Grows with every change of this conversation; keys caches.
    #[serde(skip)]
    pub revision: u32,
}

/// Which conversations a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Only this account's.
    pub account: Option<AccountName>,
    /// Only those with unread messages.
    pub unread: bool,
    /// Only those in this state; `None` = all.
    pub state: Option<ConversationState>,
    /// Only those whose name, peer or last text contains this, case folded.
    pub text: Option<String>,
}

/// A place in the conversation list, whose order is newest activity first; the key of paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConversationKey {
    /// The newest message's ordering time.
    pub last_at: Timestamp,
    /// Breaks ties.
    pub id: ConversationId,
}

/// Totals over all conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Customer messages that nobody here has seen.
    pub unread_messages: u64,
    /// Conversations with such messages.
    pub unread_conversations: u64,
    /// Open conversations in which a customer waits for a person's answer.
    pub waiting: u64,
    /// All conversations.
    pub total: u64,
}
