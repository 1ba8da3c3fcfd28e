//! The inbox's only record: what is not in here did not happen. The one place with SQL.
//!
//! A [`Store`] is a handle on `loket.db`, which several processes may have open at once. Writes go through one
//! thread per process, which commits queued writes in groups and replies once the commit is durable. Every commit
//! appends to the sequence of changes that readers follow.
//!
//! Invariant: nothing here reaches the network, knows a gateway, reads the clock, or lets an SQL type out.

mod accounts;
mod audit;
mod backup;
mod begun;
mod changes;
mod contact_import;
mod contacts;
mod conversations;
mod customers;
mod database;
mod delivery;
mod drafts;
mod expire;
mod forget;
mod identity;
mod inbound;
mod journal;
mod media;
mod messages;
mod migrate;
mod notify;
mod open;
mod outbox;
mod presence;
#[cfg(test)]
mod query_plans;
mod receipts;
mod redaction;
mod report;
mod requests;
mod row;
mod search;
mod templates;
mod transcriptions;
mod transfer;
mod upgrade;
mod writer;

pub use crate::domain::message::MessageRange;
pub(crate) use accounts::StoredAccount;
pub use backup::BackupSummary;
pub use contacts::contact_key;
pub use customers::read::FindText;
pub(crate) use database::Pending;
pub use database::{Store, StoreError};
pub(crate) use forget::{EventChange, ForgetStep, JudgeEvent, Person};
pub use inbound::{ApplyOutcome, FindReply, RuleReply, Rules};
pub(crate) use journal::Event;
pub use journal::NewEvent;
pub(crate) use media::{DueMedia, MediaCounts, MediaFailure, NewMediaLink, StagedFile};
pub(crate) use notify::notify_path;
pub use open::FILE;
pub use outbox::{Abandoned, AttemptOutcome, Claim, Claimant, Lease, LeaseOwner, NewMessage, Queue};
pub(crate) use redaction::RedactedEvent;
pub(crate) use requests::PAUSE_MAX;
pub use requests::{Purpose, RequestId, RequestLimit, Reservation};
pub(crate) use transcriptions::{Transcript, VoiceNote};
pub use transfer::{ConversationDetails, ExportedConversation, ExportedMessage, ImportCounts, Importer};
