//! The types of the inbox, independent of gateways: contacts, conversations, messages, deliveries, capabilities.
//!
//! Invariant: nothing here does IO, reads the clock, uses randomness, or knows SQL, HTTP or a gateway by name.

pub(crate) mod account;
pub(crate) mod agent_line;
pub(crate) mod audit;
pub(crate) mod canned_reply;
pub(crate) mod capability;
pub(crate) mod change;
pub(crate) mod contact;
pub(crate) mod content_parts;
pub(crate) mod conversation;
pub(crate) mod customer;
pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod failure;
pub mod file_paths;
pub(crate) mod file_rules;
mod found_file;
pub(crate) mod greeting_name;
pub(crate) mod ids;
pub(crate) mod inbound;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod note;
pub(crate) mod outgoing;
pub mod phone;
pub(crate) mod place;
pub(crate) mod presence;
pub(crate) mod process;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod search;
pub(crate) mod secret;
pub(crate) mod template;
pub(crate) mod time;
pub(crate) mod unmatched;
pub(crate) mod until;
pub(crate) mod window;

pub use audit::{Action, Actor, AuditEntry, Origin};
pub use canned_reply::{CannedReply, SavedPlace};
pub use capability::{ButtonRules, Capabilities, Objection, TemplateRules};
pub use contact::{Contact, ContactPage, Group, Template, TemplateParts};
pub use content_parts::{Button, ListRow};
pub use conversation::{
    Conversation, ConversationFilter, ConversationKey, ConversationOrder, ConversationRange, ConversationState, Counts,
    TakeResult, ViewCount,
};
pub use customer::{Customer, CustomerField, Mention, PastConversation};
pub use file_rules::FileRules;
pub use found_file::{Folder, FolderEntry, FoundFile};
pub use inbound::{Inbound, InboundMessage, Peer, Receipt, Writer};
pub use media::{Media, MediaError, MediaFault, MediaState, StoredFile};
pub use message::{Author, AuthorKind, Cancelled, Direction, Kind, Message, MessageKey, MessageRange};
pub use note::Note;
pub use outgoing::{
    Content, FileBytes, MediaKind, MediaLink, Outgoing, OutgoingFile, Quote, Recipient, SendOptions, TemplateUse,
};
pub use presence::{OpenConversation, Presence};
pub(crate) use report::{
    Report, ReportAuthor, ReportBy, ReportConversation, ReportMessage, ReportRange, Resolution, WorkingHours,
};
pub use report::{ReportRow, Spans};
pub use unmatched::UnmatchedReport;
pub use window::WindowRule;

pub use account::{
    Account, AccountField, AccountNotice, AccountStatus, AddedAccount, InvalidAccount, NoticeCode, RequestUsage,
    SessionState,
};
pub(crate) use account::{Health, SignOfLife};
pub use change::{Change, ChangeKind};
pub(crate) use contact::NumberCheck;
pub(crate) use delivery::Delivery;
pub use delivery::Status;
pub(crate) use error::AccountError;
pub use error::{AccountSetupError, QueryError, SendError, StoreError};
pub use failure::{Failure, Remedy};
pub use ids::{AccountName, Channel, ConversationId, EventId, MessageId, Seq};
pub(crate) use outgoing::Address;
pub use process::{ConfigNotice, EngineProblem, EngineState, ProcessStatus, QuitStatus, Role};
pub use search::{SearchResults, SearchText};
pub use secret::Secret;
pub use time::Timestamp;

/// For the layers that must not use `text` themselves.
pub(crate) use crate::text::link::{find as find_links, is_web_url};
