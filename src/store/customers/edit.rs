//! Changing a person's entry in the address book.

use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use super::find::{own_entry, phones};
use crate::domain::{Action, Actor, Contact, Conversation, ConversationId, CustomerField, Timestamp};
use crate::store::audit;
use crate::store::contacts::{self, Edits};
use crate::store::conversations::find::{find, resolve};
use crate::store::conversations::summary::touch;
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};

impl Store {
    /// Sets a field of the entry of a conversation's other side in the address book, which is added if there is none;
    /// an empty value deletes the field. What is set here stays when the address book is synchronised.
    pub fn edit_customer(
        &self,
        id: ConversationId,
        field: CustomerField,
        value: &str,
        by: impl Into<Actor>,
        now: Timestamp,
    ) -> Pending<()> {
        let (value, by) = (value.trim().to_owned(), by.into());
        self.write(move |tx| {
            let id = resolve(tx.conn, id)?;
            let conversation = find(tx.conn, id)?.filter(|c| !c.group).ok_or(DbError::NotFound)?;
            let entry = own_entry(tx.conn, &conversation)?;
            let (row, old, edited) = match entry {
                Some(entry) => (Some(entry.id), entry.contact, Edits::parse(&entry.edited)),
                None => (None, new_entry(tx, &conversation)?, Edits::default()),
            };
            let edits = edited.with(&field, &value);
            let contact = edits.apply(old.clone());
            if row.is_none() || contact != old {
                audit::record(tx, id, Action::Edited, Some(field.name()), (&by, now))?;
            }
            contacts::write(tx, row, &conversation.account, &contact, &edits)?;
            if field == CustomerField::Name {
                name_conversation(tx, id, &value)?;
            }
            touch(tx, id)
        })
    }
}

/// What was changed here of the entry of a conversation's other side, for an export; `None` where nothing was.
pub(in crate::store) fn exported_edits(conn: &Connection, id: ConversationId) -> DbResult<Option<Value>> {
    let Some(conversation) = find(conn, id)?.filter(|c| !c.group) else { return Ok(None) };
    let edited = own_entry(conn, &conversation)?.map(|entry| Edits::parse(&entry.edited));
    let edited = edited.filter(|edits| *edits != Edits::default());
    Ok(edited.map(serde_json::to_value).transpose()?)
}

/// Adds imported changes to those of the entry of a conversation's other side. What was changed here stays.
pub(in crate::store) fn import_edits(tx: &Tx<'_>, id: ConversationId, imported: &Value) -> DbResult<()> {
    let Some(conversation) = find(tx.conn, id)?.filter(|c| !c.group) else { return Ok(()) };
    let entry = own_entry(tx.conn, &conversation)?;
    let (row, old, own) = match entry {
        Some(entry) => (Some(entry.id), entry.contact, Edits::parse(&entry.edited)),
        None => (None, new_entry(tx, &conversation)?, Edits::default()),
    };
    // What a later version exported in another form counts as nothing.
    let imported: Edits = serde_json::from_value(imported.clone()).unwrap_or_default();
    let edits = own.clone().or(imported);
    if edits == own {
        return Ok(());
    }
    contacts::write(tx, row, &conversation.account, &edits.apply(old), &edits)
}

fn new_entry(tx: &Tx<'_>, conversation: &Conversation) -> DbResult<Contact> {
    let phone = phones(tx.conn, conversation)?.into_iter().next();
    let remote_id = phone.is_none().then(|| conversation.peer.clone());
    let name = Some(conversation.name.clone()).filter(|name| !name.trim().is_empty());
    Ok(Contact { account: None, remote_id, phone, name, email: None, tags: Vec::new(), custom_fields: Map::new() })
}

/// Gives the conversation a name that no gateway replaces; an empty one lets the gateway name it again.
fn name_conversation(tx: &Tx<'_>, id: ConversationId, name: &str) -> DbResult<()> {
    let sql = "UPDATE conversations SET name = iif(?2 = '', name, ?2), by_hand = ?2 <> '' WHERE id = ?1";
    tx.run(sql, params![id.0, name])?;
    Ok(())
}
