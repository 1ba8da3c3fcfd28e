//! Leases on rows of the outbox: which message is being sent, by whom, by which claim.

use crate::domain::{AccountName, ConversationId, MessageId, Outgoing, Timestamp};
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::requests::RequestId;
use rusqlite::params;
use std::time::Duration;

/// How long a lease lasts: far longer than a gateway may take to answer, so that only a dead owner's ends.
const LEASE: Duration = Duration::from_secs(300);

/// Who holds leases: one sender of one process, named so that no other has the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseOwner {
    process: String,
    sender: u64,
}

impl LeaseOwner {
    /// The owner `sender` of a process with a random name, which must not hold `/`.
    pub fn new(process: impl Into<String>, sender: u64) -> Self {
        LeaseOwner { process: process.into(), sender }
    }

    /// The value of `outbox.owner`.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.process, self.sender)
    }
}

/// A message that its holder must send now.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    pub message: MessageId,
    pub conversation: ConversationId,
    pub account: AccountName,
    /// Which attempt to send it this is, from 1.
    pub attempt: u32,
    pub outgoing: Outgoing,
    /// A person wants it to go out whatever the window.
    pub anyway: bool,
    pub(super) owner: LeaseOwner,
    /// The number of the claim of its row; an outcome of an earlier claim changes nothing.
    pub(super) epoch: i64,
    /// Its place in the account's budget of requests.
    pub(super) request: RequestId,
}

impl Lease {
    /// Writes it into its row, which is a head of its conversation while it is leased.
    pub(super) fn write(&self, tx: &Tx<'_>, now: Timestamp) -> DbResult<()> {
        let sql = "UPDATE outbox SET owner = ?2, epoch = ?3, leased_until = ?4, head = 1 WHERE message = ?1";
        tx.run(sql, params![self.message.0, self.owner.name(), self.epoch, now.plus(LEASE).0])?;
        Ok(())
    }
}
