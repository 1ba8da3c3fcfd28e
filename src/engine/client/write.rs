//! Drafts, notes, read marks, states, labels and assignees of conversations.

use super::Client;
use crate::domain::{
    Actor, ConversationId, ConversationState, Message, MessageId, Note, OpenConversation, Origin, StoreError,
    TakeResult, Timestamp,
};

impl Client {
    /// Stores a draft; an empty one is deleted.
    pub async fn save_draft(&self, id: ConversationId, text: &str) -> Result<(), StoreError> {
        self.store().save_draft(id, &self.agent(), text, self.now()).await
    }

    /// Keeps a private note that was begun and is not saved; an empty one is forgotten.
    pub(crate) async fn save_begun_note(&self, id: ConversationId, text: &str) -> Result<(), StoreError> {
        self.store().save_begun_note(id, &self.agent(), text, self.now()).await
    }

    /// Keeps which message the agent's draft answers.
    pub(crate) async fn save_draft_quote(
        &self,
        id: ConversationId,
        message: Option<MessageId>,
    ) -> Result<(), StoreError> {
        self.store().save_draft_quote(id, &self.agent(), message).await
    }

    /// Tells other screens what this process's screen has open.
    pub(crate) async fn set_presence(&self, open: Option<OpenConversation>) -> Result<(), StoreError> {
        match self.process().screen {
            Some(screen) => self.store().set_presence(&screen.name(), &self.agent(), open).await,
            // Nobody could tell whether it lives.
            None => Ok(()),
        }
    }

    /// Marks the messages of a conversation up to `last` as read.
    pub(crate) async fn mark_read(&self, id: ConversationId, last: MessageId) -> Result<(), StoreError> {
        self.store().mark_seen(id, last).await
    }

    /// Marks a conversation as unread.
    pub async fn mark_unread(&self, id: ConversationId) -> Result<(), StoreError> {
        self.store().mark_unread(id, self.actor(), self.now()).await
    }

    /// Sets what is to be done with a conversation; `until` is the end of a snooze.
    pub async fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.store().set_state(id, state, until, self.actor(), self.now()).await
    }

    /// The agent on whose behalf this process acts.
    pub fn agent(&self) -> String {
        self.settings().agent.clone()
    }

    /// The agent on whose behalf this process acts, and from where: the audit trail names them.
    pub(crate) fn actor(&self) -> Actor {
        let origin = if self.process().screen.is_some() { Origin::Screen } else { Origin::Command };
        // `SSH_CONNECTION`: the client's address and port, then the server's (ssh(1)).
        let connection = self.shared.environment.text("SSH_CONNECTION").unwrap_or_default();
        let address = connection.split_whitespace().next().map(str::to_owned);
        Actor { agent: self.agent(), origin, address }
    }

    /// Gives a conversation to the agent if nobody has it.
    pub async fn take(&self, id: ConversationId) -> Result<TakeResult, StoreError> {
        self.take_for(id, &self.agent()).await
    }

    /// Gives a conversation to an agent if nobody has it.
    pub(crate) async fn take_for(&self, id: ConversationId, agent: &str) -> Result<TakeResult, StoreError> {
        self.store().take(id, agent, self.actor(), self.now()).await
    }

    /// Gives a conversation to an agent, or to nobody, whoever has it.
    pub async fn assign(&self, id: ConversationId, to: Option<&str>) -> Result<(), StoreError> {
        self.store().assign(id, to, self.actor(), self.now()).await
    }

    /// Adds and removes labels; what others have changed meanwhile stays.
    pub async fn edit_labels(
        &self,
        id: ConversationId,
        add: Vec<String>,
        remove: Vec<String>,
    ) -> Result<(), StoreError> {
        self.store().edit_labels(id, add, remove, self.actor(), self.now()).await
    }

    /// Adds a private note, which is never sent.
    pub async fn add_note(&self, id: ConversationId, note: Note) -> Result<Message, StoreError> {
        self.store().add_note(id, note, &self.agent(), self.now()).await
    }
}
