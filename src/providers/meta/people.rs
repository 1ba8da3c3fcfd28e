//! The fields about people: `user_preferences` and `smb_app_state_sync`.
//!
//! Source: the pages of those names below developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/.

use serde_json::{Value, json};

use super::identity;
use crate::domain::inbound::{InboundMessage, Peer};
use crate::domain::{Channel, Inbound, Kind, Timestamp};
use crate::providers::common::json::{first_text, first_text_at};
use crate::providers::common::message::{nothing, unknown};

/// What one item of `user_preferences[]` reports: a notice in the conversation, and the preference itself.
pub(super) fn preference(item: &Value, contacts: &[Value], arrival: Timestamp) -> Vec<Inbound> {
    let Some(id) = first_text(item, &["wa_id", "user_id"]) else { return vec![unknown("preference of nobody")] };
    let category = first_text(item, &["category"]).unwrap_or_default();
    let event = match (category.as_str(), first_text(item, &["value"]).as_deref()) {
        ("marketing_messages", Some("stop")) => "marketing_stopped",
        ("marketing_messages", Some("resume")) => "marketing_resumed",
        (category, value) => return vec![unknown(&format!("preference {category} {}", value.unwrap_or_default()))],
    };
    let sender = json!({"from": id});
    let Some(identity) = identity::of_message(&sender, contacts, identity::SENDER) else {
        return vec![unknown("preference of nobody")];
    };
    let notice = InboundMessage {
        channel: Some(Channel::WhatsApp),
        name: identity.name,
        kind: Kind::System,
        payload: Some(json!({"event": event})),
        at: item.get("timestamp").and_then(|t| Timestamp::from_gateway(t, arrival)),
        ..InboundMessage::text(identity.peer.clone(), first_text(item, &["detail"]).unwrap_or_default())
    };
    let stopped = event == "marketing_stopped";
    let preference = Inbound::Marketing { channel: Some(Channel::WhatsApp), peer: identity.peer, stopped };
    vec![Inbound::Message(Box::new(notice)), preference]
}

/// What one item of `state_sync[]` reports: the name that a person has in the phone's address book.
pub(super) fn contact_name(item: &Value) -> Inbound {
    let contact = item.get("contact").filter(|contact| contact.is_object());
    let (Some("contact"), Some(contact)) = (item.get("type").and_then(Value::as_str), contact) else {
        return unknown("state_sync");
    };
    if item.get("action").and_then(Value::as_str) == Some("remove") {
        return nothing("contact removed on the phone");
    }
    let name = first_text_at(contact, &["/full_name", "/first_name"]);
    let ids: Vec<String> = ["phone_number", "user_id"]
        .iter()
        .filter_map(|key| first_text(contact, &[key]))
        .map(|id| identity::plain(&id))
        .collect();
    match (name, ids.split_first()) {
        (Some(name), Some((id, aliases))) => {
            let peer = Peer { id: id.clone(), group: false, aliases: aliases.to_vec() };
            Inbound::Named { channel: Some(Channel::WhatsApp), peer, name }
        }
        _ => nothing("contact without name or number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn a_stopped_and_a_resumed_preference_are_a_notice_and_a_fact() {
        let contacts = [json!({"profile": {"name": "Budi"}, "wa_id": "6281234567890"})];
        for (value, stops) in [("stop", true), ("resume", false)] {
            let item = json!({"wa_id": "6281234567890", "detail": "User requested it", "category": "marketing_messages",
                "value": value, "timestamp": 1_731_705_721});
            let found = preference(&item, &contacts, ARRIVAL);
            let [Inbound::Message(notice), Inbound::Marketing { peer, stopped, .. }] = found.as_slice() else {
                panic!("{found:?}")
            };
            assert_eq!((notice.kind, notice.name.as_deref()), (Kind::System, Some("Budi")));
            assert_eq!((peer.id.as_str(), *stopped), ("6281234567890", stops));
        }
        for broken in [json!({}), json!(7), json!({"wa_id": "62812345", "category": "x", "value": "y"})] {
            assert!(matches!(preference(&broken, &[], ARRIVAL).as_slice(), [Inbound::Unknown { .. }]), "{broken}");
        }
    }

    #[test]
    fn names_of_the_phones_address_book_are_read() {
        let item = |action: &str| {
            json!({"type": "contact", "action": action, "contact": {"full_name": "Pablo Morales", "first_name": "Pablo",
                "phone_number": "+62 812-3456-7890"}, "metadata": {"timestamp": "1738346006"}})
        };
        let Inbound::Named { peer, name, .. } = contact_name(&item("add")) else { panic!() };
        assert_eq!((peer.id.as_str(), name.as_str()), ("6281234567890", "Pablo Morales"));
        assert!(matches!(contact_name(&item("remove")), Inbound::Nothing { .. }));
        assert!(matches!(contact_name(&json!({"type": "label"})), Inbound::Unknown { .. }));
    }
}
