//! The address books of the gateways, and how far an import of contacts has come.
//!
//! Invariant: a fact that is known is never replaced by nothing.

use rusqlite::{OptionalExtension, Row, params};

use super::conversations::touch;
use super::db::Store;
use super::error::{StoreError, Work};
use super::row;
use super::writer::{Pending, Tx};
use crate::domain::{AccountName, Contact, ConversationId, Timestamp};

const COLUMNS: &str = "account, remote_id, phone, name, email, tags, custom_fields";

/// A contact's place in the list of its account; the key of paging.
pub fn contact_key(contact: &Contact) -> String {
    place(contact.name.as_deref(), contact.phone.as_deref(), contact.remote_id.as_deref())
}

/// Name in lower case, number, id: those without a name stand last.
pub(super) fn place(name: Option<&str>, phone: Option<&str>, remote_id: Option<&str>) -> String {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let first = name.map_or_else(|| "\u{10ffff}".to_owned(), str::to_lowercase);
    format!("{first}\u{1}{}\u{1}{}", phone.unwrap_or_default(), remote_id.unwrap_or_default())
}

impl Store {
    /// Adds contacts to an account's address book, or updates those that are there by id or number.
    /// Conversations without a name get theirs. Returns how many are new or different.
    pub fn upsert_contacts(&self, account: &AccountName, contacts: Vec<Contact>, _now: Timestamp) -> Pending<usize> {
        let account = account.clone();
        self.write(move |tx| {
            let mut changed = 0;
            for contact in &contacts {
                changed += usize::from(upsert(tx, &account, contact)?);
                name_conversations(tx, &account, contact)?;
            }
            Ok(changed)
        })
    }

    /// A page of an account's contacts in the order of their names: what stands after the contact whose
    /// [`contact_key`] is `after`. `search`: only those whose name, number or e-mail contains this, whatever the
    /// case.
    pub fn contacts(
        &self,
        account: &AccountName,
        search: Option<&str>,
        limit: usize,
        after: Option<String>,
    ) -> Result<Vec<Contact>, StoreError> {
        let search = search.map(str::to_lowercase).filter(|text| !text.is_empty());
        let after = after.unwrap_or_default();
        let sql = format!("SELECT {COLUMNS} FROM contacts WHERE account = ?1 AND place > ?2 ORDER BY place");
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query([account.as_str(), after.as_str()])?;
            let mut found = Vec::new();
            while found.len() < limit {
                let Some(row) = rows.next()? else { break };
                let contact = of_row(row)?;
                let holds = |text: &Option<String>, part: &str| {
                    text.as_ref().is_some_and(|text| text.to_lowercase().contains(part))
                };
                let wanted = search.as_deref().is_none_or(|part| {
                    [&contact.name, &contact.phone, &contact.email].into_iter().any(|text| holds(text, part))
                });
                if wanted {
                    found.push(contact);
                }
            }
            Ok(found)
        })
    }

    /// The rows of an import that are done, with what came of each. `import` identifies the file by its
    /// contents, so that an import that was broken off goes on where it was.
    pub fn import_progress(&self, account: &AccountName, import: &str) -> Result<Vec<(u64, String)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT row, outcome FROM imports WHERE account = ?1 AND import = ?2 ORDER BY row";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([account.as_str(), import], |row| {
                Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default(), row.get(1)?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Notes what came of a row of an import.
    pub fn record_import(&self, account: &AccountName, import: &str, row: u64, outcome: &str) -> Pending<()> {
        let (account, import, outcome) = (account.clone(), import.to_owned(), outcome.to_owned());
        self.write(move |tx| {
            let sql = "INSERT INTO imports (account, import, row, outcome) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (account, import, row) DO UPDATE SET outcome = excluded.outcome";
            let row = i64::try_from(row).unwrap_or(i64::MAX);
            tx.conn.prepare_cached(sql)?.execute(params![account.as_str(), import, row, outcome])?;
            Ok(())
        })
    }
}

fn upsert(tx: &Tx<'_>, account: &AccountName, new: &Contact) -> Work<bool> {
    let Some((id, old)) = find(tx, account, new)? else {
        write(tx, None, account, new)?;
        return Ok(true);
    };
    let kept = Contact {
        account: old.account.clone(),
        remote_id: new.remote_id.clone().or_else(|| old.remote_id.clone()),
        phone: new.phone.clone().or_else(|| old.phone.clone()),
        name: new.name.clone().or_else(|| old.name.clone()),
        email: new.email.clone().or_else(|| old.email.clone()),
        tags: new.tags.clone(),
        custom_fields: new.custom_fields.clone(),
    };
    if kept == old {
        return Ok(false);
    }
    write(tx, Some(id), account, &kept)?;
    Ok(true)
}

fn find(tx: &Tx<'_>, account: &AccountName, contact: &Contact) -> Work<Option<(i64, Contact)>> {
    let by = [("remote_id", &contact.remote_id), ("phone", &contact.phone)];
    for (column, value) in by {
        let Some(value) = value else { continue };
        // A number that is another id's contact is that contact's.
        let sql = format!("SELECT {COLUMNS}, id FROM contacts WHERE account = ?1 AND {column} = ?2 LIMIT 1");
        let read = |row: &Row<'_>| Ok((row.get(7)?, of_row(row)?));
        let found = tx.conn.prepare_cached(&sql)?.query_row([account.as_str(), value], read).optional()?;
        let fits =
            |(_, old): &(i64, Contact)| column == "remote_id" || old.remote_id.is_none() || contact.remote_id.is_none();
        if let Some(found) = found.filter(fits) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn write(tx: &Tx<'_>, id: Option<i64>, account: &AccountName, contact: &Contact) -> Work<()> {
    let sql = "INSERT INTO contacts (id, account, remote_id, phone, name, email, tags, custom_fields, place) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET \
               remote_id = excluded.remote_id, phone = excluded.phone, name = excluded.name, email = excluded.email, \
               tags = excluded.tags, custom_fields = excluded.custom_fields, place = excluded.place";
    tx.conn.prepare_cached(sql)?.execute(params![
        id,
        account.as_str(),
        contact.remote_id,
        contact.phone,
        contact.name,
        contact.email,
        serde_json::to_string(&contact.tags)?,
        serde_json::to_string(&contact.custom_fields)?,
        contact_key(contact),
    ])?;
    Ok(())
}

fn name_conversations(tx: &Tx<'_>, account: &AccountName, contact: &Contact) -> Work<()> {
    let (Some(phone), Some(name)) = (&contact.phone, contact.name.as_deref().filter(|name| !name.trim().is_empty()))
    else {
        return Ok(());
    };
    for channel in crate::domain::Channel::ALL {
        let sql = "UPDATE conversations SET name = ?4 WHERE name = '' AND by_hand = 0 AND id = (SELECT conversation \
                   FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3) RETURNING id";
        let values = params![account.as_str(), channel.as_str(), phone, name];
        let named: Option<i64> = tx.conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
        if let Some(id) = named {
            touch(tx, ConversationId(id))?;
        }
    }
    Ok(())
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<Contact> {
    Ok(Contact {
        account: Some(row::account(row, 0)?),
        remote_id: row.get(1)?,
        phone: row.get(2)?,
        name: row.get(3)?,
        email: row.get(4)?,
        tags: row::json(row, 5)?.unwrap_or_default(),
        custom_fields: row::json(row, 6)?.unwrap_or_default(),
    })
}
