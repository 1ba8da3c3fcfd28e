//! How much waits in the outbox.

use crate::store::database::{RunSql as _, Store, StoreError};

/// The messages of all accounts that wait and are not being sent.
const WAITING: &str = "SELECT count(*) FROM outbox WHERE leased = 0";

impl Store {
    /// How many messages wait to be sent, those aside that are being sent now.
    pub(crate) fn waiting_to_send(&self) -> Result<u64, StoreError> {
        self.read(|conn| conn.one(WAITING, [], |row| row.get::<_, i64>(0))).map(i64::unsigned_abs)
    }
}
