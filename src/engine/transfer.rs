//! Messages as JSON Lines that can be taken back without loss.
//!
//! A line is the contract's message object with two keys more: `order` (its place in the conversation, where that is
//! not its time) and `about` (what the conversation says beside its messages). Invariant: nothing that is taken back
//! is sent, and the same file taken twice adds nothing.

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

/// A message with what its conversation says.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The message.
    pub message: Message,
    /// What its conversation says; a file that other programs made may have none.
    pub about: Option<ConversationDetails>,
}

impl Line {
    /// The line as JSON.
    pub fn to_json(&self) -> Value {
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

    /// Equal messages have the same; used only to hand equal ones in together.
    fn likeness(&self) -> u64 {
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
    /// An export from the beginning.
    pub fn of(store: &'a Store) -> Self {
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

/// Counts equal lines of a file before any is taken back: two equal messages are two messages, and only the store
/// that sees them together can tell them from one that is there already.
#[derive(Debug, Default)]
pub struct Census(HashMap<u64, usize>);

impl Census {
    /// Counts a line.
    pub fn count(&mut self, line: &Line) {
        *self.0.entry(line.likeness()).or_default() += 1;
    }
}

/// Takes lines back into a store.
pub struct Intake<'a> {
    store: &'a Store,
    census: Census,
    batch: Vec<Line>,
    held: HashMap<u64, Vec<Line>>,
    done: ImportCounts,
}

impl<'a> Intake<'a> {
    /// An intake of the lines that were counted.
    pub fn into(store: &'a Store, census: Census) -> Self {
        Intake { store, census, batch: Vec::new(), held: HashMap::new(), done: ImportCounts::default() }
    }

    /// Takes a line. Blocks now and then, until a batch is durable.
    pub fn take(&mut self, line: Line) -> Result<(), StoreError> {
        let likeness = line.likeness();
        let equal = self.census.0.get(&likeness).copied().unwrap_or(1);
        if equal > 1 {
            let held = self.held.entry(likeness).or_default();
            held.push(line);
            if held.len() < equal {
                return Ok(());
            }
            self.batch.extend(self.held.remove(&likeness).unwrap_or_default());
        } else {
            self.batch.push(line);
        }
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// What became of the lines so far.
    pub fn done(&self) -> ImportCounts {
        self.done
    }

    /// Takes what is left and says what became of all.
    pub fn end(mut self) -> Result<ImportCounts, StoreError> {
        let left: Vec<Line> = self.held.drain().flat_map(|(_, lines)| lines).collect();
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
