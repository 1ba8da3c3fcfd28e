//! What a gateway claims in a webhook, in the inbox's words. A claim is not a fact until it is committed.

use serde_json::Value;

use super::{Channel, Direction, Failure, Kind, Media, SessionState, Status, Timestamp};

/// One claim of a gateway.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// A message of a customer, or one sent on our side elsewhere (`direction` out: phone, dashboard).
    Message(Box<InboundMessage>),
    /// How far a message of ours came.
    Receipt(Receipt),
    /// The text of an earlier message was changed by its author.
    Edited {
        /// The changed message.
        remote_id: String,
        /// Its new text.
        text: String,
    },
    /// An earlier message was taken back by its author.
    Revoked {
        /// The message.
        remote_id: String,
    },
    /// The other side's name became known.
    Named {
        /// The channel; `None` = the account's.
        channel: Option<Channel>,
        /// Who.
        peer: Peer,
        /// The name.
        name: String,
    },
    /// The gateway's own session changed state.
    Session {
        /// What it is now.
        state: SessionState,
        /// The gateway's words.
        detail: String,
    },
    /// The customer changed the number or id under which he writes.
    Moved {
        /// The channel; `None` = the account's.
        channel: Option<Channel>,
        /// Who he was.
        from: Peer,
        /// Who he is now.
        to: Peer,
    },
    /// Understood, and of no consequence here (a dashboard's routing, a template's review).
    Nothing {
        /// The gateway's word for it.
        event: String,
    },
    /// Not understood; the raw event stays in the journal for a later version.
    Unknown {
        /// The gateway's word for it, or why it could not be read.
        event: String,
    },
}

/// The other side of a conversation as a gateway names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peer {
    /// The best id: digits for a phone number, else the gateway's own.
    pub id: String,
    /// A group.
    pub group: bool,
    /// Every other id by which the same person is known (phone beside BSUID or LID); may be empty.
    pub aliases: Vec<String>,
}

/// A message as a gateway tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The channel; `None` = the account's.
    pub channel: Option<Channel>,
    /// The conversation's other side (for an echo: the recipient).
    pub peer: Peer,
    /// `In`, or `Out` for an echo of something sent elsewhere.
    pub direction: Direction,
    /// The person's or group's name, when the event has one.
    pub name: Option<String>,
    /// In a group: who wrote. Id and name, the name possibly empty.
    pub member: Option<(String, String)>,
    /// The id that receipts, reactions and edits use, when there is one.
    pub remote_id: Option<String>,
    /// `remote_id` identifies the message beyond doubt, so a second one with it is the same message.
    pub unique: bool,
    /// What it is.
    pub kind: Kind,
    /// Text or caption; empty when there is none.
    pub text: String,
    /// Media.
    pub media: Option<Media>,
    /// What [`Kind`] documents; beside it `reply_to` (a remote id), `forwarded`, `referral` where given.
    pub payload: Option<Value>,
    /// The gateway's time; `None` = when it came.
    pub at: Option<Timestamp>,
    /// The matched word and what followed it, where the gateway forwards keywords.
    pub keyword: Option<Keyword>,
}

/// A keyword as a gateway forwards it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// The word, with its `#` if it has one.
    pub word: String,
    /// The fields after the `#`s, in order.
    pub fields: Vec<String>,
}

/// How far a message of ours came, as a gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The message's id in the gateway's receipts.
    pub remote_id: String,
    /// `Sent`, `Delivered`, `Read` or `Failed`.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Who it went to, when the receipt says so.
    pub recipient: Option<String>,
    /// This gateway's receipts use other ids than its send replies, so that an unknown id may be tied to the
    /// only candidate by the rule of providers.md A7.
    pub may_infer: bool,
    /// The gateway's time.
    pub at: Option<Timestamp>,
}

impl InboundMessage {
    /// A customer's text message with nothing else known; the rest is set by struct update.
    pub fn text(peer: Peer, text: impl Into<String>) -> Self {
        InboundMessage {
            channel: None,
            peer,
            direction: Direction::In,
            name: None,
            member: None,
            remote_id: None,
            unique: false,
            kind: Kind::Text,
            text: text.into(),
            media: None,
            payload: None,
            at: None,
            keyword: None,
        }
    }
}

impl Peer {
    /// A person known by one id.
    pub fn person(id: impl Into<String>) -> Self {
        Peer { id: id.into(), group: false, aliases: Vec::new() }
    }

    /// A group.
    pub fn group(id: impl Into<String>) -> Self {
        Peer { id: id.into(), group: true, aliases: Vec::new() }
    }
}
