//! Meta's webhook envelope: entries, changes, values, and the claims in them.
//!
//! Invariant: one broken entry, change or item becomes one [`Inbound::Unknown`] or unsupported message and never
//! spoils its neighbours.
//!
//! Source: providers.md section 6.1.

use serde_json::Value;

use super::message::{self, Surroundings};
use super::{fault, status};
use crate::domain::{Direction, Inbound, Kind, Timestamp};

/// Whether a body is an event of Meta's WhatsApp Business API rather than a gateway's own.
pub fn is_envelope(body: &Value) -> bool {
    body.get("object").and_then(Value::as_str) == Some("whatsapp_business_account")
}

/// Everything that an event claims, in its order. `arrival` is when it came.
pub fn interpret(body: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let Some(entries) = body.get("entry").and_then(Value::as_array) else {
        return vec![unknown("event without entry")];
    };
    let claims: Vec<_> = entries.iter().flat_map(|entry| of_entry(entry, arrival)).collect();
    // An empty batch still is an event that came and was understood.
    if claims.is_empty() { vec![Inbound::Nothing { event: "empty batch".to_owned() }] } else { claims }
}

fn of_entry(entry: &Value, arrival: Timestamp) -> Vec<Inbound> {
    match entry.get("changes").and_then(Value::as_array) {
        Some(changes) => changes.iter().flat_map(|change| of_change(change, arrival)).collect(),
        None => vec![unknown("entry without changes")],
    }
}

fn of_change(change: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let Some(value) = change.get("value").filter(|v| v.is_object()) else {
        return vec![unknown("change without value")];
    };
    match change.get("field").and_then(Value::as_str) {
        Some("messages") | None => of_messages(value, arrival),
        Some("smb_message_echoes") => of_echoes(value, arrival),
        // Reviews of templates, alerts of the account, calls: of no consequence for a conversation.
        Some(field) => vec![Inbound::Nothing { event: field.to_owned() }],
    }
}

fn of_messages(value: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let errors = items(value, "errors").unwrap_or_default();
    let around = Surroundings {
        direction: Direction::In,
        contacts: items(value, "contacts").unwrap_or_default(),
        errors,
        arrival,
    };
    let mut claims = Vec::new();
    match items(value, "messages") {
        Ok(messages) => claims.extend(messages.iter().flat_map(|m| message::interpret(m, around))),
        Err(Absence::Missing) => {}
        Err(Absence::NoList) => claims.push(unknown("messages that are no list")),
    }
    match items(value, "statuses") {
        Ok(statuses) => claims.extend(statuses.iter().map(|s| status::interpret(s, arrival))),
        Err(Absence::Missing) => {}
        Err(Absence::NoList) => claims.push(unknown("statuses that are no list")),
    }
    // Errors beside a message whose content is missing were told with it; others concern the account.
    if !claims.iter().any(is_unsupported) {
        claims.extend(errors.iter().map(fault::of_account));
    }
    if claims.is_empty() {
        claims.push(Inbound::Nothing { event: "messages".to_owned() });
    }
    claims
}

fn of_echoes(value: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let contacts = items(value, "contacts").unwrap_or_default();
    let around = Surroundings { direction: Direction::Out, contacts, errors: &[], arrival };
    match items(value, "message_echoes") {
        Ok(echoes) => echoes.iter().flat_map(|echo| message::interpret(echo, around)).collect(),
        Err(_) => vec![unknown("echoes that are no list")],
    }
}

/// Why there are no items.
enum Absence {
    Missing,
    NoList,
}

fn items<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], Absence> {
    match value.get(key) {
        None | Some(Value::Null) => Err(Absence::Missing),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Absence::NoList),
    }
}

fn is_unsupported(claim: &Inbound) -> bool {
    matches!(claim, Inbound::Message(message) if message.kind == Kind::Unsupported)
}

