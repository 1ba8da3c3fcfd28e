//! How long an account's sends have gone without a receipt.
//!
//! Invariant: this counts receipts that did not come; it infers nothing about the connection.

use crate::domain::{AccountName, Timestamp};
use crate::store::database::{RunSql, Store, StoreError};
use rusqlite::params;

/// The newest attempt of the account `?1` after `?2` for which a receipt came.
pub(crate) const LAST_ACKNOWLEDGED: &str = "SELECT a.started_at FROM attempts a JOIN messages m ON m.id = a.message \
    AND m.receipted = 1 WHERE a.account = ?1 AND a.started_at > ?2 ORDER BY a.started_at DESC LIMIT 1";
/// The oldest attempt of the account `?1` after `?2` that the gateway accepted and for which no receipt came.
pub(crate) const FIRST_UNACKNOWLEDGED: &str = "SELECT started_at FROM messages WHERE account = ?1 AND receipted = 0 \
    AND started_at IS NOT NULL AND started_at > ?2 AND status = 'sent' ORDER BY started_at LIMIT 1";

impl Store {
    /// Since when receipts have been missing: the first message that the gateway accepted after the newest one with a
    /// receipt. `None` when every message that was sent after `since` has one, or none was sent.
    pub fn unacknowledged_since(
        &self,
        account: &AccountName,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let started_at = |sql, after| conn.first(sql, params![account.as_str(), after], |row| row.get::<_, i64>(0));
            let after = started_at(LAST_ACKNOWLEDGED, since.0)?.unwrap_or(since.0);
            Ok(started_at(FIRST_UNACKNOWLEDGED, after)?.map(Timestamp))
        })
    }
}
