//! Names and numbers that identify accounts, conversations, messages and events. They are assigned by the user and by
//! the store, never here.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The name of an account: `[a-z0-9-]{1,32}`, chosen by the user, unique in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AccountName(String);

impl AccountName {
    /// `None` unless the name matches `[a-z0-9-]{1,32}`.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(name.to_owned()))
    }

    /// The name as it is written in the configuration.
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
        /// Unique within one store; shown and parsed as a decimal number.
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

        // A string in JSON, because some readers round large numbers.
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(&self.0)
            }
        }
    };
}

number_id!(
    /// The id of a conversation in the store.
    ConversationId
);
number_id!(
    /// The id of a message in the store, ascending in the order of arrival.
    MessageId
);
number_id!(
    /// The id of a raw event in the journal, ascending in the order of arrival.
    EventId
);
number_id!(
    /// A number in the sequence of changes.
    Seq
);

/// The messaging service that the customer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Both the official API and linked phones.
    WhatsApp,
    Telegram,
    /// Direct messages of Instagram.
    Instagram,
    Messenger,
}

impl Channel {
    /// Every channel, in the order in which lists show them.
    pub const ALL: [Channel; 4] = [Channel::WhatsApp, Channel::Telegram, Channel::Instagram, Channel::Messenger];

    /// As written in the configuration, in JSON and in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::WhatsApp => "whatsapp",
            Channel::Telegram => "telegram",
            Channel::Instagram => "instagram",
            Channel::Messenger => "messenger",
        }
    }

    /// Whether customers are identified by their phone number.
    pub(crate) fn uses_phone_numbers(self) -> bool {
        matches!(self, Channel::WhatsApp)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not one of the channels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel (one of whatsapp, telegram, instagram, messenger)")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Channel::ALL.into_iter().find(|c| c.as_str() == text).ok_or(UnknownChannel)
    }
}
