//! How much waits in the outbox.

use crate::store::database::{RunSql as _, Store, StoreError};

/// The messages of all accounts that have not been sent.
const WAITING: &str = "SELECT count(*) FROM outbox";

impl Store {
    /// How many messages wait to be sent, or are being sent.
    pub(crate) fn waiting_to_send(&self) -> Result<u64, StoreError> {
        self.read(|conn| conn.one(WAITING, [], |row| row.get::<_, i64>(0))).map(i64::unsigned_abs)
    }
}
