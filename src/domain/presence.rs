//! Presence: which agents have a conversation open, on other screens than this one.

/// An agent who has a conversation open on another screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// As the agent is called there.
    pub agent: String,
    /// The agent has typed there a moment ago.
    pub writing: bool,
}

/// What a screen says of its own agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenConversation {
    /// The conversation that is open there.
    pub conversation: super::ConversationId,
    /// The agent has typed there a moment ago.
    pub writing: bool,
}
