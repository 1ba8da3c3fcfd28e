//! A message as every reader sees it; its JSON is the contract's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AccountName, Channel, ConversationId, Failure, MessageId, Status, Timestamp};

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the customer.
    In,
    /// From us, or from somebody on our side.
    Out,
}

/// What kind of author wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthorKind {
    /// The customer, or a member of a group.
    Contact,
    /// A person on our side, here or elsewhere (the phone, the gateway's dashboard).
    Agent,
    /// An automatic answer of the account's rules.
    Rule,
    /// The gateway or the channel itself.
    System,
}

impl AuthorKind {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthorKind::Contact => "contact",
            AuthorKind::Agent => "agent",
            AuthorKind::Rule => "rule",
            AuthorKind::System => "system",
        }
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// What kind of author.
    pub kind: AuthorKind,
    /// The name as the gateway or the configuration gives it (foreign text: clean before showing).
    pub name: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)?) => {
        /// What a message is. The words are the contract's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$variant),*];

            /// The word of the contract.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    /// Plain text.
    Text = "text",
    /// A picture.
    Image = "image",
    /// A video.
    Video = "video",
    /// A voice note or sound file.
    Audio = "audio",
    /// A file.
    Document = "document",
    /// A sticker.
    Sticker = "sticker",
    /// A place; `payload` = `{"latitude","longitude","name"?,"address"?}`, coordinates as text.
    Location = "location",
    /// Contact cards; `payload` = `{"contacts":[{"name","numbers":[…]}]}`.
    Contacts = "contacts",
    /// Text with buttons; `payload` = `{"title"?,"footer"?,"buttons":[…]}`.
    Buttons = "buttons",
    /// Text with a list menu; `payload` = `{"title"?,"footer"?,"label","rows":[…]}`.
    List = "list",
    /// A template; `payload` = `{"template","language"?,"variables":[…],…}`.
    Template = "template",
    /// The customer pressed a button or a list row; `payload` = `{"id","title"}`.
    Choice = "choice",
    /// A reaction to a message; `payload` = `{"message","emoji"}`, an empty emoji takes it back.
    Reaction = "reaction",
    /// A shopping cart; `payload` = the gateway's items.
    Order = "order",
    /// A notice of the channel (number changed, identity changed).
    System = "system",
    /// Something that this version cannot show; `payload` holds what came.
    Unsupported = "unsupported",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown message kind")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Kind::ALL.iter().copied().find(|k| k.as_str() == text).ok_or(UnknownKind)
    }
}

/// A picture, video, sound or file of a message. What is not known is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where it can be fetched (http or https only).
    pub url: Option<String>,
    /// Media type.
    pub mime: Option<String>,
    /// File name as the sender gave it (hostile: never a path).
    pub name: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// The gateway's or Meta's media id.
    pub remote_id: Option<String>,
}

/// One message of a conversation. Serialises to the contract's message object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Identity in the store.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// The account it came or goes through.
    pub account: AccountName,
    /// The channel.
    pub channel: Channel,
    /// The other side, as the gateway names it.
    pub peer: String,
    /// Which way it went.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// What it is.
    pub kind: Kind,
    /// Text or caption; empty when there is none. Original bytes: clean before showing.
    pub text: String,
    /// Media, when the kind has one.
    pub media: Option<Media>,
    /// What the kind's doc says; else whatever the gateway gave beside the text.
    pub payload: Option<Value>,
    /// The id by which the gateway's receipts name it.
    pub remote_id: Option<String>,
    /// How far it came.
    pub status: Status,
    /// Why it failed, waits or is unsure.
    pub error: Option<Failure>,
    /// The gateway's time for incoming messages, else when it was queued.
    pub at: Timestamp,
    /// The status was tied to this message by a cautious guess (providers.md A7), not by an id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
    /// Grows with every change of this message; keys caches.
    #[serde(skip)]
    pub revision: u32,
    /// The place in its conversation: milliseconds, then the id.
    #[serde(skip)]
    pub order: MessageKey,
    /// When a waiting outgoing message is tried next, if it waits.
    #[serde(skip)]
    pub retry_at: Option<Timestamp>,
}

/// A message's place in its conversation; the key of paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey {
    /// Ordering time: the gateway's time, within its own precision not after arrival.
    pub at: Timestamp,
    /// Breaks ties by arrival.
    pub id: MessageId,
}

/// Which part of a conversation to read. Pages are oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest messages.
    Newest,
    /// The messages directly before this place.
    Before(MessageKey),
    /// The messages directly after this place.
    After(MessageKey),
}
