//! The person that a Meta event is about, known by a phone number, a business-scoped id, or both.
//!
//! Invariant: an id need not be digits, and an id with letters never becomes a phone number.
//!
//! Source: providers.md sections 6.1 and 6.3.

use serde_json::Value;

use crate::domain::inbound::Peer;
use crate::providers::common::json::scalar;

/// The names of the fields in which a message carries its ids.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    phone: &'static str,
    user: &'static str,
    parent: &'static str,
}

/// The fields that name the sender.
pub(super) const SENDER: Fields = Fields { phone: "from", user: "from_user_id", parent: "from_parent_user_id" };
/// The fields that name the recipient of an echoed message.
pub(super) const RECIPIENT: Fields = Fields { phone: "to", user: "to_user_id", parent: "to_parent_user_id" };

/// A person as an event names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) peer: Peer,
    /// From `contacts[]`; foreign text.
    pub(super) name: Option<String>,
}

/// The person that a message is from or to, completed from the event's `contacts[]`; `None` when no id is given.
///
/// The best id is the phone number where one is known, for every later event of a person with a number has it,
/// else the business-scoped user id, else the parent id. The others become aliases.
pub(super) fn of_message(message: &Value, contacts: &[Value], fields: Fields) -> Option<Identity> {
    let phone = text_field(message, fields.phone);
    let user = text_field(message, fields.user);
    let parent = text_field(message, fields.parent);
    let contact = find_contact(contacts, &[phone.as_deref(), user.as_deref()]);
    let from_contact = |key: &str| contact.and_then(|c| text_field(c, key));
    let mut ids: Vec<String> = Vec::new();
    let candidates =
        [phone, from_contact("wa_id"), user, from_contact("user_id"), parent, from_contact("parent_user_id")];
    for id in candidates.into_iter().flatten() {
        let id = plain(&id);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    // The sort is stable: numbers first, otherwise the order above.
    ids.sort_by_key(|id| !is_phone_number(id));
    let mut ids = ids.into_iter();
    let peer = Peer { id: ids.next()?, group: false, aliases: ids.collect() };
    Some(Identity { peer, name: contact.and_then(contact_name) })
}

/// The contact whose number or user id is one of `ids`; for a message without ids, the only contact.
fn find_contact<'a>(contacts: &'a [Value], ids: &[Option<&str>]) -> Option<&'a Value> {
    let wanted: Vec<String> = ids.iter().flatten().map(|id| plain(id)).collect();
    if wanted.is_empty() {
        return if let [only] = contacts { Some(only) } else { None };
    }
    contacts.iter().find(|contact| {
        ["wa_id", "user_id"]
            .into_iter()
            .filter_map(|key| text_field(contact, key))
            .any(|id| wanted.contains(&plain(&id)))
    })
}

fn contact_name(contact: &Value) -> Option<String> {
    ["/profile/name", "/profile/username"].into_iter().find_map(|path| scalar(contact.pointer(path)?))
}

fn text_field(value: &Value, key: &str) -> Option<String> {
    scalar(value.get(key)?)
}

/// Whether an id is a phone number: digits only. Meta writes numbers with their country code.
fn is_phone_number(id: &str) -> bool {
    (5..=15).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// A phone number without the `+`, spaces and dashes with which people write it; other ids as they are.
pub(super) fn plain(id: &str) -> String {
    let id = id.trim();
    let digits: String = id.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')')).collect();
    if is_phone_number(&digits) { digits } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sender(message: &Value, contacts: &Value) -> Option<Identity> {
        of_message(message, contacts.as_array().map_or(&[], Vec::as_slice), SENDER)
    }

    #[test]
    fn a_number_is_the_best_id_and_the_others_are_aliases() {
        let contacts = json!([
            {"profile": {"name": "Lain"}, "wa_id": "628999"},
            {"profile": {"name": "Budi"}, "wa_id": "6281234567890", "user_id": "ID.1", "parent_user_id": "ID.ENT.2"},
        ]);
        let found = sender(&json!({"from": "+62 812-3456-7890"}), &contacts).unwrap();
        assert_eq!(found.peer.id, "6281234567890");
        assert_eq!(found.peer.aliases, ["ID.1", "ID.ENT.2"]);
        assert_eq!(found.name.as_deref(), Some("Budi"));
        // Known by user id only in the message, by both in contacts.
        assert_eq!(sender(&json!({"from_user_id": "ID.1"}), &contacts).unwrap().peer.id, "6281234567890");
    }

    #[test]
    fn a_person_without_a_number_keeps_the_user_id() {
        let contacts =
            json!([{"profile": {"name": "Sheena", "username": "@s"}, "user_id": "US.13", "parent_user_id": "US.11"}]);
        let found = sender(&json!({"from_user_id": "US.13", "from_parent_user_id": "US.11"}), &contacts).unwrap();
        assert_eq!((found.peer.id.as_str(), found.peer.aliases), ("US.13", vec!["US.11".to_owned()]));
        let inside_from = json!([{"profile": {"name": "Kerry"}, "wa_id": "US.1234", "user_id": "US.1234"}]);
        let found = sender(&json!({"from": "US.1234", "from_user_id": "US.1234"}), &inside_from).unwrap();
        assert_eq!((found.peer, found.name), (Peer::person("US.1234"), Some("Kerry".to_owned())));
    }

    #[test]
    fn no_identity_is_guessed() {
        assert_eq!(sender(&json!({}), &json!([])), None);
        let two = json!([{"wa_id": "6281"}, {"wa_id": "6282"}]);
        assert_eq!(sender(&json!({}), &two), None);
        assert_eq!(sender(&json!({"from": "628123456"}), &two).unwrap().name, None);
        // A foreign number that begins like a local one stays what it is.
        assert_eq!(sender(&json!({"from": "819012345678"}), &json!([])).unwrap().peer.id, "819012345678");
    }
}
