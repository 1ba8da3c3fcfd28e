//! The outbox.
use super::db::Store;
use super::error::StoreError;
use super::writer::Pending;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Author, ConversationId, Message, MessageId, Outgoing, Timestamp};

/// A message that is to go out.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Through which account.
    pub account: AccountName,
    /// What, and to whom.
    pub outgoing: Outgoing,
    /// Who wrote it.
    pub author: Author,
    /// The name of a conversation that begins with it.
    pub name: Option<String>,
    /// The account's 24-hour rule.
    pub window: WindowRule,
}

/// A message that is to be sent now.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Which.
    pub message: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// Through which account.
    pub account: AccountName,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// What, and to whom.
    pub outgoing: Outgoing,
}

impl Store {
    /// Writes a message, its outbox row and the end of the draft, in one transaction.
    pub fn enqueue(&self, _new: NewMessage, _now: Timestamp) -> Pending<Message> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// Leases the oldest due message of an account.
    pub fn claim_due(
        &self,
        _account: &AccountName,
        _only: Option<ConversationId>,
        _now: Timestamp,
    ) -> Pending<Option<Claim>> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// When the next message of an account becomes due; nothing when none waits.
    pub fn next_due(&self, _account: &AccountName) -> Result<Option<Timestamp>, StoreError> {
        self.read(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// Queues a failed or unsure message again.
    pub fn send_again(&self, _message: MessageId, _now: Timestamp) -> Pending<Message> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// Takes a queued message out of the outbox.
    pub fn cancel(&self, _message: MessageId, _now: Timestamp) -> Pending<Message> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// When attempts of an account began since a time, oldest first.
    pub fn attempts_since(&self, _account: &AccountName, _since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.read(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// Records an automatic answer that the gateway itself sends.
    pub fn record_reply(&self, _new: NewMessage, _now: Timestamp) -> Pending<Message> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }
}
