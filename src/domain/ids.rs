//! Names and numbers that identify things. Nothing here generates one: the store and the user do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The user's name for an account: `[a-z0-9-]{1,32}`, unique in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AccountName(String);

impl AccountName {
    /// Checks the form `[a-z0-9-]{1,32}`.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        // Text in JSON, so that no reader rounds a large number.
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(&self.0)
            }
        }
    };
}

number_id!(
    /// A conversation in the store.
    ConversationId
);
number_id!(
    /// A message in the store; ascending in the order of arrival.
    MessageId
);
number_id!(
    /// A raw event in the journal; ascending in the order of arrival.
    EventId
);
number_id!(
    /// A place in the `changes` sequence.
    Seq
);

/// What the customer's side of a conversation runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// WhatsApp, official or by a linked phone.
    WhatsApp,
    /// Telegram.
    Telegram,
    /// Instagram direct messages.
    Instagram,
    /// Facebook Messenger.
    Messenger,
}

impl Channel {
    /// Every channel, in the order in which they are listed to people.
    pub const ALL: [Channel; 4] = [Channel::WhatsApp, Channel::Telegram, Channel::Instagram, Channel::Messenger];

    /// The word used in configuration, JSON and requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::WhatsApp => "whatsapp",
            Channel::Telegram => "telegram",
            Channel::Instagram => "instagram",
            Channel::Messenger => "messenger",
        }
    }

    /// Whether the other side is known by its phone number.
    pub fn uses_phone_numbers(self) -> bool {
        matches!(self, Channel::WhatsApp)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel (one of whatsapp, telegram, instagram, messenger)")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Channel::ALL.into_iter().find(|c| c.as_str() == text).ok_or(UnknownChannel)
    }
}
