//! Who did what to a conversation, when and from where.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Who acts, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The agent's name, as it is now.
    pub agent: String,
    /// The program's part that was used.
    pub origin: Origin,
    /// The address from which the agent is logged in, over SSH.
    pub address: Option<String>,
}

/// An agent at the machine itself, by a command.
impl From<&str> for Actor {
    fn from(agent: &str) -> Self {
        Actor { agent: agent.to_owned(), origin: Origin::Command, address: None }
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// As it is stored and printed.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The value of a name, if this version knows it.
            pub(crate) fn parse(name: &str) -> Option<Self> {
                match name { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

names! {
    /// The part of the program by which somebody acts.
    Origin {
        /// A command of the command line.
        Command = "command",
        /// The inbox in the terminal.
        Screen = "screen",
    }
}

names! {
    /// What can be done to a conversation. Messages and notes are not among them: they stand in the thread, with their
    /// authors.
    Action {
        Resolved = "resolved",
        Reopened = "reopened",
        /// Put off; the value is until when, in RFC 3339, or nothing: until the customer writes.
        Snoozed = "snoozed",
        /// The value is the agent who got it.
        Assigned = "assigned",
        Unassigned = "unassigned",
        /// The value is the label.
        Labelled = "labelled",
        /// The value is the label.
        Unlabelled = "unlabelled",
        /// Marked as unread by hand.
        Unread = "unread",
        /// The value is the customer's field that was changed.
        Edited = "edited",
    }
}

/// An act of an agent, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// The agent's name, as it was then.
    pub agent: String,
    pub action: Action,
    /// What the action was done with, by kind of action.
    pub value: Option<String>,
    /// `None` where nobody kept it.
    pub origin: Option<Origin>,
    /// The address from which the agent was logged in, over SSH.
    pub address: Option<String>,
}
