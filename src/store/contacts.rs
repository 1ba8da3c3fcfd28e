//! The address books of the gateways.
//!
//! Invariant: a known value is never replaced by a missing one.
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::conversations::summary::touch;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use super::row;
use crate::domain::{AccountName, Channel, Contact, ConversationId, CustomerField, SearchText};

/// A query of contacts, given what follows its `FROM`.
macro_rules! select_contacts {
    ($rest:literal) => {
        concat!("SELECT account, remote_id, phone, name, email, tags, custom_fields, id, edited FROM contacts ", $rest)
    };
}
pub(super) use select_contacts;

/// What a person changed of an entry here, which no synchronisation takes back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Edits {
    /// Empty: it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Empty: it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Null for a field that was deleted.
    #[serde(skip_serializing_if = "Map::is_empty")]
    custom_fields: Map<String, Value>,
}

impl Edits {
    /// Reads the column `edited`; what a later version wrote there counts as nothing.
    pub(super) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// These edits and one more; an empty value deletes the field.
    pub(super) fn with(mut self, field: &CustomerField, value: &str) -> Self {
        match field {
            CustomerField::Name => self.name = Some(value.to_owned()),
            CustomerField::Email => self.email = Some(value.to_owned()),
            CustomerField::Custom(name) => {
                let value = if value.is_empty() { Value::Null } else { Value::String(value.to_owned()) };
                self.custom_fields.insert(name.clone(), value);
            }
        }
        self
    }

    /// These edits, and of others those of fields that these leave alone.
    pub(super) fn or(mut self, others: Edits) -> Self {
        self.name = self.name.or(others.name);
        self.email = self.email.or(others.email);
        for (name, value) in others.custom_fields {
            self.custom_fields.entry(name).or_insert(value);
        }
        self
    }

    /// The entry with these edits.
    pub(super) fn apply(&self, mut contact: Contact) -> Contact {
        for (edited, own) in [(&self.name, &mut contact.name), (&self.email, &mut contact.email)] {
            if let Some(value) = edited {
                *own = Some(value.clone()).filter(|value| !value.is_empty());
            }
        }
        for (name, value) in &self.custom_fields {
            if value.is_null() {
                contact.custom_fields.shift_remove(name);
            } else {
                contact.custom_fields.insert(name.clone(), value.clone());
            }
        }
        contact
    }

    /// The fields that were changed and not deleted.
    pub(super) fn fields(&self) -> Vec<CustomerField> {
        let set = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        let name = set(&self.name).then_some(CustomerField::Name);
        let email = set(&self.email).then_some(CustomerField::Email);
        let custom = self.custom_fields.iter().filter(|(_, value)| !value.is_null());
        name.into_iter().chain(email).chain(custom.map(|(name, _)| CustomerField::Custom(name.clone()))).collect()
    }
}

pub(super) const BY_REMOTE_ID: &str = select_contacts!("WHERE account = ?1 AND remote_id = ?2 LIMIT 1");
pub(super) const BY_PHONE: &str = select_contacts!("WHERE account = ?1 AND phone = ?2 LIMIT 1");

/// A contact's sort key in the list of its account, which pages follow.
pub fn contact_key(contact: &Contact) -> String {
    sort_key(contact.name.as_deref(), contact.phone.as_deref(), contact.remote_id.as_deref())
}

/// Name in lower case, phone number, id. Contacts without a name sort last.
pub(super) fn sort_key(name: Option<&str>, phone: Option<&str>, remote_id: Option<&str>) -> String {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let first = name.map_or_else(|| "\u{10ffff}".to_owned(), str::to_lowercase);
    format!("{first}\u{1}{}\u{1}{}", phone.unwrap_or_default(), remote_id.unwrap_or_default())
}

