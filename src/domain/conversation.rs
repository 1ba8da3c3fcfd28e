//! A conversation: the messages with one person or group on one account and channel.

use super::{AccountName, Channel, ConversationId, Kind, Presence, SearchText, Status, Timestamp};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Whether a conversation is still to be dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationState {
    Open,
    /// Hidden until a set time or until the customer writes.
    Snoozed,
    /// Dealt with; a new message of the customer reopens it.
    Resolved,
}

impl ConversationState {
    /// As written in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            ConversationState::Open => "open",
            ConversationState::Snoozed => "snoozed",
            ConversationState::Resolved => "resolved",
        }
    }
}

/// The text is not one of the states.
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
    pub id: ConversationId,
    pub account: AccountName,
    pub channel: Channel,
    /// The gateway's id of the customer or group.
    pub peer: String,
    /// The name of the customer or group; empty if unknown. Foreign text: clean before showing.
    pub name: String,
    pub group: bool,
    /// The number of messages of the customer that no agent has seen.
    pub unread: u32,
    /// When the first customer message arrived that no person has answered.
    pub waiting_since: Option<Timestamp>,
    /// The time of the latest message.
    pub last_at: Timestamp,
    /// The text of the latest message; may be empty. Foreign text: clean before showing.
    pub last_text: String,
    pub state: ConversationState,
    /// In alphabetical order, each once.
    pub labels: Vec<String>,
    /// The agent who deals with it; null if nobody does.
    pub assignee: Option<String>,
    /// When a snoozed conversation opens by itself; null: only when the customer writes.
    pub snoozed_until: Option<Timestamp>,
    /// When the customer-service window closes; null if the account has none or it was never opened.
    pub window_until: Option<Timestamp>,
    /// The customer wants no marketing messages.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_marketing: bool,
    #[serde(skip)]
    pub last_kind: Kind,
    /// The status of the latest message, which implies its direction.
    #[serde(skip)]
    pub last_status: Status,
    /// The beginning of what the viewing agent has written here and not sent. Only `engine::Client` fills it in.
    #[serde(skip)]
    pub draft: Option<String>,
    /// Who has it open on another screen. Only `engine::Client` fills it in.
    #[serde(skip)]
    pub presence: Vec<Presence>,
    /// Incremented by every change of this conversation; a key for caches.
    #[serde(skip)]
    pub revision: u32,
}

impl Conversation {
    /// Whether its name, peer or newest message fits a text that a person typed.
    pub fn matches(&self, text: &SearchText) -> bool {
        text.matches(&self.name) || text.matches(&self.peer) || text.is_in(&self.last_text)
    }
}

/// Whether an agent has got a conversation that was to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeResult {
    Taken,
    /// This agent had it before; nothing has changed.
    HeldBy(String),
}

/// Selects the conversations of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    pub account: Option<AccountName>,
    pub unread: bool,
    pub state: Option<ConversationState>,
    /// Only those whose name, peer or latest text contains this; names and peers also as phone numbers.
    pub text: Option<SearchText>,
}

/// The position of a conversation in the list, which begins with the latest activity; the key for paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConversationKey {
    /// The ordering time of the latest message.
    pub last_at: Timestamp,
    /// Decides between equal times.
    pub id: ConversationId,
}

/// Counts over all conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub unread_messages: u64,
    pub unread_conversations: u64,
    /// Open conversations in which a customer waits for a person's answer.
    pub waiting: u64,
    /// All conversations, in any state.
    pub total: u64,
}
