//! Forgets what is over.
//!
//! Invariant: nothing that a person wrote or received is forgotten here.

use super::db::Store;
use super::writer::Pending;
use crate::domain::AccountName;

impl Store {
    /// Forgets how far an import came, so that the same file can be imported anew.
    pub fn forget_import(&self, account: &AccountName, import: &str) -> Pending<()> {
        let (account, import) = (account.clone(), import.to_owned());
        self.write(move |tx| {
            let sql = "DELETE FROM imports WHERE account = ?1 AND import = ?2";
            tx.conn.prepare_cached(sql)?.execute([account.as_str(), import.as_str()])?;
            Ok(())
        })
    }
}
