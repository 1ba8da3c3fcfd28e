//! Export and import: messages as JSON Lines, without loss.
//!
//! A line is the contract's message object with keys more: `order` (its place in the conversation, where that is not
//! its time), `unread` (where no agent has seen it), `content` (what to send again, where that is not its text),
//! `about` (the facts of its conversation) and, if files are exported too, `file_data` (the bytes in base64, with the first
//! message that has the file). Invariant: nothing that is imported is sent, and the same file imported
//! twice adds nothing.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};

use super::import_pace::Pace;
use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, Author, Channel, ConversationId, Direction, Failure, Kind, Media, Message, MessageId, Status,
    Timestamp,
};
use crate::store::{
    ConversationDetails, ExportedConversation, ExportedMessage, ImportCounts, Importer, Pending, Store, StoreError,
};

/// The largest file that is imported, in bytes.
const FILE_MAX: u64 = 2 << 30;
/// Messages that are read for an export at a time.
const PAGE: usize = 500;

/// A message with the facts of its conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub message: ExportedMessage,
    /// `None` when another program made the file.
    pub about: Option<ConversationDetails>,
    /// The bytes of its file, in base64, where they were exported with it.
    pub file_data: Option<String>,
}

impl Line {
    /// The line as a JSON object.
    pub(crate) fn to_json(&self) -> Value {
        let ExportedMessage { message, unread, content } = &self.message;
        let mut value = serde_json::to_value(message).unwrap_or_default();
        if let Value::Object(keys) = &mut value {
            if message.order.at != message.at {
                keys.insert("order".to_owned(), json!(message.order.at));
            }
            if *unread {
                keys.insert("unread".to_owned(), json!(true));
            }
            if let Some(content) = content {
                keys.insert("content".to_owned(), content.clone());
            }
            if let Some(about) = &self.about {
                keys.insert("about".to_owned(), json!(about));
            }
            if let Some(data) = &self.file_data {
                keys.insert("file_data".to_owned(), json!(data));
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
            scheduled_at: None,
        };
        if (message.direction == Direction::Out) == (message.status == Status::Received) {
            return Err("status: does not fit the direction".to_owned());
        }
        let message = ExportedMessage { message, unread: raw.unread, content: raw.content };
        if raw.file_data.as_ref().is_some_and(|data| BASE64.decode(data).is_err()) {
            return Err("file_data: must be base64".to_owned());
        }
        Ok(Line { message, about: raw.about, file_data: raw.file_data })
    }

    /// A hash that equal messages share; used only to import equal ones together.
    fn fingerprint(&self) -> u64 {
        let m = &self.message.message;
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
    #[serde(default)]
    unread: bool,
    content: Option<Value>,
    about: Option<ConversationDetails>,
    file_data: Option<String>,
}

/// Reads every message of a store, oldest id first, a page at a time.
pub struct Export<'a> {
    store: &'a Store,
    after: Option<MessageId>,
    facts: HashMap<ConversationId, Option<ConversationDetails>>,
    /// The hashes of files that were exported.
    files: HashSet<String>,
}

impl<'a> Export<'a> {
    /// An export that begins with the oldest message.
    pub(crate) fn new(store: &'a Store) -> Self {
        Export { store, after: None, facts: HashMap::new(), files: HashSet::new() }
    }

    /// The next page; empty after the last message.
    pub fn page(&mut self) -> Result<Vec<Line>, StoreError> {
        let messages = self.store.export_messages(self.after, PAGE)?;
        self.after = messages.last().map(|exported| exported.message.id).or(self.after);
        let line = |message: ExportedMessage| {
            Ok(Line { about: self.facts(message.message.conversation)?, message, file_data: None })
        };
        messages.into_iter().map(line).collect()
    }

