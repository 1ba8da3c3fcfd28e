//! Finding a person's other conversations and entries in address books, by phone number.

use rusqlite::{Connection, Row};

use crate::domain::{AccountName, Channel, Contact, Conversation, ConversationId};
use crate::store::contacts::{contact, select_contacts};
use crate::store::conversations::find::find;
use crate::store::database::{DbResult, RunSql};
use crate::store::identity::phone_of;

/// The most conversations of one person that are looked at.
const MOST: usize = 12;

/// An entry of an address book with its row's id and what was changed of it here.
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) contact: Contact,
    pub(super) edited: String,
}

/// A person's entries in address books, the conversation's own account first, and conversations, newest first.
pub(super) struct Person {
    pub(super) entries: Vec<Entry>,
    pub(super) conversations: Vec<Conversation>,
}

/// The person behind a conversation. A group is nobody: it has no entries and no other conversations.
pub(super) fn person(conn: &Connection, conversation: Conversation) -> DbResult<Person> {
    if conversation.group {
        return Ok(Person { entries: Vec::new(), conversations: vec![conversation] });
    }
    let own = own_entry(conn, &conversation)?;
    let mut phones = phones(conn, &conversation)?;
    phones.extend(own.iter().filter_map(|entry| entry.contact.phone.clone()));
    phones.sort();
    phones.dedup();
    let mut entries: Vec<Entry> = own.into_iter().collect();
    let mut ids = vec![conversation.id];
    for account in accounts(conn)? {
        for phone in &phones {
            if account != conversation.account {
                entries.extend(by_phone(conn, &account, phone)?);
            }
            for channel in Channel::ALL.into_iter().filter(|channel| channel.uses_phone_numbers()) {
                ids.extend(by_alias(conn, &account, channel, phone)?);
            }
        }
    }
    // On other channels a person is known by the gateway's id.
    let remote = entries.iter().filter_map(|e| Some((e.contact.account.clone()?, e.contact.remote_id.clone()?)));
    for (account, remote_id) in remote.collect::<Vec<_>>() {
        for channel in Channel::ALL {
            ids.extend(by_alias(conn, &account, channel, &remote_id)?);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let mut conversations = Vec::new();
    for id in ids {
        conversations.extend(find(conn, id)?.filter(|found| !found.group));
    }
    conversations.sort_by_key(|found| (found.id != conversation.id, std::cmp::Reverse(found.last_at)));
    conversations.truncate(MOST);
    conversations.sort_by_key(|found| std::cmp::Reverse((found.last_at, found.id)));
    Ok(Person { entries, conversations })
}

/// The entry of a conversation's other side in the address book of its account.
pub(super) fn own_entry(conn: &Connection, conversation: &Conversation) -> DbResult<Option<Entry>> {
    let account = &conversation.account;
    for phone in phones(conn, conversation)? {
        if let Some(found) = by_phone(conn, account, &phone)? {
            return Ok(Some(found));
        }
    }
    for alias in aliases(conn, conversation.id)? {
        let sql = select_contacts!("WHERE account = ?1 AND remote_id = ?2 LIMIT 1");
        if let Some(found) = conn.first(sql, [account.as_str(), &alias], entry)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The phone numbers among the ids of a conversation's other side.
pub(super) fn phones(conn: &Connection, conversation: &Conversation) -> DbResult<Vec<String>> {
    let aliases = aliases(conn, conversation.id)?;
    let is_phone = |alias: &String| phone_of(conversation.channel, conversation.group, &[alias]).is_some();
    Ok(aliases.into_iter().filter(is_phone).collect())
}

fn aliases(conn: &Connection, conversation: ConversationId) -> DbResult<Vec<String>> {
    conn.all("SELECT alias FROM peers WHERE conversation = ?1", [conversation.0], |row| row.get(0))
}

fn accounts(conn: &Connection) -> DbResult<Vec<AccountName>> {
    let names: Vec<String> = conn.all("SELECT name FROM accounts", [], |row| row.get(0))?;
    Ok(names.iter().filter_map(|name| AccountName::new(name)).collect())
}

fn by_phone(conn: &Connection, account: &AccountName, phone: &str) -> DbResult<Option<Entry>> {
    conn.first(select_contacts!("WHERE account = ?1 AND phone = ?2 LIMIT 1"), [account.as_str(), phone], entry)
}

fn by_alias(
    conn: &Connection,
    account: &AccountName,
    channel: Channel,
    alias: &str,
) -> DbResult<Option<ConversationId>> {
    let sql = "SELECT conversation FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3";
    conn.first(sql, [account.as_str(), channel.as_str(), alias], |row| row.get(0).map(ConversationId))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry { id: row.get(7)?, contact: contact(row)?, edited: row.get(8)? })
}
