//! Meta's webhook envelope: entries, their changes and values, and what those report.
//!
//! Invariant: one broken entry, change or item becomes one [`Inbound::Unknown`] or unsupported message and never
//! spoils its neighbours.
//!
//! Source: providers.md section 6.1.

use super::message::{self, EventContext};
use super::{account, calls, error, history, people, status};
use crate::domain::{Direction, Inbound, Kind, Timestamp};
use crate::providers::common::message::{nothing, unknown};
use serde_json::Value;

/// Fields of which nothing follows for a conversation or the account's health: reviews of templates and names, settings
/// that somebody changed in Meta's own pages.
const INCONSEQUENTIAL: &[&str] = &[
    "account_review_update",
    "account_settings_update",
    "automatic_events",
    "business_capability_update",
    "business_status_update",
    "flows",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "security",
    "template_category_update",
    "template_correct_category_detection",
    "tracking_events",
];

/// Whether a body is an event of Meta's WhatsApp Business API rather than a gateway's own.
pub(crate) fn is_envelope(body: &Value) -> bool {
    body.get("object").and_then(Value::as_str) == Some("whatsapp_business_account")
}

/// Everything that an event reports, in its order. `arrival` is when it came.
pub(crate) fn interpret(body: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let Some(entries) = list(body, "entry") else { return vec![unknown("event without entry")] };
    let inbound: Vec<_> = entries.iter().flat_map(|entry| entry_inbound(entry, arrival)).collect();
    // An empty batch still is an event that came and was understood.
    if inbound.is_empty() { vec![nothing("empty batch")] } else { inbound }
}

fn entry_inbound(entry: &Value, arrival: Timestamp) -> Vec<Inbound> {
    match list(entry, "changes") {
        Some(changes) => changes.iter().flat_map(|change| change_inbound(change, arrival)).collect(),
        None => vec![unknown("entry without changes")],
    }
}

fn change_inbound(change: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let Some(value) = change.get("value").filter(|v| v.is_object()) else {
        return vec![unknown("change without value")];
    };
    match change.get("field").and_then(Value::as_str) {
        Some("messages") | None => messages_inbound(value, arrival),
        Some("smb_message_echoes" | "message_echoes") => echoes_inbound(value, arrival),
        Some("calls") => calls_inbound(value, arrival),
        Some("history") => history::interpret(value, arrival),
        Some(field @ "user_preferences") => {
            let contacts = list(value, "contacts").unwrap_or_default();
            found(items(value, field, |item| people::preference(item, contacts, arrival)), field)
        }
        Some(field @ "smb_app_state_sync") => {
            found(items(value, "state_sync", |item| vec![people::contact_name(item)]), field)
        }
        Some(field) => match account::interpret(field, value) {
            Some(report) => vec![report],
            None if INCONSEQUENTIAL.contains(&field) => vec![nothing(field)],
            None => vec![unknown(field)],
        },
    }
}

/// What a change reports; an empty one was understood.
fn found(inbound: Vec<Inbound>, field: &str) -> Vec<Inbound> {
    if inbound.is_empty() { vec![nothing(field)] } else { inbound }
}

fn calls_inbound(value: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let contacts = list(value, "contacts").unwrap_or_default();
    let inbound = items(value, "calls", |call| vec![calls::interpret(call, contacts, arrival)]);
    // The statuses of our own calls are of no consequence.
    found(inbound, "calls")
}

fn messages_inbound(value: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let errors = list(value, "errors").unwrap_or_default();
    let contacts = list(value, "contacts").unwrap_or_default();
    let context = EventContext { direction: Direction::In, contacts, errors, arrival };
    let mut inbound = items(value, "messages", |item| message::interpret(item, context));
    inbound.extend(items(value, "statuses", |item| vec![status::interpret(item, arrival)]));
    // Errors beside a message whose content is missing are in its payload; others concern the account.
    if !inbound.iter().any(is_unsupported) {
        inbound.extend(errors.iter().map(error::account_state));
    }
    if inbound.is_empty() {
        inbound.push(nothing("messages"));
    }
    inbound
}

fn echoes_inbound(value: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let contacts = list(value, "contacts").unwrap_or_default();
    let context = EventContext { direction: Direction::Out, contacts, errors: &[], arrival };
    match list(value, "message_echoes") {
        Some(echoes) => echoes.iter().flat_map(|echo| message::interpret(echo, context)).collect(),
        None => vec![unknown("echoes that are no list")],
    }
}

