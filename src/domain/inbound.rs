//! What a gateway reports in a webhook, in terms of the inbox. A report takes effect only when it is committed.

use super::{AccountNotice, Channel, Direction, Failure, Kind, Media, SessionState, Status, Timestamp};
use serde_json::Value;

/// One report of a gateway.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// A message of a customer, or one that an agent sent elsewhere (`direction` is `Out`: phone, dashboard).
    Message(Box<InboundMessage>),
    Receipt(Receipt),
    /// The author changed the text of an earlier message.
    Edited {
        remote_id: String,
        text: String,
        by: Writer,
    },
    /// The author deleted an earlier message for everyone.
    Revoked {
        remote_id: String,
        by: Writer,
    },
    /// The name of a customer or group became known.
    Named {
        /// `None` = the account's channel.
        channel: Option<Channel>,
        peer: Peer,
        name: String,
    },
    /// The customer stopped marketing messages, or wants them again.
    Marketing {
        /// `None` = the account's channel.
        channel: Option<Channel>,
        peer: Peer,
        stopped: bool,
    },
    /// The messaging service warns of the account, or takes a warning back.
    Notice(AccountNotice),
    /// The state of the gateway's session changed.
    Session {
        state: SessionState,
        /// The gateway's message about it; may be empty.
        detail: String,
    },
    /// The customer changed the number or id.
    Moved {
        /// `None` = the account's channel.
        channel: Option<Channel>,
        from: Peer,
        to: Peer,
    },
    /// Understood, but without effect here (routing in the dashboard, the review of a template).
    Nothing {
        /// The gateway's name of the event.
        event: String,
    },
    /// Not understood; the raw event stays in the journal for a later version to interpret.
    Unknown {
        /// The gateway's name of the event, or why it could not be read.
        event: String,
    },
}

/// A customer or group, as identified by a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peer {
    /// The preferred id: the digits of the phone number, otherwise the gateway's own id.
    pub id: String,
    pub group: bool,
    /// All other ids of the same person (a phone number beside a BSUID or LID); may be empty.
    pub aliases: Vec<String>,
}

/// Who changed or deleted a message, and where: only the author of a message may, in its own conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// `None` = the account's channel.
    pub channel: Option<Channel>,
    /// The customer or group of the conversation.
    pub peer: Peer,
    /// `In`: the customer or a member of the group; `Out`: our own side; `None`: the gateway does not say.
    pub direction: Option<Direction>,
    /// The id of the author within a group.
    pub member: Option<String>,
}

/// A message as reported by a gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// `None` = the account's channel.
    pub channel: Option<Channel>,
    /// The customer or group (for an echo: the recipient).
    pub peer: Peer,
    /// `In`, or `Out` for an echo of a message sent elsewhere.
    pub direction: Direction,
    /// The name of the customer or group, if the event has one.
    pub name: Option<String>,
    /// The author within a group: id and name, the name possibly empty.
    pub member: Option<(String, String)>,
    /// The id by which receipts, reactions and edits refer to the message, if there is one.
    pub remote_id: Option<String>,
    /// `remote_id` is unique, so that a second message with the same one is a duplicate.
    pub unique: bool,
    pub kind: Kind,
    /// Text or caption; may be empty.
    pub text: String,
    pub media: Option<Media>,
    /// As documented at [`Kind`], plus `reply_to` (a remote id), `forwarded`, `referral`, `product` and
    /// `errors` (of the gateway, about the content) if given.
    pub payload: Option<Value>,
    /// The gateway's time; `None` = the time of arrival.
    pub at: Option<Timestamp>,
    /// The matched keyword and its fields, if the gateway forwards keywords.
    pub keyword: Option<Keyword>,
    /// It is from before the account was connected here: it is added in the order of its own time, as read, and gets
    /// no automatic reply.
    pub history: bool,
}

/// A keyword that a gateway recognised in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// With its `#`, if it has one.
    pub word: String,
    /// The texts after each `#`, in order.
    pub fields: Vec<String>,
}

/// The delivery status of an outgoing message, as reported by a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The id of the message in receipts.
    pub remote_id: String,
    /// `Sent`, `Delivered`, `Read` or `Failed`.
    pub status: Status,
    /// The reason, if the status is `Failed`.
    pub failure: Option<Failure>,
    /// The recipient, if the receipt names it.
    pub recipient: Option<String>,
    /// The gateway uses other ids in receipts than in its responses to requests, so that an unknown id may be matched
    /// with the only candidate by the rule of providers.md A7.
    pub may_infer: bool,
    pub at: Option<Timestamp>,
}

impl InboundMessage {
    /// A text message of a customer with nothing else set; the rest is set by struct update.
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
            history: false,
        }
    }
}

impl Writer {
    /// The customer of a conversation with one person.
    pub fn customer(peer: Peer) -> Self {
        Writer { channel: None, peer, direction: Some(Direction::In), member: None }
    }
}

impl Peer {
    /// A person with one id.
    pub fn person(id: impl Into<String>) -> Self {
        Peer { id: id.into(), group: false, aliases: Vec::new() }
    }

    /// A group with this id and no other.
    pub fn group(id: impl Into<String>) -> Self {
        Peer { id: id.into(), group: true, aliases: Vec::new() }
    }
}
