//! How much waits in the outbox.

use crate::store::database::{RunSql as _, Store, StoreError};

/// The messages of all accounts that have not been sent, and those of them whose first request is on its way.
const WAITING: &str =
    "SELECT count(*), count(*) FILTER (WHERE owner IS NOT NULL AND epoch = 1 AND attempt = 1) FROM outbox";

/// The messages that wait for their time.
const SCHEDULED: &str = "SELECT count(*) FROM messages WHERE scheduled_at > 0";

/// How many messages are in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutboxCounts {
    /// All that have not been sent, those too that wait for their time.
    pub(crate) waiting: u64,
    /// Those of them whose first request is on its way; most have been sent a moment later.
    pub(crate) first_attempts: u64,
}

impl Store {
    /// How many messages of all accounts wait to be sent.
    pub(crate) fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        self.read(|conn| {
            let scheduled: i64 = conn.one(SCHEDULED, [], |row| row.get(0))?;
            conn.one(WAITING, [], |row| {
                let (waiting, first_attempts): (i64, i64) = (row.get(0)?, row.get(1)?);
                let waiting = waiting.saturating_add(scheduled).unsigned_abs();
                Ok(OutboxCounts { waiting, first_attempts: first_attempts.unsigned_abs() })
            })
        })
    }
}
