//! Interprets one item of `messages[]` or `message_echoes[]`.
//!
//! Invariant: an item that cannot be read never affects another; it stays visible, as an unsupported message
//! when its author is known and as [`Inbound::Unknown`] when not.
//!
//! Source: providers.md sections 6.2 and 6.3.

use serde_json::{Map, Value};
use std::iter;

use super::body;
use super::identity::{self, Identity};
use crate::domain::inbound::{InboundMessage, Peer, Writer};
use crate::domain::{Channel, Direction, Inbound, Kind, Timestamp};
use crate::providers::common::body::Body;
use crate::providers::common::json::scalar;

/// What the event of a message holds beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventContext<'a> {
    /// `In`, or `Out` for echoes of what was sent elsewhere.
    pub(super) direction: Direction,
    /// `value.contacts[]`, which name who wrote.
    pub(super) contacts: &'a [Value],
    /// `value.errors[]`, which belong to messages whose content is missing.
    pub(super) errors: &'a [Value],
    /// When the event came.
    pub(super) arrival: Timestamp,
}

/// What one item reports: one thing, or two when the customer changed number.
pub(super) fn interpret(message: &Value, context: EventContext<'_>) -> Vec<Inbound> {
    let kind = match body::type_of(message) {
        Some(kind) => kind,
        // A message is a row even if nothing of it can be read; an object without an id is no message.
        None if message.get("id").and_then(scalar).is_some() => "without type",
        None => return vec![Inbound::Unknown { event: "message without type".to_owned() }],
    };
    match kind {
        "edit" => vec![edit(message, context)],
        "revoke" => vec![revoke(message, context)],
        _ => {
            let Some(author) = author(message, context) else {
                return vec![Inbound::Unknown { event: format!("message {kind} without sender") }];
            };
            let change = number_change(message, &author.peer);
            let message = Inbound::Message(Box::new(inbound_message(message, author, context)));
            iter::once(message).chain(change).collect()
        }
    }
}

fn author(message: &Value, context: EventContext<'_>) -> Option<Identity> {
    let fields = match context.direction {
        Direction::In => identity::SENDER,
        Direction::Out | Direction::Internal => identity::RECIPIENT,
    };
    identity::of_message(message, context.contacts, fields).or_else(|| {
        // A change of the user id has no sender; it is about the person with the old id.
        let old = message.pointer("/system/previous_user_id").and_then(scalar)?;
        Some(Identity { peer: Peer::person(old), name: None })
    })
}

fn inbound_message(message: &Value, author: Identity, context: EventContext<'_>) -> InboundMessage {
    let body = body::read(message).unwrap_or_else(|| unsupported(message, context.errors));
    let mut payload = if let Some(Value::Object(payload)) = body.payload { payload } else { Map::new() };
    payload.extend(references(message));
    let remote_id = message.get("id").and_then(scalar);
    let group = message.get("group_id").and_then(scalar);
    let (peer, name, member) = match group {
        Some(group) => {
            let member =
                (context.direction == Direction::In).then(|| (author.peer.id, author.name.unwrap_or_default()));
            (Peer::group(group), None, member)
        }
        None => (author.peer, author.name, None),
    };
    InboundMessage {
        channel: Some(Channel::WhatsApp),
        direction: context.direction,
        name,
        member,
        unique: remote_id.is_some(),
        remote_id,
        kind: body.kind,
        media: body.media,
        payload: (!payload.is_empty()).then_some(Value::Object(payload)),
        at: message.get("timestamp").and_then(|t| Timestamp::from_gateway(t, context.arrival)),
        ..InboundMessage::text(peer, body.text)
    }
}

fn unsupported(message: &Value, errors: &[Value]) -> Body {
    let mut payload = message.as_object().cloned().unwrap_or_default();
    if !errors.is_empty() && !payload.contains_key("errors") {
        payload.insert("errors".to_owned(), Value::from(errors.to_vec()));
    }
    Body { kind: Kind::Unsupported, text: String::new(), media: None, payload: Some(Value::Object(payload)) }
}

