//! How far an import of contacts has come, so that one that was interrupted continues where it was.

use super::database::{Pending, RunSql, Store, StoreError};
use crate::domain::AccountName;
use rusqlite::params;

impl Store {
    /// The rows of an import that are done, with the outcome of each. `import` identifies the file by its contents.
    pub fn import_progress(&self, account: &AccountName, import: &str) -> Result<Vec<(u64, String)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT row, outcome FROM imports WHERE account = ?1 AND import = ?2 ORDER BY row";
            conn.all(sql, [account.as_str(), import], |row| {
                Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default(), row.get(1)?))
            })
        })
    }

    /// Records the outcome of a row of an import.
    pub fn record_import(&self, account: &AccountName, import: &str, row: u64, outcome: &str) -> Pending<()> {
        let (account, import, outcome) = (account.clone(), import.to_owned(), outcome.to_owned());
        self.write(move |tx| {
            let sql = "INSERT INTO imports (account, import, row, outcome) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (account, import, row) DO UPDATE SET outcome = excluded.outcome";
            let row = i64::try_from(row).unwrap_or(i64::MAX);
            tx.run(sql, params![account.as_str(), import, row, outcome])?;
            Ok(())
        })
    }

    /// Deletes an import's progress, so that the same file can be imported anew.
    pub(crate) fn forget_import(&self, account: &AccountName, import: &str) -> Pending<()> {
        let (account, import) = (account.clone(), import.to_owned());
        self.write(move |tx| {
            let sql = "DELETE FROM imports WHERE account = ?1 AND import = ?2";
            tx.run(sql, [account.as_str(), import.as_str()])?;
            Ok(())
        })
    }
}