fn list<'a>(value: &'a Value, key: &str) -> Option<&'a [Value]> {
    value.get(key)?.as_array().map(Vec::as_slice)
}

/// What the items of a list report. The list may be absent or null.
fn items(value: &Value, key: &str, interpret: impl Fn(&Value) -> Vec<Inbound>) -> Vec<Inbound> {
    match value.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().flat_map(interpret).collect(),
        Some(_) => vec![unknown(&format!("{key} that are no list"))],
    }
}

fn is_unsupported(inbound: &Inbound) -> bool {
    matches!(inbound, Inbound::Message(message) if message.kind == Kind::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::sample;
    use proptest::prelude::*;
    use serde_json::json;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn event(field: &str, value: &Value) -> Value {
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": value, "field": field}]}]})
    }

    fn text(id: &str) -> Value {
        json!({"from": "6281234567890", "id": id, "timestamp": "1709650000", "type": "text", "text": {"body": "Halo"}})
    }

    fn interpreted(body: &Value) -> Vec<Inbound> {
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
        let inbound = interpreted(&body);
        let [Inbound::Message(found)] = inbound.as_slice() else { panic!("{inbound:?}") };
        assert_eq!(found.name.as_deref(), Some("Budi Santoso"));
        assert_eq!(found.text, "Halo");
    }

    #[test]
    fn every_item_of_every_entry_and_change_is_reported() {
        let change = json!({"field": "messages", "value": {"messages": [text("a"), text("a")],
            "statuses": [{"id": "b", "status": "read"}, {"id": "c", "status": "sent"}]}});
        let body = json!({"object": "whatsapp_business_account",
            "entry": [{"changes": [change.clone(), change.clone()]}, {"changes": [change]}, 7]});
        assert_eq!(interpreted(&body).len(), 13);
    }

    #[test]
    fn errors_belong_to_the_message_without_content_or_to_the_account() {
        let errors = json!([{"code": 131_000, "title": "Something went wrong"}]);
        let beside = event(
            "messages",
            &json!({"errors": errors, "messages": [{"from": "62", "id": "a", "type": "interactive"}]}),
        );
        assert!(matches!(interpreted(&beside).as_slice(), [Inbound::Message(_)]));
        let alone = event(
            "messages",
            &json!({"errors": [{"code": 0, "title": "We were unable to authenticate the app user"}]}),
        );
        assert!(matches!(interpreted(&alone).as_slice(), [Inbound::Session { .. }]));
    }

    #[test]
    fn other_fields_are_ignored_and_echoes_are_outbound() {
        let review = event("message_template_status_update", &json!({"event": "APPROVED"}));
        assert_eq!(interpreted(&review), [Inbound::Nothing { event: "message_template_status_update".into() }]);
        let echo = event(
            "smb_message_echoes",
            &json!({"message_echoes": [{"from": "628", "to": "6281234567890", "id": "e",
            "timestamp": "1709650000", "type": "text", "text": {"body": "Dari HP"}}]}),
        );
        let inbound = interpreted(&echo);
        assert!(matches!(inbound.as_slice(), [Inbound::Message(m)] if m.direction == Direction::Out), "{inbound:?}");
    }

    proptest! {
        #[test]
        fn arbitrary_json_never_panics(body in sample::json(), value in sample::json(), field in "messages|smb_message_echoes") {
            interpreted(&body);
            interpreted(&json!({"entry": body}));
            interpreted(&event(&field, &value));
        }

        #[test]
        fn one_broken_item_leaves_the_others(
            count in 1_usize..6, index in 0_usize..6, broken in sample::json(), key in "messages|statuses",
        ) {
            let mut items: Vec<Value> = (0..count)
                .map(|n| if key == "messages" { text(&n.to_string()) } else { json!({"id": n, "status": "read"}) })
                .collect();
            let index = index.min(count);
            items.insert(index, broken);
            let inbound = interpreted(&event("messages", &json!({ key.clone(): items })));
            prop_assert_eq!(inbound.len(), count + 1);
            let whole = inbound.iter().filter(|c| match c {
                Inbound::Message(m) => m.kind == Kind::Text,
                Inbound::Receipt(_) => true,
                _ => false,
            });
            prop_assert!(whole.count() >= count);
        }
    }
}
