//! What has come since the person was called last.

use std::collections::HashMap;

use crate::domain::{ConversationId, Timestamp};

/// What has come since the last call, and what is known not to be new.
#[derive(Debug, Clone, Default)]
pub(crate) struct PendingCalls {
    /// The conversations for which to call, in the order of their messages.
    pub(crate) conversations: Vec<ConversationId>,
    /// When to call; `None` where nothing has come.
    pub(crate) at: Option<Timestamp>,
    /// The newest message of each conversation that has changed.
    pub(crate) newest: HashMap<ConversationId, Timestamp>,
    /// The terminal has said that it lost the focus, so its silence means something.
    pub(crate) focus_reported: bool,
}
