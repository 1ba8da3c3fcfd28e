//! Drafts, read marks and states of conversations.

use super::Client;
use crate::domain::{ConversationId, ConversationState, MessageId, StoreError, Timestamp};

impl Client {
    /// Stores a draft; an empty one is deleted.
    pub async fn save_draft(&self, id: ConversationId, text: &str) -> Result<(), StoreError> {
        self.store().save_draft(id, text, self.now()).await
    }

    /// Marks the messages of a conversation up to `last` as read.
    pub(crate) async fn mark_read(&self, id: ConversationId, last: MessageId) -> Result<(), StoreError> {
        self.store().mark_seen(id, last).await
    }

    /// Marks a conversation as unread.
    pub async fn mark_unread(&self, id: ConversationId) -> Result<(), StoreError> {
        self.store().mark_unread(id).await
    }

    /// Sets what is to be done with a conversation; `until` is the end of a snooze.
    pub async fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.store().set_state(id, state, until).await
    }
}
