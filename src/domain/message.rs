//! A message of a conversation, incoming or outgoing; its JSON is the contract's.

use super::{AccountName, Channel, ConversationId, Failure, Media, MessageId, Status, Timestamp};
use crate::text::Clean;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// Whether a message came in, goes out or stays on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Written by the customer.
    In,
    /// Written by an agent, a rule or the gateway on our behalf.
    Out,
    /// Of agents for agents: a note, or who has given the conversation to whom. Never sent.
    Internal,
}

/// The kinds of authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthorKind {
    /// The customer, or a member of a group.
    Contact,
    /// An agent, here or elsewhere (on the phone, in the gateway's dashboard).
    Agent,
    /// An automatic reply by a rule of the account.
    Rule,
    /// The gateway or the messaging service itself.
    System,
}

impl AuthorKind {
    /// As written in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthorKind::Contact => "contact",
            AuthorKind::Agent => "agent",
            AuthorKind::Rule => "rule",
            AuthorKind::System => "system",
        }
    }
}

/// The author of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub kind: AuthorKind,
    /// From the gateway or the configuration. Foreign text: clean before showing.
    pub name: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)?) => {
        /// The kinds of messages, named as in the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl Kind {
            /// All kinds, in the order of declaration.
            pub const ALL: &[Kind] = &[$(Kind::$variant),*];

            /// As written in the contract.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    Text = "text",
    Image = "image",
    Video = "video",
    /// A voice note or an audio file.
    Audio = "audio",
    Document = "document",
    Sticker = "sticker",
    /// A place; `payload` = `{"latitude","longitude","name"?,"address"?}`, coordinates as text.
    Location = "location",
    /// Contact cards; `payload` = `{"contacts":[{"name","numbers":[…],"emails"?:[…],"company"?}]}`.
    Contacts = "contacts",
    /// Text with buttons; `payload` = `{"title"?,"footer"?,"buttons":[…]}`.
    Buttons = "buttons",
    /// Text with a list menu; `payload` = `{"title"?,"footer"?,"label","rows":[…]}`.
    List = "list",
    /// A template; `payload` = `{"template","language"?,"variables":[…],…}`.
    Template = "template",
    /// The customer chose a button or a list row; `payload` = `{"id","title","description"?}`.
    Choice = "choice",
    /// A reaction to a message; `payload` = `{"message","emoji"}`, where an empty emoji removes the reaction.
    Reaction = "reaction",
    /// A shopping cart; `payload` = the gateway's items.
    Order = "order",
    /// The answers of a form, one line each in the text; `payload` = `{"id","title","response":{…}}`.
    Form = "form",
    /// A missed or ended call; `payload` = `{"state":"ringing|missed|ended","duration"?}`, the duration in seconds.
    Call = "call",
    /// A private note of an agent; always internal.
    Note = "note",
    /// A notice of the messaging service, or (internal) that an agent gave the conversation to another. `payload` may
    /// have `event`, which the screen has words for.
    System = "system",
    /// A message that this version cannot show; `payload` holds what arrived.
    Unsupported = "unsupported",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not one of the kinds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown message kind")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Kind::ALL.iter().copied().find(|k| k.as_str() == text).ok_or(UnknownKind)
    }
}

/// A message that was taken back before it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Cancelled {
    /// As it was, where it is deleted; else as it stands in the thread now.
    pub message: Message,
    /// What stands before the agent's draft again. The message that waited with it is deleted.
    pub draft: Option<String>,
}

/// One message of a conversation. Serialises to the contract's message object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub account: AccountName,
    pub channel: Channel,
    /// The gateway's id of the customer or group.
    pub peer: String,
    pub direction: Direction,
    pub author: Author,
    pub kind: Kind,
    /// Text or caption; may be empty. Foreign text: clean before showing.
    pub text: String,
    pub media: Option<Media>,
    /// As documented at the kind; otherwise what the gateway provided besides the text.
    pub payload: Option<Value>,
    /// The id by which the gateway refers to it in receipts.
    pub remote_id: Option<String>,
    pub status: Status,
    /// Why it failed, is waiting or is unsure.
    pub error: Option<Failure>,
    /// The gateway's time for incoming messages, otherwise the time of queueing.
    pub at: Timestamp,
    /// The status was matched with this message by inference (providers.md A7), not by an id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
    /// When a person wants it to be sent; it waits for that, in no outbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// Incremented by every change of this message; a key for caches.
    #[serde(skip)]
    pub revision: u32,
    #[serde(skip)]
    pub order: MessageKey,
    /// When a waiting outgoing message is sent again, if it waits.
    #[serde(skip)]
    pub retry_at: Option<Timestamp>,
}

/// What a program printed of a voice note, as it is kept: without what could steer a terminal.
pub(crate) fn clean_transcript(printed: &[u8]) -> String {
    Clean::block(String::from_utf8_lossy(printed).trim()).into_string()
}

impl Message {
    /// What is said in a voice note, where a program has transcribed it. Foreign text: clean before showing.
    pub(crate) fn transcript(&self) -> Option<&str> {
        let text = self.payload.as_ref().filter(|_| self.kind == Kind::Audio)?.get("transcript")?.as_str()?;
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// The text in which it is searched: what was written, else what is said.
    pub(crate) fn words(&self) -> &str {
        if self.text.trim().is_empty() { self.transcript().unwrap_or(&self.text) } else { &self.text }
    }
}

/// The position of a message in its conversation; the key for paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey {
    /// The ordering time: the gateway's time, but not after arrival, within the precision of the gateway.
    pub at: Timestamp,
    /// Decides between equal times by order of arrival.
    pub id: MessageId,
}

/// A range of a conversation's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageRange {
    Newest,
    /// The messages directly before this one.
    Before(MessageKey),
    /// The messages directly after this one.
    After(MessageKey),
}