/// The payload that any kind of message may have: what it replies to, whether it was forwarded, the product or
/// advertisement that it refers to, and its errors.
fn references(message: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    if let Some(context) = message.get("context") {
        if let Some(id) = context.get("id").and_then(scalar) {
            found.insert("reply_to".to_owned(), Value::String(id));
        }
        if ["forwarded", "frequently_forwarded"].iter().any(|key| context.get(key) == Some(&Value::Bool(true))) {
            found.insert("forwarded".to_owned(), Value::Bool(true));
        }
        if let Some(product) = context.get("referred_product").filter(|p| p.is_object()) {
            found.insert("product".to_owned(), product.clone());
        }
    }
    if let Some(referral) = message.get("referral").filter(|r| r.is_object()) {
        found.insert("referral".to_owned(), referral.clone());
    }
    if let Some(errors) = message.get("errors").filter(|e| e.as_array().is_some_and(|list| !list.is_empty())) {
        found.insert("errors".to_owned(), errors.clone());
    }
    found
}

fn number_change(message: &Value, from: &Peer) -> Option<Inbound> {
    let system = message.get("system")?;
    let keys: &[&str] = match system.get("type").and_then(Value::as_str)? {
        // `customer_changed_number` and `new_wa_id` are how earlier versions of the API wrote it.
        "user_changed_number" | "customer_changed_number" => &["wa_id", "new_wa_id"],
        "user_changed_user_id" => &["user_id"],
        _ => return None,
    };
    let id = identity::plain(&keys.iter().find_map(|key| scalar(system.get(key)?))?);
    let mut to = Peer::person(id);
    if let Some(user) = system.get("user_id").and_then(scalar).filter(|user| *user != to.id) {
        to.aliases.push(user);
    }
    (to.id != from.id).then(|| Inbound::Moved { channel: Some(Channel::WhatsApp), from: from.clone(), to })
}

/// Who edits or revokes. The sender may be missing (6.3); then `contacts[]` names them.
fn writer(message: &Value, context: EventContext<'_>) -> Option<Writer> {
    let author = author(message, context)?;
    let group = message.get("group_id").and_then(scalar);
    let member = group.is_some() && context.direction == Direction::In;
    Some(Writer {
        channel: Some(Channel::WhatsApp),
        direction: Some(context.direction),
        member: member.then(|| author.peer.id.clone()),
        peer: group.map_or(author.peer, Peer::group),
    })
}

fn edit(message: &Value, context: EventContext<'_>) -> Inbound {
    let id = message.pointer("/edit/original_message_id").and_then(scalar);
    let body = message.pointer("/edit/message").and_then(body::read);
    match (id, body, writer(message, context)) {
        (Some(remote_id), Some(body), Some(by)) => Inbound::Edited { remote_id, text: body.text, by },
        _ => Inbound::Unknown { event: "edit without original, text or sender".to_owned() },
    }
}

