//! Export and import: messages as JSON Lines, without loss.
//!
//! A line is the contract's message object with two keys more: `order` (its place in the conversation, where that is
//! not its time) and `about` (the facts of its conversation). Invariant: nothing that is imported is sent, and the same
//! file imported twice adds nothing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, Author, Channel, ConversationId, Direction, Failure, Kind, Media, Message, MessageId, Status,
    Timestamp,
};
use crate::store::{ConversationDetails, ExportedConversation, ImportCounts, Store, StoreError};

/// Messages that share a transaction.
const BATCH: usize = 300;

/// A message with the facts of its conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub message: Message,
    /// `None` when another program made the file.
    pub about: Option<ConversationDetails>,
}

impl Line {
    /// The line as a JSON object.
    pub(crate) fn to_json(&self) -> Value {
        let mut value = serde_json::to_value(&self.message).unwrap_or_default();
        if let Value::Object(keys) = &mut value {
            if self.message.order.at != self.message.at {
                keys.insert("order".to_owned(), json!(self.message.order.at));
            }
            if let Some(about) = &self.about {
                keys.insert("about".to_owned(), json!(about));
            }
        }
        value
    }

    /// Reads a line. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let raw: Raw = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let time = |key: &str, text: &str| {
            Timestamp::parse_rfc3339(text).ok_or_else(|| format!("{key}: must be a time such as 2026-01-04T08:49:07Z"))
        };
        let word = |key: &str, text: &str| format!("{key}: unknown word {text:?}");
        let at = time("at", &raw.at)?;
        let order = raw.order.as_deref().map_or(Ok(at), |text| time("order", text))?;
        let id = MessageId(raw.id.parse().map_err(|_| "id: must be a number in quotes".to_owned())?);
        let number = "conversation: must be a number in quotes".to_owned();
        let message = Message {
            id,
            conversation: ConversationId(raw.conversation.parse().map_err(|_| number)?),
            account: AccountName::new(&raw.account)
                .ok_or("account: must be 1 to 32 of the characters a-z, 0-9 and -")?,
            channel: raw.channel.parse::<Channel>().map_err(|_| word("channel", &raw.channel))?,
            peer: raw.peer,
            direction: raw.direction,
            author: raw.author,
            kind: raw.kind.parse::<Kind>().map_err(|_| word("kind", &raw.kind))?,
            text: raw.text,
            media: raw.media,
            payload: raw.payload,
            remote_id: raw.remote_id,
            status: raw.status.parse::<Status>().map_err(|_| word("status", &raw.status))?,
            error: raw.error,
            at,
            inferred: raw.inferred,
            revision: 0,
            order: MessageKey { at: order, id },
            retry_at: None,
        };
        if (message.direction == Direction::In) != (message.status == Status::Received) {
            return Err("status: does not fit the direction".to_owned());
        }
        Ok(Line { message, about: raw.about })
    }

    /// A hash that equal messages share; used only to import equal ones together.
    fn fingerprint(&self) -> u64 {
        let m = &self.message;
        let mut hasher = DefaultHasher::new();
        (&m.account, m.channel, &m.peer, m.at, m.direction, m.kind, &m.text, &m.remote_id).hash(&mut hasher);
        hasher.finish()
    }
}

#[derive(Deserialize)]
struct Raw {
    id: String,
    conversation: String,
    account: String,
    channel: String,
    peer: String,
    direction: Direction,
    author: Author,
    kind: String,
    text: String,
    media: Option<Media>,
    payload: Option<Value>,
    remote_id: Option<String>,
    status: String,
    error: Option<Failure>,
    at: String,
    #[serde(default)]
    inferred: bool,
    order: Option<String>,
    about: Option<ConversationDetails>,
}

/// Reads every message of a store, oldest id first, a page at a time.
pub struct Export<'a> {
    store: &'a Store,
    after: Option<MessageId>,
    facts: HashMap<ConversationId, Option<ConversationDetails>>,
}

impl<'a> Export<'a> {
    /// An export that begins with the oldest message.
    pub(crate) fn new(store: &'a Store) -> Self {
        Export { store, after: None, facts: HashMap::new() }
    }

    /// The next page; empty after the last message.
    pub fn page(&mut self) -> Result<Vec<Line>, StoreError> {
        let messages = self.store.all_messages(self.after, BATCH)?;
        self.after = messages.last().map(|message| message.id).or(self.after);
        messages.into_iter().map(|message| Ok(Line { about: self.facts(message.conversation)?, message })).collect()
    }

    fn facts(&mut self, id: ConversationId) -> Result<Option<ConversationDetails>, StoreError> {
        if let Some(known) = self.facts.get(&id) {
            return Ok(known.clone());
        }
        let facts = self.store.conversation_details(id)?;
        self.facts.insert(id, facts.clone());
        Ok(facts)
    }
}

/// How often each line of a file occurs. Two equal messages are two messages, and only the store that sees them
/// together can tell them from one that is there already, so lines are counted before any is imported.
#[derive(Debug, Default)]
pub struct LineCounts(HashMap<u64, usize>);

impl LineCounts {
    /// Counts one more occurrence of a line.
    pub fn count(&mut self, line: &Line) {
        *self.0.entry(line.fingerprint()).or_default() += 1;
    }
}

/// Imports lines into a store.
pub struct Import<'a> {
    store: &'a Store,
    counts: LineCounts,
    batch: Vec<Line>,
    /// Equal lines that wait for the rest of them.
    incomplete: HashMap<u64, Vec<Line>>,
    done: ImportCounts,
}

impl<'a> Import<'a> {
    /// An import of a file whose lines `counts` has counted; writes nothing yet.
    pub(crate) fn new(store: &'a Store, counts: LineCounts) -> Self {
        Import { store, counts, batch: Vec::new(), incomplete: HashMap::new(), done: ImportCounts::default() }
    }

    /// Imports a line. Blocks now and then, until a batch is durable.
    pub fn add(&mut self, line: Line) -> Result<(), StoreError> {
        let fingerprint = line.fingerprint();
        let equal = self.counts.0.get(&fingerprint).copied().unwrap_or(1);
        if equal > 1 {
            let lines = self.incomplete.entry(fingerprint).or_default();
            lines.push(line);
            if lines.len() < equal {
                return Ok(());
            }
            self.batch.extend(self.incomplete.remove(&fingerprint).unwrap_or_default());
        } else {
            self.batch.push(line);
        }
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// How many messages were added and known so far.
    pub fn done(&self) -> ImportCounts {
        self.done
    }

    /// Imports what is left and returns how many messages were added and known in all.
    pub fn finish(mut self) -> Result<ImportCounts, StoreError> {
        let left: Vec<Line> = self.incomplete.drain().flat_map(|(_, lines)| lines).collect();
        self.batch.extend(left);
        self.flush()?;
        Ok(self.done)
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let lines = std::mem::take(&mut self.batch);
        let mut conversations: Vec<ExportedConversation> = Vec::new();
        for Line { message, about } in &lines {
            let Some(facts) = about else { continue };
            if !conversations.iter().any(|known| known.id == message.conversation && known.account == message.account) {
                conversations.push(ExportedConversation {
                    id: message.conversation,
                    account: message.account.clone(),
                    channel: message.channel,
                    peer: message.peer.clone(),
                    at: message.order.at,
                    details: facts.clone(),
                });
            }
        }
        self.store.import_conversations(conversations).wait()?;
        let restored = self.store.import_messages(lines.into_iter().map(|line| line.message).collect()).wait()?;
        self.done.added += restored.added;
        self.done.known += restored.known;
        Ok(())
    }
}
