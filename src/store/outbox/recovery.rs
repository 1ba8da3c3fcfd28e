//! Attempts whose owner will not report their outcome.

use super::lease::LeaseOwner;
use super::outcome::abandon;
use crate::domain::{MessageId, Timestamp};
use crate::store::database::{Pending, RunSql, Store};

/// Whose attempts are ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Abandoned {
    /// Everybody's. The caller holds the engine's lock, so that nobody else sends from this store.
    All,
    /// Those of all senders of a process, which ends.
    Process(String),
    /// Those of a sender, which starts anew.
    Sender(LeaseOwner),
}

impl Store {
    /// Ends the attempts that their owners have left unfinished: their messages become unsure (code `interrupted`), for
    /// nobody knows whether the requests left. Returns those messages.
    pub fn recover_leases(&self, of: Abandoned, now: Timestamp) -> Pending<Vec<MessageId>> {
        self.write(move |tx| {
            let sql = "SELECT message, owner FROM outbox WHERE owner IS NOT NULL ORDER BY position";
            let mut leased: Vec<(MessageId, String)> =
                tx.all(sql, [], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
            leased.retain(|(_, owner)| match &of {
                Abandoned::All => true,
                Abandoned::Process(process) => owner.split('/').next() == Some(process),
                Abandoned::Sender(sender) => *owner == sender.name(),
            });
            for (message, _) in &leased {
                abandon(tx, *message, now)?;
            }
            Ok(leased.into_iter().map(|(message, _)| message).collect())
        })
    }
}
