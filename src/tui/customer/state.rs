//! What was read of the customer.
//!
//! Invariant: what was read of one customer is never shown as another's.

use crate::domain::{ConversationId, Customer};

/// The newest that is known of a customer.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomerPanel {
    /// The conversation by which the customer is known.
    pub(super) conversation: Option<ConversationId>,
    pub(super) customer: Option<Box<Customer>>,
    /// The conversation that is being read, or was last, and its revision then.
    pub(super) read_for: Option<(ConversationId, u32)>,
    pub(super) reading: bool,
    /// The conversation of the overlay that shows a customer, while it is open.
    pub(crate) chosen: Option<ConversationId>,
}

impl CustomerPanel {
    /// What is known of the person behind a conversation, if it has been read.
    pub(crate) fn of(&self, conversation: ConversationId) -> Option<&Customer> {
        self.customer.as_deref().filter(|_| self.conversation == Some(conversation))
    }
}
