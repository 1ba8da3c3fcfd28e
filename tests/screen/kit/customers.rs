//! What the store made by hand knows of the people behind its conversations.

use loket::domain::{Contact, ConversationId, Customer, CustomerField, Kind, Mention, Message, PastConversation};
use serde_json::{Map, Value};

use super::store::{Contents, FakeStore};

impl FakeStore {
    /// Sets a custom field of a conversation's other side; an empty value deletes it.
    pub fn edit_customer(&self, id: ConversationId, field: CustomerField, value: &str) {
        let peer = self.contents().conversations[&id].peer.clone();
        let mut contents = self.contents();
        let at = contents.contacts.iter().position(|c| c.phone.as_deref() == Some(&peer)).unwrap_or_else(|| {
            contents.contacts.push(Contact {
                account: None,
                remote_id: None,
                phone: Some(peer),
                name: None,
                email: None,
                tags: Vec::new(),
                custom_fields: Map::new(),
            });
            contents.contacts.len() - 1
        });
        let contact = &mut contents.contacts[at];
        let text = Some(value.to_owned()).filter(|value| !value.is_empty());
        match field.clone() {
            CustomerField::Name => contact.name = text,
            CustomerField::Email => contact.email = text,
            CustomerField::Custom(name) => {
                contact.custom_fields.insert(name, text.map_or(Value::Null, Value::String));
            }
        }
        contents.edited.push(field);
        drop(contents);
        self.change_conversation(id, |_| {});
    }
}

impl Contents {
    /// The person behind a conversation: those with one peer are one person's.
    pub fn customer(&self, id: ConversationId) -> Option<Customer> {
        let peer = &self.conversations.get(&id)?.peer;
        let own = self.conversations.values().filter(|c| c.peer == *peer);
        let messages = |id: ConversationId| self.messages.get(&id).into_iter().flatten();
        let mut history: Vec<PastConversation> = own
            .map(|conversation| PastConversation {
                conversation: conversation.clone(),
                resolved: self.resolved.get(&conversation.id).cloned(),
                first_at: messages(conversation.id).map(|m| m.at).min(),
                messages: u64::try_from(messages(conversation.id).count()).unwrap(),
            })
            .collect();
        history.sort_by_key(|past| std::cmp::Reverse(past.conversation.last_at));
        let all: Vec<&Message> = history.iter().flat_map(|past| messages(past.conversation.id)).collect();
        let mut media: Vec<(Kind, u64)> = Vec::new();
        for kind in [Kind::Image, Kind::Document, Kind::Audio] {
            let count = u64::try_from(all.iter().filter(|m| m.kind == kind).count()).unwrap();
            media.extend((count > 0).then_some((kind, count)));
        }
        let words = |begins: &str| -> Vec<Mention> {
            let mut found = Vec::new();
            for m in &all {
                for word in m.text.split_whitespace().filter(|word| word.starts_with(begins)) {
                    let (conversation, message) = (m.conversation, m.id);
                    found.push(Mention { text: word.to_owned(), conversation, message, at: m.at });
                }
            }
            found
        };
        let contacts = self.contacts.iter().filter(|c| c.phone.as_deref() == Some(peer.as_str()));
        Some(Customer {
            contacts: contacts.cloned().collect(),
            edited: self.edited.clone(),
            links: words("https://"),
            orders: words("INV-"),
            notes: Vec::new(),
            acts: self.acts.clone(),
            media,
            history,
        })
    }
}
