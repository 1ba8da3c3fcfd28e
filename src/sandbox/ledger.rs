//! What reached the customers from us, and how often: the proof that nothing was sent twice.
//! Nothing here is forgotten before the limit, and nothing is counted that was not processed.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::domain::{Channel, Content, Timestamp};

/// Everything that a simulated account carried to customers.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    processed: u64,
}

/// One message, however often it came.
#[derive(Debug)]
struct Entry {
    ids: Vec<String>,
    channel: Channel,
    to: String,
    group: bool,
    content: Content,
    in_webhook: bool,
    at: Timestamp,
}

/// Different messages that are kept; later ones are only counted.
const ENTRIES_MAX: usize = 20_000;
/// Ids that are kept of a message; a flood of one message is counted by `count` up to here.
const IDS_MAX: usize = 1000;

/// A message of ours to be entered.
#[derive(Debug)]
pub(super) struct Carried<'a> {
    pub(super) id: String,
    pub(super) channel: Channel,
    pub(super) to: &'a str,
    pub(super) group: bool,
    pub(super) content: &'a Content,
    /// It came as the answer to a webhook rather than as a request.
    pub(super) in_webhook: bool,
    pub(super) at: Timestamp,
}

impl Ledger {
    /// Enters a message. Equal recipient and content is the same message, come again.
    pub(super) fn enter(&mut self, carried: Carried<'_>) {
        self.processed += 1;
        let content = serde_json::to_string(carried.content).unwrap_or_default();
        let key = format!("{} {} {} {content}", carried.channel, carried.group, carried.to);
        let known = self.places.get(&key).and_then(|place| self.entries.get_mut(*place));
        if let Some(entry) = known {
            if entry.ids.len() < IDS_MAX {
                entry.ids.push(carried.id);
            }
        } else if self.entries.len() < ENTRIES_MAX {
            self.places.insert(key, self.entries.len());
            self.entries.push(Entry {
                ids: vec![carried.id],
                channel: carried.channel,
                to: carried.to.to_owned(),
                group: carried.group,
                content: carried.content.clone(),
                in_webhook: carried.in_webhook,
                at: carried.at,
            });
        }
    }

    /// How many messages reached customers, doubles included.
    pub(super) fn processed(&self) -> u64 {
        self.processed
    }

    /// The messages in the order of their first coming, as JSON.
    pub(super) fn to_json(&self) -> Value {
        let message = |entry: &Entry| {
            json!({
                "id": entry.ids.first(), "ids": entry.ids, "count": entry.ids.len(),
                "channel": entry.channel, "to": entry.to, "group": entry.group,
                "kind": entry.content.kind(), "text": entry.content.text(), "content": entry.content,
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
    fn the_same_message_twice_is_one_entry_counted_twice() {
        let mut ledger = Ledger::default();
        let mut enter = |id: &str, to: &str, body: &str| {
            let content = Content::Text { body: body.into() };
            ledger.enter(Carried {
                id: id.into(),
                channel: Channel::WhatsApp,
                to,
                group: false,
                content: &content,
                in_webhook: false,
                at: Timestamp::default(),
            });
        };
        enter("a", "62811", "Halo");
        enter("b", "62811", "Halo lagi");
        enter("c", "62811", "Halo");
        enter("d", "62812", "Halo");
        let json = ledger.to_json();
        let counts: Vec<_> = json.as_array().unwrap().iter().map(|m| m["count"].as_u64().unwrap()).collect();
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(json[0]["ids"], json!(["a", "c"]));
        assert_eq!(json[0]["text"], "Halo");
        assert_eq!(ledger.processed(), 4);
    }
}
