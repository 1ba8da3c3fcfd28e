//! The templates that gateways have listed, by which messages that are made of them read as the customer reads them.
//!
//! Invariant: what a gateway lists replaces what it listed before.

use rusqlite::{Row, params};

use super::database::{Pending, RunSql, Store, StoreError};
use crate::domain::{AccountName, Template};

pub(super) const BODIES: &str = "SELECT language, body FROM templates WHERE account = ?1 AND name = ?2";

impl Store {
    /// Keeps the templates of an account as its gateway lists them now.
    pub(crate) fn save_templates(&self, account: &AccountName, templates: Vec<Template>) -> Pending<()> {
        let account = account.clone();
        self.write(move |tx| {
            tx.run("DELETE FROM templates WHERE account = ?1", [account.as_str()])?;
            let sql = "INSERT OR REPLACE INTO templates (account, name, language, body) VALUES (?1, ?2, ?3, ?4)";
            for template in templates.iter().filter(|template| !template.body.is_empty()) {
                tx.run(sql, params![account.as_str(), template.name, template.language, template.body])?;
            }
            Ok(())
        })
    }

    /// The text of a template with its places; `None` if the gateway has not listed it in this language. `id_ID` counts
    /// as `id`, and a template of which no language is known counts as any.
    pub(crate) fn template_body(
        &self,
        account: &AccountName,
        name: &str,
        language: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let listed: Vec<(String, String)> = self.read(|conn| conn.all(BODIES, [account.as_str(), name], row))?;
        let base = |language: &str| language.split(['_', '-']).next().unwrap_or_default().to_ascii_lowercase();
        let exact = listed.iter().find(|(own, _)| own.eq_ignore_ascii_case(language));
        let close = || listed.iter().find(|(own, _)| own.is_empty() || base(own) == base(language));
        Ok(exact.or_else(close).map(|(_, body)| body.clone()))
    }
}