fn unknown(event: &str) -> Inbound {
    Inbound::Unknown { event: event.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::meta::arbitrary;
    use proptest::prelude::*;
    use serde_json::json;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn event(field: &str, value: &Value) -> Value {
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": value, "field": field}]}]})
    }

    fn text(id: &str) -> Value {
        json!({"from": "6281234567890", "id": id, "timestamp": "1709650000", "type": "text", "text": {"body": "Halo"}})
    }

    fn read(body: &Value) -> Vec<Inbound> {
        interpret(body, ARRIVAL)
    }

    #[test]
    fn the_documents_sample_is_one_message() {
        let body = event(
            "messages",
            &json!({"messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "628123456789", "phone_number_id": "987654321"},
                "contacts": [{"profile": {"name": "Budi Santoso"}, "wa_id": "6281234567890"}],
                "messages": [text("wamid.HBgNNjI4M...")]}),
        );
        assert!(is_envelope(&body));
        let claims = read(&body);
        let [Inbound::Message(found)] = claims.as_slice() else { panic!("{claims:?}") };
        assert_eq!(found.name.as_deref(), Some("Budi Santoso"));
        assert_eq!(found.text, "Halo");
    }

    #[test]
    fn several_entries_changes_and_items_are_all_told() {
        let change = json!({"field": "messages", "value": {"messages": [text("a"), text("a")],
            "statuses": [{"id": "b", "status": "read"}, {"id": "c", "status": "sent"}]}});
        let body = json!({"object": "whatsapp_business_account",
            "entry": [{"changes": [change.clone(), change.clone()]}, {"changes": [change]}, 7]});
        assert_eq!(read(&body).len(), 13);
    }

    #[test]
    fn errors_belong_to_the_message_without_content_or_to_the_account() {
        let errors = json!([{"code": 131_000, "title": "Something went wrong"}]);
        let beside = event(
            "messages",
            &json!({"errors": errors, "messages": [{"from": "62", "id": "a", "type": "interactive"}]}),
        );
        assert!(matches!(read(&beside).as_slice(), [Inbound::Message(_)]));
        let alone = event(
            "messages",
            &json!({"errors": [{"code": 0, "title": "We were unable to authenticate the app user"}]}),
        );
        assert!(matches!(read(&alone).as_slice(), [Inbound::Session { .. }]));
    }

    #[test]
    fn other_fields_are_of_no_consequence_and_echoes_go_out() {
        let review = event("message_template_status_update", &json!({"event": "APPROVED"}));
        assert_eq!(read(&review), [Inbound::Nothing { event: "message_template_status_update".into() }]);
        let echo = event(
            "smb_message_echoes",
            &json!({"message_echoes": [{"from": "628", "to": "6281234567890", "id": "e",
            "timestamp": "1709650000", "type": "text", "text": {"body": "Dari HP"}}]}),
        );
        let claims = read(&echo);
        assert!(matches!(claims.as_slice(), [Inbound::Message(m)] if m.direction == Direction::Out), "{claims:?}");
    }

    proptest! {
        #[test]
        fn no_json_makes_it_fall(body in arbitrary::json(), value in arbitrary::json(), field in "messages|smb_message_echoes") {
            read(&body);
            read(&json!({"entry": body}));
            read(&event(&field, &value));
        }

        #[test]
        fn one_broken_item_leaves_the_others(
            count in 1_usize..6, place in 0_usize..6, broken in arbitrary::json(), key in "messages|statuses",
        ) {
            let mut items: Vec<Value> = (0..count)
                .map(|n| if key == "messages" { text(&n.to_string()) } else { json!({"id": n, "status": "read"}) })
                .collect();
            let place = place.min(count);
            items.insert(place, broken);
            let claims = read(&event("messages", &json!({ key.clone(): items })));
            prop_assert_eq!(claims.len(), count + 1);
            let whole = claims.iter().filter(|c| match c {
                Inbound::Message(m) => m.kind == Kind::Text,
                Inbound::Receipt(_) => true,
                _ => false,
            });
            prop_assert!(whole.count() >= count);
        }
    }
}
