//! To whom a message goes that is not written in the composer, and what is known of their number.
use crate::domain::{AccountName, Channel, ConversationId};

/// A person or group as picked or typed, before the engine has said how they are reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Party {
    /// A phone number as people write it, or the gateway's own id.
    pub to: String,
    /// `to` is a group's id.
    pub group: bool,
}

/// Somebody without a conversation, as a gateway reaches them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub account: AccountName,
    pub channel: Channel,
    /// A phone number (digits with country code), or the gateway's own id of a person or group.
    pub peer: String,
    /// `peer` is a group's id.
    pub group: bool,
    /// Their name, clean; empty when only the number or id is known.
    pub name: String,
}

/// To whom a form is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Conversation(ConversationId),
    /// Somebody without a conversation; the first message begins one.
    New(Address),
}

/// Whether a number is known to the gateway's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberState {
    Asking,
    Registered,
    Missing,
    /// The gateway did not say; the reason in the person's language.
    Unknown(String),
}

/// The newest question to a gateway about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberQuestion {
    pub account: AccountName,
    /// Digits with country code.
    pub phone: String,
    pub state: NumberState,
}
