//! Everything by which the store and the gateways know a person.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, params};

use crate::domain::{AccountName, Channel, ConversationId};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::row;

/// The ids of the messages that a member `?2` wrote in the groups of the account `?1`, after the message `?3`.
pub(super) const OF_MEMBER: &str = "SELECT m.id FROM conversations c JOIN messages m ON m.conversation = c.id \
    WHERE c.account = ?1 AND c.is_group = 1 AND m.member = ?2 AND m.id > ?3 ORDER BY m.id LIMIT ?4";
/// The remote ids of a conversation's messages and of the attempts to send them.
const REMOTE_IDS: &str = "SELECT remote_id FROM messages WHERE conversation = ?1 AND remote_id IS NOT NULL UNION \
    SELECT w.remote_id FROM messages m JOIN wire_ids w ON w.message = m.id WHERE m.conversation = ?1";
/// The remote ids of what a member wrote in groups.
const REMOTE_IDS_OF_MEMBER: &str = "SELECT m.remote_id FROM conversations c JOIN messages m ON m.conversation = c.id \
    WHERE c.account = ?1 AND c.is_group = 1 AND m.member = ?2 AND m.remote_id IS NOT NULL";

/// A person or group of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub account: AccountName,
    /// The name that is shown; may be empty.
    pub name: String,
    pub conversations: Vec<ConversationId>,
    /// Every id and phone number.
    pub ids: BTreeSet<String>,
    /// E-mail addresses of the address book.
    pub emails: BTreeSet<String>,
    /// Rows of the address book.
    pub contacts: Vec<i64>,
    /// Messages in the person's conversations and, as a member, in groups.
    pub messages: usize,
    /// The ids by which the gateway names those messages.
    pub remote_ids: HashSet<String>,
}

impl Store {
    /// The person or group of an account that one of these ids names, `None` if nobody is known by them. Reads every
    /// group of the account, and every message of the person.
    pub(crate) fn find_person(&self, account: &AccountName, ids: &[String]) -> Result<Option<Person>, StoreError> {
        let ids = ids.iter().filter(|id| !id.is_empty()).cloned().collect();
        self.read(|conn| {
            let mut person = find(conn, account, ids)?;
            add_messages(conn, &mut person)?;
            let is_known = !person.conversations.is_empty() || !person.contacts.is_empty() || person.messages > 0;
            Ok(is_known.then_some(person))
        })
    }
}

/// A person by some of the ids, without the messages.
pub(super) fn find(conn: &Connection, account: &AccountName, ids: BTreeSet<String>) -> DbResult<Person> {
    let mut person = Person {
        account: account.clone(),
        name: String::new(),
        conversations: Vec::new(),
        ids,
        emails: BTreeSet::new(),
        contacts: Vec::new(),
        messages: 0,
        remote_ids: HashSet::new(),
    };
    // A conversation leads to more ids, and those to the address book and to other channels.
    loop {
        let known = person.ids.len();
        add_conversations(conn, &mut person)?;
        add_contacts(conn, &mut person)?;
        if person.ids.len() == known {
            return Ok(person);
        }
    }
}

fn add_conversations(conn: &Connection, person: &mut Person) -> DbResult<()> {
    for id in person.ids.clone() {
        for channel in Channel::ALL {
            let sql = "SELECT conversation FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3";
            let values = [person.account.as_str(), channel.as_str(), &id];
            let found: Option<i64> = conn.first(sql, values, |row| row.get(0))?;
            let Some(found) = found.map(ConversationId).filter(|found| !person.conversations.contains(found)) else {
                continue;
            };
            person.conversations.push(found);
            let aliases: Vec<String> =
                conn.all("SELECT alias FROM peers WHERE conversation = ?1", [found.0], |row| row.get(0))?;
            person.ids.extend(aliases.into_iter().filter(|alias| !alias.is_empty()));
            let sql = "SELECT name FROM conversations WHERE id = ?1 AND name <> ''";
            if let Some(name) = conn.first(sql, [found.0], |row| row.get(0))? {
                person.name = name;
            }
        }
    }
    Ok(())
}

fn add_contacts(conn: &Connection, person: &mut Person) -> DbResult<()> {
    type Row = (i64, Option<String>, Option<String>, Option<String>, Option<String>);
    for id in person.ids.clone() {
        for sql in [
            "SELECT id, remote_id, phone, email, name FROM contacts WHERE account = ?1 AND phone = ?2",
            "SELECT id, remote_id, phone, email, name FROM contacts WHERE account = ?1 AND remote_id = ?2",
        ] {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
            let found: Vec<Row> = conn.all(sql, [person.account.as_str(), &id], read)?;
            for (contact, remote_id, phone, email, name) in found {
                if person.contacts.contains(&contact) {
                    continue;
                }
                person.contacts.push(contact);
                person.ids.extend([remote_id, phone].into_iter().flatten().filter(|id| !id.is_empty()));
                person.emails.extend(email.filter(|email| !email.is_empty()));
                if person.name.is_empty() {
                    person.name = name.unwrap_or_default();
                }
            }
        }
    }
    Ok(())
}

fn add_messages(conn: &Connection, person: &mut Person) -> DbResult<()> {
    let mut count = 0_i64;
    for conversation in &person.conversations {
        let sql = "SELECT count(*) FROM messages WHERE conversation = ?1";
        count += conn.one(sql, [conversation.0], |row| row.get::<_, i64>(0))?;
        let ids: Vec<String> = conn.all(REMOTE_IDS, [conversation.0], |row| row.get(0))?;
        person.remote_ids.extend(ids);
    }
    person.messages = usize::try_from(count).unwrap_or_default();
    for id in &person.ids {
        let values = params![person.account.as_str(), id, 0, row::sql_limit(usize::MAX)];
        let written: Vec<i64> = conn.all(OF_MEMBER, values, |row| row.get(0))?;
        person.messages += written.len();
        let ids: Vec<String> = conn.all(REMOTE_IDS_OF_MEMBER, [person.account.as_str(), id], |row| row.get(0))?;
        person.remote_ids.extend(ids);
    }
    Ok(())
}
