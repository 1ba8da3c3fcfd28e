//! Writes Meta's events for simulated gateways: the mirror of [`super::envelope::interpret`].
//!
//! Invariant: what Meta's documents have no event for is not written.
//!
//! Source: providers.md sections 6.1, 6.2 and 6.4.
use crate::domain::inbound::{InboundMessage, Peer, Receipt, Writer};
use crate::domain::{Direction, Inbound, Kind, Timestamp};
use crate::providers::common::simulation::receipt_status;
use serde_json::{Map, Value, json};

/// The body of the event that reports `inbound`. `number_id` is the id of the business's phone number; `serial`
/// makes message ids unique.
pub(crate) fn body(inbound: &Inbound, number_id: &str, now: Timestamp, serial: u64) -> Option<Value> {
    let wamid = format!("wamid.SIM{serial:012}");
    let timestamp = |at: Option<Timestamp>| Value::String(at.unwrap_or(now).seconds().to_string());
    let (field, mut value) = match inbound {
        Inbound::Message(message) => {
            let item = item(message, &wamid, &timestamp(message.at))?;
            match message.direction {
                Direction::In => ("messages", json!({"contacts": [contact(message)], "messages": [item]})),
                Direction::Internal => return None,
                Direction::Out => ("smb_message_echoes", json!({"message_echoes": [item]})),
            }
        }
        Inbound::Receipt(receipt) => ("messages", json!({"statuses": [status(receipt, &timestamp(receipt.at))?]})),
        Inbound::Edited { remote_id, text, by } => {
            let edit = json!({"original_message_id": remote_id, "message": {"type": "text", "text": {"body": text}}});
            let item = json!({"id": wamid, "timestamp": timestamp(None), "type": "edit", "edit": edit});
            revision(item, by)
        }
        Inbound::Revoked { remote_id, by } => {
            let revoke = json!({"original_message_id": remote_id});
            let item = json!({"id": wamid, "timestamp": timestamp(None), "type": "revoke", "revoke": revoke});
            revision(item, by)
        }
        Inbound::Moved { from, to, .. } => {
            let text = format!("User changed from {} to {}", from.id, to.id);
            let system = json!({"body": text, "wa_id": to.id, "type": "user_changed_number"});
            let item =
                json!({"from": from.id, "id": wamid, "timestamp": timestamp(None), "type": "system", "system": system});
            ("messages", json!({"messages": [item]}))
        }
        Inbound::Marketing { .. }
        | Inbound::Notice(_)
        | Inbound::Named { .. }
        | Inbound::Session { .. }
        | Inbound::Nothing { .. }
        | Inbound::Unknown { .. } => {
            return None;
        }
    };
    let mut full_value = json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "628123456789", "phone_number_id": number_id}});
    if let (Some(full_value), Some(value)) = (full_value.as_object_mut(), value.as_object_mut()) {
        full_value.append(value);
    }
    Some(json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1234567890", "changes": [{"value": full_value, "field": field}]}]}))
}

/// An edit or a revocation, with its author.
fn revision(mut item: Value, by: &Writer) -> (&'static str, Value) {
    let author = by.member.as_ref().unwrap_or(&by.peer.id);
    if by.peer.group {
        item["group_id"] = json!(by.peer.id);
    }
    if by.direction == Some(Direction::Out) {
        item["to"] = json!(author);
        return ("smb_message_echoes", json!({"message_echoes": [item]}));
    }
    item["from"] = json!(author);
    ("messages", json!({"messages": [item]}))
}

/// The sender, or the recipient of an echo; in a group the member.
fn person(message: &InboundMessage) -> Peer {
    match &message.member {
        Some((id, _)) => Peer::person(id.clone()),
        None => message.peer.clone(),
    }
}

fn contact(message: &InboundMessage) -> Value {
    let name = message.member.as_ref().map(|(_, name)| name.clone()).or_else(|| message.name.clone());
    let person = person(message);
    let mut contact = Map::new();
    contact.insert("profile".to_owned(), json!({"name": name.unwrap_or_default()}));
    let mut keys = ["user_id", "parent_user_id"].into_iter();
    for id in std::iter::once(person.id).chain(person.aliases) {
        if id.bytes().all(|b| b.is_ascii_digit()) {
            contact.insert("wa_id".to_owned(), json!(id));
        } else if let Some(key) = keys.next() {
            contact.insert(key.to_owned(), json!(id));
        }
    }
    Value::Object(contact)
}

