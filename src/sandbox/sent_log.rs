//! The log of messages to customers, with a count for each: the proof that nothing was sent twice.
//!
//! Invariant: a message that was processed is counted, and no other is.

use super::fetch::FetchedFile;
use crate::domain::{Channel, Content, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The messages that a simulated account has sent to customers.
#[derive(Debug, Default)]
pub(crate) struct SentLog {
    entries: Vec<Entry>,
    positions: HashMap<String, usize>,
    processed: u64,
}

/// One message, however often it was sent.
#[derive(Debug)]
struct Entry {
    ids: Vec<String>,
    channel: Channel,
    to: String,
    group: bool,
    content: Content,
    file: Option<FetchedFile>,
    in_webhook: bool,
    at: Timestamp,
}

/// The most different messages that are kept; later ones are only counted.
const ENTRIES_MAX: usize = 20_000;
/// The most ids that are kept of one message, and so the highest `count`.
const IDS_MAX: usize = 1000;

/// A message to record.
#[derive(Debug)]
pub(crate) struct SentMessage<'a> {
    pub(crate) id: String,
    pub(crate) channel: Channel,
    pub(crate) to: &'a str,
    pub(crate) group: bool,
    pub(crate) content: &'a Content,
    /// The file that it links to, as the gateway got it.
    pub(crate) file: Option<FetchedFile>,
    /// It was the response to a webhook, not a request.
    pub(crate) in_webhook: bool,
    pub(crate) at: Timestamp,
}

impl SentLog {
    /// Records a message. A message with equal recipient and content is the same, sent again.
    pub(crate) fn record(&mut self, message: SentMessage<'_>) {
        self.processed += 1;
        let content = serde_json::to_string(message.content).unwrap_or_default();
        let key = format!("{} {} {} {content}", message.channel, message.group, message.to);
        let known = self.positions.get(&key).and_then(|position| self.entries.get_mut(*position));
        if let Some(entry) = known {
            if entry.ids.len() < IDS_MAX {
                entry.ids.push(message.id);
            }
        } else if self.entries.len() < ENTRIES_MAX {
            self.positions.insert(key, self.entries.len());
            self.entries.push(Entry {
                ids: vec![message.id],
                channel: message.channel,
                to: message.to.to_owned(),
                group: message.group,
                content: message.content.clone(),
                file: message.file,
                in_webhook: message.in_webhook,
                at: message.at,
            });
        }
    }

    /// The number of messages, repeated ones included.
    pub(crate) fn processed(&self) -> u64 {
        self.processed
    }

    /// The messages in the order in which they were first sent, as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let message = |entry: &Entry| {
            json!({
                "id": entry.ids.first(), "ids": entry.ids, "count": entry.ids.len(),
                "channel": entry.channel, "to": entry.to, "group": entry.group,
                "kind": entry.content.kind(), "text": entry.content.text(), "content": entry.content,
                "file": entry.file.as_ref().map(FetchedFile::to_json),
                "via": if entry.in_webhook { "webhook" } else { "request" }, "at": entry.at,
            })
        };
        Value::Array(self.entries.iter().map(message).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_sent_twice_is_one_entry_with_count_two() {
        let mut sent_log = SentLog::default();
        let mut record = |id: &str, to: &str, body: &str| {
            let content = Content::Text { body: body.into() };
            sent_log.record(SentMessage {
                id: id.into(),
                channel: Channel::WhatsApp,
                to,
                group: false,
                content: &content,
                file: None,
                in_webhook: false,
                at: Timestamp::default(),
            });
        };
        record("a", "62811", "Halo");
        record("b", "62811", "Halo lagi");
        record("c", "62811", "Halo");
        record("d", "62812", "Halo");
        let json = sent_log.to_json();
        let counts: Vec<_> = json.as_array().unwrap().iter().map(|m| m["count"].as_u64().unwrap()).collect();
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(json[0]["ids"], json!(["a", "c"]));
        assert_eq!(json[0]["text"], "Halo");
        assert_eq!(sent_log.processed(), 4);
    }
}
