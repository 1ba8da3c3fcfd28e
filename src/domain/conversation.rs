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
    /// When the customer last wrote, from which the customer-service window counts.
    #[serde(skip)]
    pub customer_at: Option<Timestamp>,
    /// The customer wants no marketing messages.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_marketing: bool,
    /// When its next message goes out of those that wait for their time.
    #[serde(skip)]
    pub scheduled_at: Option<Timestamp>,
    /// When the latest message came here or was written here, which decides where lists put the conversation.
    #[serde(skip)]
    pub last_order: Timestamp,
    /// The text of the first message that nobody has answered; empty while nobody waits. Foreign text.
    #[serde(skip)]
    pub waiting_text: String,
    /// The kind of the first message that nobody has answered.
    #[serde(skip)]
    pub waiting_kind: Option<Kind>,
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
    /// Whether its name, its peer, its newest or its first unanswered message fits a text that a person typed.
    pub fn matches(&self, text: &SearchText) -> bool {
        text.matches(&self.name)
            || text.matches(&self.peer)
            || text.is_in(&self.last_text)
            || text.is_in(&self.waiting_text)
    }

    /// Whether its name or its peer fits a text that a person typed.
    pub(crate) fn is_from(&self, text: &SearchText) -> bool {
        text.matches(&self.name) || text.matches(&self.peer)
    }

    /// Whether it is open and its customer waits for a person's answer.
    pub fn is_waiting(&self) -> bool {
        self.state == ConversationState::Open && self.waiting_since.is_some()
    }

    /// Its position in a list of this order.
    pub fn key(&self, order: ConversationOrder) -> ConversationKey {
        let rank = match self.waiting_since {
            Some(since) if order == ConversationOrder::Queue && self.is_waiting() => WAITING_RANK - since.0,
            _ => self.last_order.0,
        };
        ConversationKey { rank, id: self.id }
    }
}

/// Whether an agent has got a conversation that was to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeResult {
    Taken,
    /// This agent had it before; nothing has changed.
    HeldBy(String),
}

/// How a list of conversations is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum ConversationOrder {
    /// The latest activity first.
    #[default]
    Activity,
    /// Who waits for our answer, the longest waiting first; then the others, the latest activity first.
    Queue,
}

/// Selects the conversations of a list, and orders them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    pub account: Option<AccountName>,
    pub unread: bool,
    pub state: Option<ConversationState>,
    /// Only those whose name, peer or latest text contains this; names and peers also as phone numbers.
    pub text: Option<SearchText>,
    /// Only those whose name or peer fits this.
    pub from: Option<SearchText>,
    pub channel: Option<Channel>,
    /// Only those that have every one of these labels, in upper or lower case of ASCII.
    pub labels: Vec<String>,
    /// Only those of this agent, in upper or lower case of ASCII.
    pub assignee: Option<String>,
    /// Only those of no agent.
    pub unassigned: bool,
    /// Only those that are open and whose customer waits for a person's answer.
    pub waiting: bool,
    /// Only those with activity since then.
    pub after: Option<Timestamp>,
    /// Only those without activity since then.
    pub before: Option<Timestamp>,
    pub order: ConversationOrder,
}

impl ConversationFilter {
    /// Whether a list with this filter has a conversation.
    pub fn shows(&self, conversation: &Conversation) -> bool {
        let has = |label: &String| conversation.labels.iter().any(|other| other.eq_ignore_ascii_case(label));
        let assignee = conversation.assignee.as_deref();
        self.account.as_ref().is_none_or(|account| *account == conversation.account)
            && (!self.unread || conversation.unread > 0)
            && self.state.is_none_or(|state| state == conversation.state)
            && self.channel.is_none_or(|channel| channel == conversation.channel)
            && self.labels.iter().all(has)
            && self.assignee.as_ref().is_none_or(|of| assignee.is_some_and(|name| name.eq_ignore_ascii_case(of)))
            && (!self.unassigned || assignee.is_none())
            && (!self.waiting || conversation.is_waiting())
            && self.after.is_none_or(|after| conversation.last_order >= after)
            && self.before.is_none_or(|before| conversation.last_order < before)
            && self.from.as_ref().is_none_or(|from| conversation.is_from(from))
            && self.text.as_ref().is_none_or(|text| conversation.matches(text))
    }

    /// What both this and another filter ask for; where both name one thing, the other one's holds.
    #[must_use]
    pub fn with(self, other: ConversationFilter) -> Self {
        let assignee = if other.unassigned { None } else { other.assignee.clone().or(self.assignee) };
        ConversationFilter {
            account: other.account.or(self.account),
            unread: self.unread || other.unread,
            state: other.state.or(self.state),
            text: other.text.or(self.text),
            from: other.from.or(self.from),
            channel: other.channel.or(self.channel),
            labels: [self.labels, other.labels].concat(),
            assignee,
            unassigned: other.unassigned || (self.unassigned && other.assignee.is_none()),
            waiting: other.waiting || (self.waiting && other.state.is_none()),
            after: other.after.or(self.after),
            before: other.before.or(self.before),
            order: self.order,
        }
    }
}

/// From this rank, the time since which a customer waits is subtracted: greater than every time of activity. The
/// store's column `queue` is made with the same number.
pub(crate) const WAITING_RANK: i64 = 4_000_000_000_000_000_000;

/// The position of a conversation in a list, which goes from the greatest to the least; the key for paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConversationKey {
    /// What the list is ordered by.
    pub rank: i64,
    /// Decides between equal ranks.
    pub id: ConversationId,
}

impl ConversationKey {
    /// Whether it stands among those who wait, in the order of the queue.
    pub fn is_waiting(self) -> bool {
        self.rank > WAITING_RANK / 2
    }

    /// The key before whose followers this one stands too.
    pub(crate) fn inclusive(self) -> Self {
        ConversationKey { id: ConversationId(self.id.0.saturating_add(1)), ..self }
    }
}

/// Which part of a list is read; a part always goes from the top to the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationRange {
    Top,
    After(ConversationKey),
    Before(ConversationKey),
    Bottom,
}

/// How many conversations a view shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ViewCount {
    pub count: usize,
    /// There may be more: not all conversations were looked at.
    pub more: bool,
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
