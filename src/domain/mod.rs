//! The types of the inbox, independent of gateways: contacts, conversations, messages, deliveries, capabilities.
//!
//! Invariant: nothing here does IO, reads the clock, uses randomness, or knows SQL, HTTP or a gateway by name.

pub mod account;
pub mod capability;
pub mod change;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod error;
pub mod failure;
pub mod ids;
pub mod inbound;
pub mod message;
pub mod outgoing;
pub mod phone;
pub mod process;
pub mod secret;
pub mod time;
pub mod window;

pub use account::{
    Account, AccountField, AccountStatus, AddedAccount, Health, InvalidAccount, RequestUsage, SessionState,
};
pub use capability::{Capabilities, Objection};
pub use change::{Change, ChangeKind};
pub use contact::{Contact, Group, NumberCheck, Template};
pub use conversation::{Conversation, ConversationState};
pub use delivery::{Delivery, Status};
pub use error::{AccountError, AccountSetupError, QueryError, SendError, StoreError};
pub use failure::{Failure, Remedy};
pub use ids::{AccountName, Channel, ConversationId, EventId, MessageId, Seq};
pub use inbound::Inbound;
pub use message::{Author, AuthorKind, Direction, Kind, Media, Message};
pub use outgoing::{Address, Content, Outgoing, Recipient};
pub use process::{ProcessStatus, Role};
pub use secret::Secret;
pub use time::Timestamp;

/// For the layers that must not use `text` themselves.
pub use crate::text::link::is_web_url;
