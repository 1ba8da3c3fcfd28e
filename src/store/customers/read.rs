//! Everything that is known of the person behind a conversation.

use rusqlite::Connection;

use super::find::{Entry, person};
use crate::domain::customer::MOST_COUNTED;
use crate::domain::{
    Conversation, ConversationId, Customer, CustomerField, Kind, Mention, Message, MessageId, PastConversation,
    Timestamp,
};
use crate::store::audit;
use crate::store::contacts::Edits;
use crate::store::conversations::find::{find, resolve};
use crate::store::database::{DbResult, RunSql, Store, StoreError};
use crate::store::messages::page;
use crate::store::row::{self, select_messages};

/// How many of the newest messages of each conversation are searched for links and orders.
const SEARCHED: i64 = 300;
/// The most links, orders and notes.
const MOST: usize = 8;

/// How many messages the conversation `?1` has, counted up to `?2`.
pub(crate) const COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM messages WHERE conversation = ?1 ORDER BY order_ms, id LIMIT ?2) newest";
/// When the first message of the conversation `?1` was written.
pub(crate) const FIRST: &str = "SELECT at FROM messages WHERE conversation = ?1 ORDER BY order_ms, id LIMIT 1";
/// Who resolved the conversation `?1` last, and when.
const RESOLVED: &str =
    "SELECT resolved_by, resolved_at FROM conversations WHERE id = ?1 AND resolved_by IS NOT NULL AND resolved_at > 0";
/// How many files of each kind the conversation `?1` has.
pub(crate) const MEDIA: &str = "SELECT kind, count(*) FROM messages INDEXED BY messages_kept WHERE conversation = ?1 \
    AND kind IN ('image', 'video', 'audio', 'document', 'note') AND kind <> 'note' GROUP BY kind";
/// The newest `?2` notes of the conversation `?1`.
pub(crate) const NOTES: &str = select_messages!(
    "WHERE m.conversation = ?1 AND m.kind IN ('image', 'video', 'audio', 'document', 'note') AND m.kind = 'note' \
     ORDER BY m.order_ms DESC, m.id DESC LIMIT ?2"
);
/// The texts of the newest `?2` messages of the conversation `?1`.
pub(crate) const TEXTS: &str = "SELECT id, at, text FROM messages WHERE conversation = ?1 \
    ORDER BY order_ms DESC, id DESC LIMIT ?2";

/// Finds what is looked for in a message's text.
pub type FindText<'a> = &'a dyn Fn(&str) -> Vec<String>;

impl Store {
    /// The person behind a conversation; `None` when there is no such conversation. `orders` finds the numbers of orders
    /// in a message's text, `links` its links.
    pub fn customer(
        &self,
        id: ConversationId,
        orders: FindText<'_>,
        links: FindText<'_>,
    ) -> Result<Option<Customer>, StoreError> {
        self.read(|conn| {
            let Some(conversation) = find(conn, resolve(conn, id).unwrap_or(id))? else { return Ok(None) };
            let person = person(conn, conversation)?;
            let mut customer = Customer { edited: edited(&person.entries), ..Customer::default() };
            for conversation in &person.conversations {
                add_conversation(conn, &mut customer, conversation)?;
                add_mentions(conn, &mut customer, conversation.id, orders, links)?;
            }
            customer.contacts = person.entries.into_iter().map(|entry| entry.contact).collect();
            for found in [&mut customer.links, &mut customer.orders] {
                keep_newest(found);
            }
            customer.notes.sort_by_key(|note| std::cmp::Reverse(note.order));
            customer.notes.truncate(MOST);
            customer.acts.sort_by_key(|entry| std::cmp::Reverse(entry.at));
            customer.acts.truncate(MOST);
            Ok(Some(customer))
        })
    }
}

fn edited(entries: &[Entry]) -> Vec<CustomerField> {
    entries.first().map(|entry| Edits::parse(&entry.edited).fields()).unwrap_or_default()
}

fn add_conversation(conn: &Connection, customer: &mut Customer, conversation: &Conversation) -> DbResult<()> {
    let id = conversation.id.0;
    let most = i64::try_from(MOST_COUNTED).unwrap_or(i64::MAX);
    let messages: i64 = conn.one(COUNT, [id, most], |row| row.get(0))?;
    let first: Option<i64> = conn.first(FIRST, [id], |row| row.get(0))?;
    let resolved = conn.first(RESOLVED, [id], |row| Ok((row.get(0)?, Timestamp(row.get(1)?))))?;
    customer.history.push(PastConversation {
        conversation: conversation.clone(),
        resolved,
        first_at: first.map(Timestamp),
        messages: u64::try_from(messages).unwrap_or_default(),
    });
    for (kind, count) in
        conn.all(MEDIA, [id], |row| Ok((row::named(row, 0, Kind::Document)?, row.get::<_, i64>(1)?)))?
    {
        let count = u64::try_from(count).unwrap_or_default();
        match customer.media.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, total)) => *total += count,
            None => customer.media.push((kind, count)),
        }
    }
    let notes: Vec<Message> = page::query(conn, NOTES, [id, row::sql_limit(MOST)])?;
    customer.notes.extend(notes);
    customer.acts.extend(audit::newest(conn, conversation.id, MOST)?);
    Ok(())
}

fn add_mentions(
    conn: &Connection,
    customer: &mut Customer,
    conversation: ConversationId,
    orders: FindText<'_>,
    links: FindText<'_>,
) -> DbResult<()> {
    let read = |row: &rusqlite::Row<'_>| Ok((MessageId(row.get(0)?), Timestamp(row.get(1)?), row.get::<_, String>(2)?));
    for (message, at, text) in conn.all(TEXTS, [conversation.0, SEARCHED], read)? {
        let mention = |text: String| Mention { text, conversation, message, at };
        customer.orders.extend(orders(&text).into_iter().map(mention));
        customer.links.extend(links(&text).into_iter().map(mention));
    }
    Ok(())
}

/// Keeps the newest mentions, each text once.
fn keep_newest(found: &mut Vec<Mention>) {
    found.sort_by_key(|mention| std::cmp::Reverse((mention.at, mention.message)));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|mention| seen.len() < MOST && seen.insert(mention.text.clone()));
}