fn revoke(message: &Value, context: EventContext<'_>) -> Inbound {
    let id = message.pointer("/revoke/original_message_id").and_then(scalar);
    match (id, writer(message, context)) {
        (Some(remote_id), Some(by)) => Inbound::Revoked { remote_id, by },
        _ => Inbound::Unknown { event: "revoke without original or sender".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn interpreted(message: &Value, direction: Direction) -> Vec<Inbound> {
        let contacts = [json!({"profile": {"name": "Budi"}, "wa_id": "6281234567890", "user_id": "ID.1"})];
        let errors = [json!({"code": 131_000, "title": "Something went wrong"})];
        interpret(message, EventContext { direction, contacts: &contacts, errors: &errors, arrival: ARRIVAL })
    }

    fn single(message: &Value) -> InboundMessage {
        match interpreted(message, Direction::In).as_slice() {
            [Inbound::Message(found)] => *found.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_has_author_time_id_and_references() {
        let found =
            single(&json!({"from": "6281234567890", "id": "wamid.a", "timestamp": "1709650000", "type": "text",
            "text": {"body": "Halo"}, "context": {"from": "62", "id": "wamid.z", "frequently_forwarded": true},
            "referral": {"source_id": "AD"}}));
        assert_eq!(found.peer, Peer { id: "6281234567890".into(), group: false, aliases: vec!["ID.1".into()] });
        assert_eq!(found.name.as_deref(), Some("Budi"));
        assert_eq!(found.remote_id.as_deref(), Some("wamid.a"));
        assert!(found.unique);
        assert_eq!(found.at, Some(Timestamp::from_seconds(1_709_650_000)));
        let expected = json!({"reply_to": "wamid.z", "forwarded": true, "referral": {"source_id": "AD"}});
        assert_eq!(found.payload, Some(expected));
    }

    #[test]
    fn a_group_message_names_the_group_and_its_writer() {
        let found = single(&json!({"from": "6281234567890", "group_id": "G1", "id": "wamid.a", "type": "text",
            "text": {"body": "Halo"}}));
        assert_eq!(found.peer, Peer::group("G1"));
        assert_eq!(found.member, Some(("6281234567890".into(), "Budi".into())));
        assert_eq!(found.name, None);
    }

    #[test]
    fn missing_content_is_unsupported_and_keeps_the_whole_item() {
        let message = json!({"from": "6281234567890", "id": "wamid.a", "type": "interactive"});
        let found = single(&message);
        assert_eq!(found.kind, Kind::Unsupported);
        let payload = found.payload.unwrap();
        assert_eq!(payload["type"], "interactive");
        assert_eq!(payload["errors"][0]["code"], 131_000);
        let poll = json!({"from": "6281234567890", "id": "wamid.a", "type": "unsupported",
            "errors": [{"code": 131_051}], "unsupported": {"type": "poll_creation"}});
        assert_eq!(single(&poll).payload, Some(poll));
    }

    #[test]
    fn an_echo_belongs_to_its_recipient() {
        let echo =
            json!({"from": "628999", "to": "6281234567890", "id": "wamid.a", "type": "text", "text": {"body": "Ya"}});
        let found = interpreted(&echo, Direction::Out);
        let [Inbound::Message(found)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((found.direction, found.peer.id.as_str()), (Direction::Out, "6281234567890"));
    }

    #[test]
    fn a_changed_number_moves_the_person() {
        let message = json!({"from": "6281234567890", "id": "wamid.s", "type": "system",
            "system": {"body": "User A changed", "wa_id": "628999000111", "type": "user_changed_number"}});
        let found = interpreted(&message, Direction::In);
        let [Inbound::Message(notice), Inbound::Moved { from, to, .. }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((notice.kind, notice.text.as_str()), (Kind::System, "User A changed"));
        assert_eq!((from.id.as_str(), to.id.as_str()), ("6281234567890", "628999000111"));
        let by_user_id = json!({"id": "wamid.s", "type": "system", "system": {"body": "b", "user_id": "MX.2",
            "previous_user_id": "CO.1", "type": "user_changed_user_id"}});
        let context = EventContext { direction: Direction::In, contacts: &[], errors: &[], arrival: ARRIVAL };
        let found = interpret(&by_user_id, context);
        let [Inbound::Message(_), Inbound::Moved { from, to, .. }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((from.id.as_str(), to.id.as_str()), ("CO.1", "MX.2"));
    }

    #[test]
    fn edits_and_revocations_name_the_original() {
        let by = Writer {
            channel: Some(Channel::WhatsApp),
            peer: Peer { aliases: vec!["ID.1".into()], ..Peer::person("6281234567890") },
            direction: Some(Direction::In),
            member: None,
        };
        let edited = json!({"from": "6281234567890", "id": "wamid.y", "type": "edit", "edit": {"original_message_id": "wamid.z",
            "message": {"type": "image", "image": {"id": "1", "caption": "baru"}}}});
        assert_eq!(
            interpreted(&edited, Direction::In),
            [Inbound::Edited { remote_id: "wamid.z".into(), text: "baru".into(), by: by.clone() }]
        );
        let revoked = json!({"from": "6281234567890", "id": "wamid.y", "type": "revoke", "revoke": {"original_message_id": "wamid.z"}});
        assert_eq!(interpreted(&revoked, Direction::In), [Inbound::Revoked { remote_id: "wamid.z".into(), by }]);
        for broken in [json!({"type": "edit"}), json!({"type": "revoke", "revoke": 1})] {
            assert!(matches!(interpreted(&broken, Direction::In).as_slice(), [Inbound::Unknown { .. }]));
        }
    }
}