impl Store {
    /// Adds contacts to an account's address book, or updates those that it has by remote id or phone number. Their
    /// conversations without a name get theirs. Returns how many are new or changed.
    pub fn upsert_contacts(&self, account: &AccountName, contacts: Vec<Contact>) -> Pending<usize> {
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

    /// Adds somebody by number, with what is known of them. One who is there keeps name and all else: returned is the
    /// name, empty where there was none and the new one was taken.
    pub fn add_contact(&self, account: &AccountName, contact: Contact) -> Pending<Option<String>> {
        let account = account.clone();
        self.write(move |tx| {
            let known = find(tx, &account, &contact)?;
            let name = known.as_ref().map(|(_, known, _)| known.name.clone().unwrap_or_default());
            match known {
                None => write(tx, None, &account, &contact, &Edits::default())?,
                Some((id, known, edits)) if known.name.is_none() => {
                    write(tx, Some(id), &account, &Contact { name: contact.name.clone(), ..known }, &edits)?;
                }
                Some(_) => return Ok(name),
            }
            name_conversations(tx, &account, &contact)?;
            Ok(name.filter(|name| !name.is_empty()))
        })
    }

    /// The contact whose phone number, or else whose id at the gateway, a conversation has as its peer.
    pub(crate) fn contact_of_peer(&self, account: &AccountName, peer: &str) -> Result<Option<Contact>, StoreError> {
        self.read(|conn| {
            let by_phone = conn.first(BY_PHONE, [account.as_str(), peer], contact)?;
            by_phone
                .map_or_else(|| conn.first(BY_REMOTE_ID, [account.as_str(), peer], contact), |found| Ok(Some(found)))
        })
    }

    /// A page of an account's contacts by name: at most `limit` after the one whose [`contact_key`] is `after`. With
    /// `search` only those whose name, phone number or e-mail address fits it.
    pub fn contacts(
        &self,
        account: &AccountName,
        search: Option<&SearchText>,
        limit: usize,
        after: Option<String>,
    ) -> Result<Vec<Contact>, StoreError> {
        let after = after.unwrap_or_default();
        self.read(|conn| {
            let mut statement = conn.prepared(select_contacts!("WHERE account = ?1 AND place > ?2 ORDER BY place"))?;
            let mut rows = statement.query([account.as_str(), after.as_str()])?;
            let mut page = Vec::new();
            while page.len() < limit {
                let Some(row) = rows.next()? else { break };
                let text = |column| row.get_ref(column).ok().and_then(|value: ValueRef<'_>| value.as_str().ok());
                let mut texts = ["phone", "name", "email"].into_iter().filter_map(text);
                if search.is_none_or(|search| texts.any(|text| search.matches(text))) {
                    page.push(contact(row)?);
                }
            }
            Ok(page)
        })
    }
}

fn upsert(tx: &Tx<'_>, account: &AccountName, new: &Contact) -> DbResult<bool> {
    let Some((id, old, edits)) = find(tx, account, new)? else {
        write(tx, None, account, new, &Edits::default())?;
        return Ok(true);
    };
    let merged = edits.apply(Contact {
        account: old.account.clone(),
        remote_id: new.remote_id.clone().or_else(|| old.remote_id.clone()),
        phone: new.phone.clone().or_else(|| old.phone.clone()),
        name: new.name.clone().or_else(|| old.name.clone()),
        email: new.email.clone().or_else(|| old.email.clone()),
        tags: new.tags.clone(),
        custom_fields: new.custom_fields.clone(),
    });
    if merged == old {
        return Ok(false);
    }
    write(tx, Some(id), account, &merged, &edits)?;
    Ok(true)
}

/// Adds a person of whom a gateway reported the name, unless the address book has the number.
pub(super) fn add_if_unknown(tx: &Tx<'_>, account: &AccountName, phone: &str, name: &str) -> DbResult<()> {
    let contact = Contact {
        account: None,
        remote_id: None,
        phone: Some(phone.to_owned()),
        name: Some(name.to_owned()),
        email: None,
        tags: Vec::new(),
        custom_fields: Map::new(),
    };
    if find(tx, account, &contact)?.is_none() {
        write(tx, None, account, &contact, &Edits::default())?;
    }
    Ok(())
}

fn find(tx: &Tx<'_>, account: &AccountName, contact: &Contact) -> DbResult<Option<(i64, Contact, Edits)>> {
    let query = |sql, value: &Option<String>| {
        let row = |row: &Row<'_>| Ok((row.get(7)?, self::contact(row)?, Edits::parse(&row.get::<_, String>(8)?)));
        value.as_ref().map_or(Ok(None), |value| tx.first(sql, [account.as_str(), value], row))
    };
    if let Some(found) = query(BY_REMOTE_ID, &contact.remote_id)? {
        return Ok(Some(found));
    }
    let by_phone = query(BY_PHONE, &contact.phone)?;
    // Two different remote ids with one phone number are two contacts.
    Ok(by_phone.filter(|(_, old, _): &(i64, Contact, Edits)| old.remote_id.is_none() || contact.remote_id.is_none()))
}

/// Writes an entry, into the row `id` if it has one already.
pub(super) fn write(
    tx: &Tx<'_>,
    id: Option<i64>,
    account: &AccountName,
    contact: &Contact,
    edits: &Edits,
) -> DbResult<()> {
    let sql = "INSERT INTO contacts (id, account, remote_id, phone, name, email, tags, custom_fields, place, edited) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE SET \
               remote_id = excluded.remote_id, phone = excluded.phone, name = excluded.name, email = excluded.email, \
               tags = excluded.tags, custom_fields = excluded.custom_fields, place = excluded.place, \
               edited = excluded.edited";
    let values = params![
        id,
        account.as_str(),
        contact.remote_id,
        contact.phone,
        contact.name,
        contact.email,
        serde_json::to_string(&contact.tags)?,
        serde_json::to_string(&contact.custom_fields)?,
        contact_key(contact),
        serde_json::to_string(edits)?,
    ];
    tx.run(sql, values)?;
    Ok(())
}

fn name_conversations(tx: &Tx<'_>, account: &AccountName, contact: &Contact) -> DbResult<()> {
    let (Some(phone), Some(name)) = (&contact.phone, contact.name.as_deref().filter(|name| !name.trim().is_empty()))
    else {
        return Ok(());
    };
    for channel in Channel::ALL {
        let sql = "UPDATE conversations SET name = ?4 WHERE name = '' AND by_hand = 0 AND id = (SELECT conversation \
                   FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3) RETURNING id";
        let values = params![account.as_str(), channel.as_str(), phone, name];
        let named: Option<i64> = tx.first(sql, values, |row| row.get(0))?;
        if let Some(id) = named {
            touch(tx, ConversationId(id))?;
        }
    }
    Ok(())
}

/// The entry in a row of `select_contacts!`.
pub(super) fn contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
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
