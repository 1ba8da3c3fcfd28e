//! Whether an event mentions a person, and the event without that.
//!
//! Gateways put several people into one body. What is theirs is cut out of the lists in it, the smallest piece that
//! names them; the other pieces stay. Where that leaves nothing of a list, or where the body has no list, the whole event
//! is theirs.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::domain::inbound::Peer;
use crate::domain::phone::{self, Country};
use crate::domain::{Inbound, Receipt};
use crate::store::{Event, EventChange, Person};

/// Shorter ids are compared with whole values only: inside a text they may mean anything.
const SHORTEST_INSIDE: usize = 6;
/// Shorter remote ids (WAVIRO's are small numbers) mean nothing where the dialect does not say what they are.
const SHORTEST_REMOTE_ID: usize = 10;

/// The ids by which a person is found in events.
pub(super) struct Mentions {
    ids: BTreeSet<String>,
    /// Ids that name the person wherever they stand in a text.
    inside: Vec<String>,
    remote_ids: HashSet<String>,
    /// How local numbers are written.
    country: Country,
}

/// What was found in a part of a body.
#[derive(Default)]
struct Found {
    /// It names the person outside of every list.
    named: bool,
    /// Something was cut out of a list.
    cut: bool,
    /// A list holds pieces of which nothing was cut.
    others: bool,
}

impl Mentions {
    /// The mentions of a person, by every id and by the ids of the messages.
    pub(super) fn new(person: &Person, country: Country) -> Self {
        let inside =
            person.ids.iter().chain(&person.emails).filter(|id| id.len() >= SHORTEST_INSIDE).cloned().collect();
        Mentions { ids: person.ids.clone(), inside, remote_ids: person.remote_ids.clone(), country }
    }

    /// What becomes of an event by what stands in its body.
    pub(super) fn without(&self, event: &Event) -> EventChange {
        let Ok(mut body) = serde_json::from_slice::<Value>(&event.body) else {
            let named = self.is_in(&String::from_utf8_lossy(&event.body)) || self.is_in_headers(event);
            return if named { EventChange::Empty } else { EventChange::Keep };
        };
        let found = self.cut(&mut body);
        if found.named || (found.cut && !found.others) || self.is_in_headers(event) {
            return EventChange::Empty;
        }
        if found.cut { EventChange::Rewrite(body.to_string().into_bytes()) } else { EventChange::Keep }
    }

    /// Whether a report is about the person or a message of the person.
    pub(super) fn names(&self, report: &Inbound) -> bool {
        let is_peer = |peer: &Peer| std::iter::once(&peer.id).chain(&peer.aliases).any(|id| self.ids.contains(id));
        match report {
            Inbound::Message(message) => {
                is_peer(&message.peer)
                    || message.member.as_ref().is_some_and(|(id, _)| self.ids.contains(id))
                    || message.remote_id.as_ref().is_some_and(|id| self.remote_ids.contains(id))
            }
            Inbound::Receipt(Receipt { remote_id, recipient, .. }) => {
                self.remote_ids.contains(remote_id) || recipient.as_ref().is_some_and(|id| self.ids.contains(id))
            }
            Inbound::Edited { remote_id, by, .. } | Inbound::Revoked { remote_id, by } => {
                self.remote_ids.contains(remote_id) || is_peer(&by.peer)
            }
            Inbound::Named { peer, .. } | Inbound::Marketing { peer, .. } => is_peer(peer),
            Inbound::Moved { from, to, .. } => is_peer(from) || is_peer(to),
            Inbound::Notice(_) | Inbound::Session { .. } | Inbound::Nothing { .. } | Inbound::Unknown { .. } => false,
        }
    }

    fn is_in_headers(&self, event: &Event) -> bool {
        event.headers.iter().any(|(_, value)| self.is_in(value))
    }

    /// Cuts every piece of a list that names the person.
    fn cut(&self, value: &mut Value) -> Found {
        match value {
            Value::Null | Value::Bool(_) => Found::default(),
            Value::Number(number) => Found { named: self.is_value(&number.to_string()), ..Found::default() },
            Value::String(text) => Found { named: self.is_in(text), ..Found::default() },
            Value::Array(items) => {
                let mut all = Found::default();
                items.retain_mut(|item| {
                    let found = self.cut(item);
                    all.cut |= found.cut || found.named;
                    all.others |= !found.named && (found.others || (!found.cut && item.is_object()));
                    !found.named
                });
                all
            }
            Value::Object(fields) => {
                let mut all = Found::default();
                for (key, field) in fields.iter_mut() {
                    let found = self.cut(field);
                    all.named |= found.named || self.is_in(key);
                    all.cut |= found.cut;
                    all.others |= found.others;
                }
                all
            }
        }
    }

