//! How long an account's sends have gone without an acknowledgement.
//!
//! Invariant: what is told is counted from receipts that did not come, never from a guess about the connection.

use rusqlite::params;

use super::db::Store;
use super::error::StoreError;
use crate::domain::{AccountName, Timestamp};

/// The newest send since a time for which a receipt came.
pub(super) const HEARD_OF: &str = "SELECT a.started_at FROM attempts a JOIN messages m ON m.id = a.message \
    AND m.receipted = 1 WHERE a.account = ?1 AND a.started_at > ?2 ORDER BY a.started_at DESC LIMIT 1";
/// The oldest send after a time that was accepted and of which nothing was heard since.
pub(super) const SILENT: &str = "SELECT started_at FROM messages WHERE account = ?1 AND receipted = 0 \
    AND started_at IS NOT NULL AND started_at > ?2 AND status = 'sent' ORDER BY started_at LIMIT 1";

impl Store {
    /// Since when nothing was heard of any message that the gateway accepted after `since`: the first one after the
    /// last whose receipt came. `None` when every one has a receipt, or none was sent.
    pub fn silent_since(&self, account: &AccountName, since: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let heard = conn
                .prepare_cached(HEARD_OF)?
                .query_map(params![account.as_str(), since.0], |row| row.get::<_, i64>(0))?
                .next()
                .transpose()?;
            let after = heard.unwrap_or(since.0);
            let silent = conn
                .prepare_cached(SILENT)?
                .query_map(params![account.as_str(), after], |row| row.get::<_, i64>(0))?
                .next()
                .transpose()?;
            Ok(silent.map(Timestamp))
        })
    }
}