    /// Adds the bytes of its file to a line, with the first message that has it. A file that is gone is left out.
    pub(crate) fn add_file(&mut self, line: &mut Line) {
        let Some(file) = line.message.message.media.as_ref().map(|media| &media.file) else { return };
        let (Some(path), Some(sha256)) = (&file.path, &file.sha256) else { return };
        if self.files.contains(sha256) {
            return;
        }
        if let Ok(bytes) = std::fs::read(path) {
            self.files.insert(sha256.clone());
            line.file_data = Some(BASE64.encode(bytes));
        }
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

/// A batch of messages that is being written.
struct Batch {
    messages: usize,
    begun: Instant,
    written: Pending<ImportCounts>,
}

/// Imports lines into a store. While a batch is written, the next lines are read.
pub struct Import {
    store: Store,
    /// The hashes of files that came with lines.
    files: Vec<String>,
    importer: Importer,
    counts: LineCounts,
    batch: Vec<Line>,
    /// Equal lines that wait for the rest of them.
    incomplete: HashMap<u64, Vec<Line>>,
    /// The batch that is being written.
    pending: Option<Batch>,
    pace: Pace,
    /// Conversations of the file that were imported already.
    conversations: HashSet<(AccountName, ConversationId)>,
    done: ImportCounts,
}

impl Import {
    /// An import of a file whose lines `counts` has counted; writes nothing yet.
    pub(crate) fn new(store: &Store, counts: LineCounts) -> Self {
        let pace = Pace::new(store.path().parent().unwrap_or(Path::new(".")).to_owned());
        Import {
            store: store.clone(),
            files: Vec::new(),
            importer: store.importer(!pace.beside_engine()),
            counts,
            batch: Vec::new(),
            incomplete: HashMap::new(),
            pending: None,
            pace,
            conversations: HashSet::new(),
            done: ImportCounts::default(),
        }
    }

    /// Imports a line. Blocks now and then, until an earlier batch is durable.
    pub fn add(&mut self, mut line: Line) -> Result<(), StoreError> {
        self.add_file(&mut line)?;
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
        if self.batch.len() >= self.pace.size() { self.flush() } else { Ok(()) }
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
        self.wait()?;
        self.store.release_media(std::mem::take(&mut self.files)).wait()?;
        self.store.remove_media_leftovers()?;
        for recounted in self.importer.finish() {
            let begun = Instant::now();
            recounted.wait()?;
            self.pace.rest(begun.elapsed());
        }
        Ok(self.done)
    }

    /// Puts the file of a line in place, for this message and those that name it later.
    fn add_file(&mut self, line: &mut Line) -> Result<(), StoreError> {
        let (Some(data), Some(media)) = (line.file_data.take(), &mut line.message.message.media) else { return Ok(()) };
        let staged = BASE64.decode(data).map_err(std::io::Error::other);
        let staged = staged.and_then(|bytes| self.store.stage_media(bytes.as_slice(), FILE_MAX));
        let staged = staged.map_err(|error| StoreError::Failed(error.to_string()))?;
        media.file.sha256 = Some(staged.sha256.clone());
        self.files.push(staged.sha256.clone());
        self.store.add_media(staged).wait()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let lines = std::mem::take(&mut self.batch);
        let mut conversations = Vec::new();
        let mut messages = Vec::with_capacity(lines.len());
        for Line { message: exported, about, .. } in lines {
            let message = &exported.message;
            if let Some(details) = about
                && self.conversations.insert((message.account.clone(), message.conversation))
            {
                conversations.push(ExportedConversation {
                    id: message.conversation,
                    account: message.account.clone(),
                    channel: message.channel,
                    peer: message.peer.clone(),
                    at: message.order.at,
                    details,
                });
            }
            messages.push(exported);
        }
        self.wait()?;
        self.pending = Some(Batch {
            messages: messages.len(),
            begun: Instant::now(),
            written: self.importer.add(conversations, messages),
        });
        Ok(())
    }

    /// Waits until the batch that is being written is durable.
    fn wait(&mut self) -> Result<(), StoreError> {
        if let Some(batch) = self.pending.take() {
            let imported = batch.written.wait()?;
            self.pace.after_group(batch.messages, batch.begun);
            self.importer.set_alone(!self.pace.beside_engine());
            self.done.added += imported.added;
            self.done.known += imported.known;
        }
        Ok(())
    }
}