    /// Whether a whole value is one of the ids.
    fn is_value(&self, text: &str) -> bool {
        self.ids.contains(text) || (text.len() >= SHORTEST_REMOTE_ID && self.remote_ids.contains(text))
    }

    /// Whether a text is one of the ids or holds one, not as a part of a longer one.
    fn is_in(&self, text: &str) -> bool {
        self.is_value(text)
            || self.inside.iter().any(|id| holds(text, id))
            || is_number_like(text)
                && phone::normalise(text, self.country).is_some_and(|number| self.ids.contains(&number))
    }
}

/// Whether `id` stands in `text` with no letter or digit beside it.
fn holds(text: &str, id: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric();
    text.match_indices(id).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether a text has the characters of a written phone number only.
fn is_number_like(text: &str) -> bool {
    (8..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b' ' | b'(' | b')'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{AccountName, EventId, Timestamp};

    fn mentions() -> Mentions {
        let person = Person {
            account: AccountName::new("toko").unwrap(),
            name: "Budi".to_owned(),
            conversations: Vec::new(),
            ids: ["628123456789", "ID.abc123"].map(str::to_owned).into(),
            emails: ["budi@example.com".to_owned()].into(),
            contacts: Vec::new(),
            messages: 0,
            remote_ids: ["wamid.HBgMNjI4".to_owned(), "17".to_owned()].into(),
        };
        Mentions::new(&person, phone::INDONESIA)
    }

    fn event(body: Vec<u8>) -> Event {
        Event {
            id: EventId(1),
            account: AccountName::new("toko").unwrap(),
            key: String::new(),
            ack: false,
            received_at: Timestamp(0),
            headers: Vec::new(),
            body,
        }
    }

    fn without(body: &Value) -> EventChange {
        mentions().without(&event(body.to_string().into_bytes()))
    }

    #[test]
    fn an_event_of_the_person_is_emptied() {
        for body in [
            json!({"from": "628123456789", "text": "halo"}),
            json!({"from": "628123456789@c.us"}),
            json!({"from": "+62 812-3456-789"}),
            json!({"from": "0812-3456-789"}),
            json!({"from": 628_123_456_789_u64}),
            json!({"data": {"628123456789": {"name": "Budi"}}}),
            json!({"status": "read", "id": "wamid.HBgMNjI4"}),
            json!({"contact": {"email": "budi@example.com"}}),
            json!({"entry": [{"id": "9", "changes": [{"value": {"metadata": {"phone_number_id": "1"},
                   "contacts": [{"wa_id": "628123456789"}], "messages": [{"from": "628123456789"}]}}]}]}),
        ] {
            assert_eq!(without(&body), EventChange::Empty, "{body}");
        }
        assert_eq!(mentions().without(&event(b"from=628123456789&text=halo".to_vec())), EventChange::Empty);
    }

    #[test]
    fn an_event_of_others_stays_as_it_is() {
        for body in [
            json!({"from": "6281234567890", "text": "halo"}),
            json!({"from": "1628123456789"}),
            json!({"from": "628999999999", "count": 17, "id": "17"}),
            json!({"from": "ID.abc1234", "id": "wamid.HBgMNjI4x"}),
        ] {
            assert_eq!(without(&body), EventChange::Keep, "{body}");
        }
    }

    #[test]
    fn an_event_of_several_people_keeps_what_is_the_others() {
        let value = |messages: Value, statuses: Value| {
            json!({"entry": [{"id": "9", "changes": [{"value": {"metadata": {"phone_number_id": "1"},
                   "messages": messages, "statuses": statuses}}]}]})
        };
        let theirs = json!({"from": "628123456789", "text": {"body": "rahasia"}});
        let others = json!({"from": "628999999999", "text": {"body": "halo"}});
        let rewritten = |body: &Value| EventChange::Rewrite(body.to_string().into_bytes());
        let both = value(json!([theirs, others]), json!([]));
        assert_eq!(without(&both), rewritten(&value(json!([others]), json!([]))));
        let status = json!({"id": "wamid.other00", "recipient_id": "628999999999"});
        let mixed = value(json!([theirs]), json!([status]));
        assert_eq!(without(&mixed), rewritten(&value(json!([]), json!([status]))));
    }
}