fn item(message: &InboundMessage, wamid: &str, timestamp: &Value) -> Option<Value> {
    let (kind, part) = part(message)?;
    let mut item = Map::new();
    let key = if message.direction == Direction::In { "from" } else { "to" };
    if let Some(context) = context(message) {
        item.insert("context".to_owned(), context);
    }
    item.insert(key.to_owned(), json!(person(message).id));
    if message.peer.group {
        item.insert("group_id".to_owned(), json!(message.peer.id));
    }
    item.insert("id".to_owned(), json!(message.remote_id.as_deref().unwrap_or(wamid)));
    item.insert("timestamp".to_owned(), timestamp.clone());
    item.insert(kind.to_owned(), part);
    item.insert("type".to_owned(), json!(kind));
    for key in ["referral", "errors"] {
        if let Some(value) = from_payload(message, key) {
            item.entry(key).or_insert(value);
        }
    }
    Some(Value::Object(item))
}

fn context(message: &InboundMessage) -> Option<Value> {
    let mut context = Map::new();
    if let Some(id) = from_payload(message, "reply_to") {
        context.insert("id".to_owned(), id);
    }
    if let Some(forwarded) = from_payload(message, "forwarded") {
        context.insert("forwarded".to_owned(), forwarded);
    }
    (!context.is_empty()).then_some(Value::Object(context))
}

/// The message's type and the part under the key of that name.
fn part(message: &InboundMessage) -> Option<(&'static str, Value)> {
    let own = |key: &str| from_payload(message, key);
    Some(match message.kind {
        Kind::Text => ("text", json!({"body": message.text})),
        Kind::Image => ("image", media(message)),
        Kind::Video => ("video", media(message)),
        Kind::Audio => ("audio", media(message)),
        Kind::Document => ("document", media(message)),
        Kind::Sticker => ("sticker", media(message)),
        Kind::Location => {
            let degrees = |key: &str| own(key)?.as_str()?.parse::<f64>().ok();
            let mut location = json!({"latitude": degrees("latitude")?, "longitude": degrees("longitude")?});
            for key in ["name", "address", "url"] {
                if let (Some(map), Some(text)) = (location.as_object_mut(), own(key)) {
                    map.insert(key.to_owned(), text);
                }
            }
            ("location", location)
        }
        Kind::Contacts => {
            let cards = own("contacts")?;
            ("contacts", cards.as_array()?.iter().map(card).collect())
        }
        Kind::Choice => {
            let reply = json!({"id": own("id")?, "title": own("title")?});
            ("interactive", json!({"type": "button_reply", "button_reply": reply}))
        }
        Kind::Form => {
            let answers = own("response")?.to_string();
            let reply = json!({"name": own("id")?, "body": own("title")?, "response_json": answers});
            ("interactive", json!({"type": "nfm_reply", "nfm_reply": reply}))
        }
        Kind::Reaction => ("reaction", json!({"message_id": own("message")?, "emoji": own("emoji")?})),
        Kind::Order => ("order", message.payload.clone()?),
        Kind::System => {
            let change = own("type").unwrap_or_else(|| json!("customer_identity_changed"));
            ("system", json!({"body": message.text, "type": change}))
        }
        Kind::Unsupported => ("unsupported", own("unsupported").unwrap_or_else(|| json!({"type": "unknown"}))),
        // Only a business can send these; calls come under a field of their own.
        Kind::Buttons | Kind::List | Kind::Template | Kind::Call | Kind::Note => return None,
    })
}

fn media(message: &InboundMessage) -> Value {
    let media = message.media.clone().unwrap_or_default();
    let caption = (!message.text.is_empty()).then(|| message.text.clone());
    let id = media.remote_id.unwrap_or_else(|| "1234567890123456".to_owned());
    let mut part = Map::new();
    for (key, text) in [
        ("caption", caption),
        ("filename", media.name),
        ("mime_type", media.mime),
        ("id", Some(id)),
        ("url", media.url),
    ] {
        if let Some(text) = text {
            part.insert(key.to_owned(), Value::String(text));
        }
    }
    for flag in ["voice", "animated"] {
        if let Some(value) = from_payload(message, flag) {
            part.insert(flag.to_owned(), value);
        }
    }
    Value::Object(part)
}

fn card(card: &Value) -> Value {
    let numbers = card.get("numbers").and_then(Value::as_array).cloned().unwrap_or_default();
    let phones: Vec<Value> = numbers
        .iter()
        .map(|number| json!({"phone": format!("+{}", number.as_str().unwrap_or_default()), "wa_id": number, "type": "CELL"}))
        .collect();
    json!({"name": {"formatted_name": card.get("name")}, "phones": phones})
}

