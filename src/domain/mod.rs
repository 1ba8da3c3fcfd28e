//! The inbox's own words: what a contact, a conversation, a message, a delivery and a capability are.
//!
//! Invariant: nothing here does IO, reads the clock, draws randomness, or knows SQL, HTTP or a gateway by name.

pub mod account;
pub mod capability;
pub mod change;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod failure;
pub mod ids;
pub mod inbound;
pub mod message;
pub mod outgoing;
pub mod phone;
pub mod secret;
pub mod time;
pub mod window;

pub use account::{Account, AccountField, Health, SessionState};
pub use capability::{Capabilities, Objection};
pub use change::{Change, ChangeKind};
pub use contact::{Contact, Group, NumberCheck, Template};
pub use conversation::{Conversation, ConversationState};
pub use delivery::{Delivery, Status};
pub use failure::{Failure, Remedy};
pub use ids::{AccountName, Channel, ConversationId, EventId, MessageId, Seq};
pub use inbound::Inbound;
pub use message::{Author, AuthorKind, Direction, Kind, Media, Message};
pub use outgoing::{Content, Outgoing, Recipient};
pub use secret::Secret;
pub use time::Timestamp;