fn status(receipt: &Receipt, timestamp: &Value) -> Option<Value> {
    let mut item = json!({"id": receipt.remote_id, "status": receipt_status(receipt)?, "timestamp": timestamp});
    let map = item.as_object_mut()?;
    if let Some(recipient) = &receipt.recipient {
        map.insert("recipient_id".to_owned(), json!(recipient));
    }
    if let Some(failure) = &receipt.failure {
        // Codes are numbers in Meta's events.
        let code = failure.code.parse::<u64>().map_or_else(|_| json!(failure.code), Value::from);
        map.insert("errors".to_owned(), json!([{"code": code, "title": failure.message}]));
    } else {
        map.insert("pricing".to_owned(), json!({"billable": true, "pricing_model": "CBP", "category": "service"}));
    }
    Some(item)
}

fn from_payload(message: &InboundMessage, key: &str) -> Option<Value> {
    message.payload.as_ref()?.get(key).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Channel, Failure, Media, Status};
    use crate::providers::meta::envelope;

    const NOW: Timestamp = Timestamp::from_seconds(1_709_650_000);

    fn round_trip(inbound: &Inbound) -> Vec<Inbound> {
        envelope::interpret(&body(inbound, "987654321", NOW, 7).unwrap(), NOW)
    }

    fn base(kind: Kind, payload: Option<Value>) -> InboundMessage {
        InboundMessage {
            channel: Some(Channel::WhatsApp),
            name: Some("Budi".into()),
            remote_id: Some("wamid.a".into()),
            unique: true,
            kind,
            payload,
            at: Some(NOW),
            ..InboundMessage::text(Peer { id: "6281234567890".into(), group: false, aliases: vec!["ID.1".into()] }, "")
        }
    }

    #[test]
    fn every_kind_of_a_customers_message_survives_the_round_trip() {
        let media = Some(Media { remote_id: Some("m1".into()), mime: Some("image/jpeg".into()), ..Media::default() });
        let order =
            json!({"catalog_id": "3", "text": "", "product_items": [{"product_retailer_id": "SODA", "quantity": 2}]});
        for message in [
            InboundMessage { text: "Halo".into(), ..base(Kind::Text, Some(json!({"reply_to": "wamid.z"}))) },
            InboundMessage { text: "Ini".into(), media: media.clone(), ..base(Kind::Image, None) },
            InboundMessage { media: media.clone(), ..base(Kind::Audio, Some(json!({"voice": true}))) },
            InboundMessage { media, ..base(Kind::Sticker, Some(json!({"forwarded": true}))) },
            base(Kind::Location, Some(json!({"latitude": "-6.2", "longitude": "106.8", "name": "Toko"}))),
            base(Kind::Contacts, Some(json!({"contacts": [{"name": "Ani", "numbers": ["628999000111"]}]}))),
            InboundMessage { text: "Ya".into(), ..base(Kind::Choice, Some(json!({"id": "YA", "title": "Ya"}))) },
            InboundMessage {
                text: "👍".into(),
                ..base(Kind::Reaction, Some(json!({"message": "wamid.z", "emoji": "👍"})))
            },
            InboundMessage { text: "2 × SODA".into(), ..base(Kind::Order, Some(order)) },
        ] {
            let inbound = Inbound::Message(Box::new(message));
            assert_eq!(round_trip(&inbound), [inbound]);
        }
    }

    #[test]
    fn groups_receipts_and_changes_survive_the_round_trip() {
        let group = InboundMessage {
            peer: Peer::group("G1"),
            name: None,
            member: Some(("6281234567890".into(), "Budi".into())),
            text: "Halo".into(),
            ..base(Kind::Text, None)
        };
        let receipt = |status, failure| {
            Inbound::Receipt(Receipt {
                remote_id: "wamid.b".into(),
                status,
                failure,
                recipient: Some("6281234567890".into()),
                may_infer: true,
                at: Some(NOW),
            })
        };
        let by = Writer { channel: Some(Channel::WhatsApp), ..Writer::customer(Peer::person("6281234567890")) };
        for inbound in [
            Inbound::Message(Box::new(group)),
            receipt(Status::Delivered, None),
            receipt(Status::Failed, Some(Failure::new("131026", "Message undeliverable"))),
            Inbound::Edited { remote_id: "wamid.z".into(), text: "baru".into(), by: by.clone() },
            Inbound::Revoked { remote_id: "wamid.z".into(), by: Writer { direction: Some(Direction::Out), ..by } },
        ] {
            assert_eq!(round_trip(&inbound), [inbound]);
        }
        let moved = Inbound::Moved {
            channel: Some(Channel::WhatsApp),
            from: Peer::person("6281234567890"),
            to: Peer::person("628999000111"),
        };
        assert_eq!(round_trip(&moved).last(), Some(&moved));
        assert_eq!(body(&Inbound::Nothing { event: "x".into() }, "1", NOW, 1), None);
    }
}
