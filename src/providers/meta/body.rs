//! What a Meta message contains, by its type: reads any object of the form `{"type":T, T:{…}}`.
//!
//! Invariant: nothing is guessed. A message without the part that its type promises has no [`Body`].
//!
//! Source: providers.md section 6.2.
use crate::domain::{Kind, Media, is_web_url};
use crate::providers::common::body::Body;
use crate::providers::common::contact_card;
use crate::providers::common::form;
use crate::providers::common::json::scalar;
use serde_json::{Map, Value, json};

/// The types whose parts a message may have without naming its type.
const PARTS: &[&str] = &[
    "text",
    "image",
    "video",
    "audio",
    "voice",
    "document",
    "sticker",
    "location",
    "contacts",
    "button",
    "interactive",
    "reaction",
    "order",
    "edit",
    "revoke",
    "system",
];

/// The type of a message: as it says, or else the one whose part it has (seen of locations and contacts).
pub(super) fn type_of(message: &Value) -> Option<&str> {
    match message.get("type") {
        None | Some(Value::Null) => {}
        Some(named) => return named.as_str(),
    }
    PARTS.iter().copied().find(|part| message.get(*part).is_some_and(|part| !part.is_null()))
}

/// The content under the key that is the message's type; `None` for an unknown type or a malformed part.
pub(crate) fn read(message: &Value) -> Option<Body> {
    let kind = type_of(message)?;
    let part = message.get(kind);
    match kind {
        "text" => Some(plain(Kind::Text, text_of(part?.get("body")?)?)),
        "image" => media(Kind::Image, part?),
        "video" => media(Kind::Video, part?),
        "audio" | "voice" => media(Kind::Audio, part?),
        "document" => media(Kind::Document, part?),
        "sticker" => media(Kind::Sticker, part?),
        "location" => location(part?),
        "contacts" => cards(part?),
        "button" => button(part?),
        "interactive" => interactive(part?),
        "reaction" => reaction(part?),
        "order" => order(part?),
        "system" => system(message, part?),
        // The customer opened the conversation and has written nothing yet.
        "request_welcome" => Some(with_payload(Kind::System, String::new(), json!({"event": "conversation_opened"}))),
        _ => None,
    }
}

fn plain(kind: Kind, text: String) -> Body {
    Body { kind, text, media: None, payload: None }
}

fn with_payload(kind: Kind, text: String, payload: Value) -> Body {
    Body { payload: Some(payload), ..plain(kind, text) }
}

fn object(fields: Map<String, Value>) -> Option<Value> {
    (!fields.is_empty()).then_some(Value::Object(fields))
}

fn media(kind: Kind, part: &Value) -> Option<Body> {
    let text = |key: &str| part.get(key).and_then(scalar);
    let media = Media {
        url: ["url", "link"].into_iter().find_map(text).filter(|url| is_web_url(url)),
        mime: text("mime_type"),
        name: text("filename"),
        size: ["file_size", "size"].into_iter().find_map(|key| part.get(key)?.as_u64()),
        remote_id: text("id"),
        ..Media::default()
    };
    if media.url.is_none() && media.remote_id.is_none() {
        return None;
    }
    let mut payload = Map::new();
    for flag in ["voice", "animated"] {
        if part.get(flag) == Some(&Value::Bool(true)) {
            payload.insert(flag.to_owned(), Value::Bool(true));
        }
    }
    let caption = part.get("caption").and_then(text_of).unwrap_or_default();
    Some(Body { kind, text: caption, media: Some(media), payload: object(payload) })
}

fn location(part: &Value) -> Option<Body> {
    let mut payload = Map::new();
    for key in ["latitude", "longitude"] {
        // As text, so that the digits are shown exactly as they came.
        payload.insert(key.to_owned(), Value::String(scalar(part.get(key)?)?));
    }
    for key in ["name", "address", "url"] {
        if let Some(text) = part.get(key).and_then(scalar) {
            payload.insert(key.to_owned(), Value::String(text));
        }
    }
    Some(with_payload(Kind::Location, String::new(), Value::Object(payload)))
}

fn cards(part: &Value) -> Option<Body> {
    let cards: Vec<Value> = part.as_array()?.iter().filter_map(card).collect();
    (!cards.is_empty()).then(|| with_payload(Kind::Contacts, String::new(), json!({"contacts": cards})))
}

fn card(contact: &Value) -> Option<Value> {
    let name = contact.get("name");
    let part = |key: &str| name.and_then(|n| n.get(key)).and_then(scalar);
    let full_name = part("formatted_name").unwrap_or_else(|| {
        ["first_name", "middle_name", "last_name"].into_iter().filter_map(part).collect::<Vec<_>>().join(" ")
    });
    let phones = contact.get("phones").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    // The number on WhatsApp, by which the person can be written to, before the number as it was typed.
    let numbers: Vec<String> =
        phones.iter().filter_map(|p| ["wa_id", "phone"].into_iter().find_map(|key| scalar(p.get(key)?))).collect();
    if full_name.is_empty() && numbers.is_empty() {
        return None;
    }
    let emails = contact.get("emails").and_then(Value::as_array).into_iter().flatten();
    let emails: Vec<String> = emails.filter_map(|email| scalar(email.get("email")?)).collect();
    let company = contact.pointer("/org/company").and_then(scalar);
    Some(contact_card::payload(&full_name, &numbers, &emails, company.as_deref()))
}

fn button(part: &Value) -> Option<Body> {
    let title = part.get("text").and_then(text_of);
    let id = part.get("payload").and_then(scalar).or_else(|| title.clone())?;
    let title = title.unwrap_or_default();
    Some(with_payload(Kind::Choice, title.clone(), json!({"id": id, "title": title})))
}

fn interactive(part: &Value) -> Option<Body> {
    let kind = part.get("type")?.as_str()?;
    let reply = part.get(kind)?;
    let text = |key: &str| reply.get(key).and_then(scalar);
    match kind {
        "button_reply" | "list_reply" => {
            let title = reply.get("title").and_then(text_of);
            let id = text("id").or_else(|| title.clone())?;
            let title = title.unwrap_or_default();
            let mut payload = json!({"id": id, "title": title});
            if let Some(description) = text("description") {
                payload["description"] = Value::String(description);
            }
            Some(with_payload(Kind::Choice, title, payload))
        }
        "nfm_reply" => {
            let (text, payload) = form::read(reply);
            Some(with_payload(Kind::Form, text, payload))
        }
        // The answer to the question whether the business may call.
        "call_permission_reply" => {
            let event = match text("response")?.as_str() {
                "accept" => "calls_allowed",
                "reject" => "calls_declined",
                _ => return None,
            };
            Some(with_payload(Kind::System, String::new(), json!({"event": event})))
        }
        _ => None,
    }
}

fn reaction(part: &Value) -> Option<Body> {
    let message = scalar(part.get("message_id")?)?;
    // An empty or absent emoji takes the reaction back.
    let emoji = part.get("emoji").and_then(Value::as_str).unwrap_or_default();
    Some(with_payload(Kind::Reaction, emoji.to_owned(), json!({"message": message, "emoji": emoji})))
}

fn order(part: &Value) -> Option<Body> {
    let items = part.get("product_items")?.as_array()?;
    let note = part.get("text").and_then(text_of).filter(|t| !t.trim().is_empty());
    let lines = note.into_iter().chain(items.iter().filter_map(order_line)).collect::<Vec<_>>();
    Some(with_payload(Kind::Order, lines.join("\n"), part.clone()))
}

/// `3 × HAMBURGER (30 ILS)`: only signs and the shop's own words, so that it needs no translation.
fn order_line(item: &Value) -> Option<String> {
    let text = |key: &str| item.get(key).and_then(scalar);
    let product = text("product_retailer_id")?;
    let quantity = text("quantity").unwrap_or_else(|| "1".to_owned());
    let price: Vec<String> = ["item_price", "currency"].into_iter().filter_map(text).collect();
    let price = if price.is_empty() { String::new() } else { format!(" ({})", price.join(" ")) };
    Some(format!("{quantity} × {product}{price}"))
}

fn system(message: &Value, part: &Value) -> Option<Body> {
    let text = part.get("body").and_then(text_of).unwrap_or_default();
    let mut payload = part.as_object()?.clone();
    payload.remove("body");
    if let Some(identity) = message.get("identity") {
        payload.insert("identity".to_owned(), identity.clone());
    }
    (!text.is_empty() || !payload.is_empty()).then(|| Body { payload: object(payload), ..plain(Kind::System, text) })
}

/// Text as it came, spaces included; a number in its place is read as its digits.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(message: &Value) -> Body {
        read(message).unwrap_or_else(|| panic!("{message}"))
    }

    #[test]
    fn media_keeps_caption_name_and_id_and_only_web_urls() {
        let found = body(&json!({"type": "document", "document": {"id": 12, "mime_type": "application/pdf",
            "filename": "nota.pdf", "caption": " Nota ", "sha256": "x=", "url": "javascript:alert(1)"}}));
        assert_eq!((found.kind, found.text.as_str()), (Kind::Document, " Nota "));
        let media = found.media.unwrap();
        assert_eq!(media.name.as_deref(), Some("nota.pdf"));
        assert_eq!(media.remote_id.as_deref(), Some("12"));
        assert_eq!(media.url, None);
        let voice = body(&json!({"type": "voice", "voice": {"id": "1", "mime_type": "audio/ogg", "voice": true}}));
        assert_eq!((voice.kind, voice.text.as_str(), voice.payload), (Kind::Audio, "", Some(json!({"voice": true}))));
        let sticker = body(&json!({"type": "sticker", "sticker": {"id": "1", "url": "https://lookaside.fbsbx.com/x"}}));
        assert_eq!(sticker.media.unwrap().url.as_deref(), Some("https://lookaside.fbsbx.com/x"));
    }

    #[test]
    fn choices_carry_id_and_title() {
        let listed = body(&json!({"type": "interactive", "interactive": {"type": "list_reply",
            "list_reply": {"id": "MENU", "title": "Daftar", "description": "Semua"}}}));
        assert_eq!(listed.kind, Kind::Choice);
        assert_eq!(listed.payload.unwrap(), json!({"id": "MENU", "title": "Daftar", "description": "Semua"}));
        let quick = body(&json!({"type": "button", "button": {"payload": "YA", "text": "Ya!"}}));
        assert_eq!((quick.text.as_str(), quick.payload.unwrap()["id"].clone()), ("Ya!", json!("YA")));
        let flow = body(&json!({"type": "interactive", "interactive": {"type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": r#"{"flow_token":"t","umur":"32"}"#}}}));
        assert_eq!((flow.kind, flow.text.as_str()), (Kind::Form, "umur: 32"));
        assert_eq!(flow.payload.unwrap(), json!({"id": "flow", "title": "Sent", "response": {"umur": "32"}}));
    }

    #[test]
    fn locations_keep_their_digits_and_contacts_their_numbers() {
        let location = body(
            &json!({"type": "location", "location": {"latitude": -6.200_001, "longitude": "106.8000", "name": "Toko"}}),
        );
        assert_eq!(
            location.payload.unwrap(),
            json!({"latitude": "-6.200001", "longitude": "106.8000", "name": "Toko"})
        );
        let cards = body(&json!({"type": "contacts", "contacts": [
            {"name": {"formatted_name": "Ani"}, "phones": [{"phone": "+62 812", "wa_id": "62812"}, {"phone": "021"}]},
            {"name": {"first_name": "Budi", "last_name": "S"}}, 7]}));
        assert_eq!(
            cards.payload.unwrap()["contacts"],
            json!([{"name": "Ani", "numbers": ["62812", "021"]}, {"name": "Budi S", "numbers": []}])
        );
    }

    #[test]
    fn an_order_reads_as_lines() {
        let found = body(&json!({"type": "order", "order": {"catalog_id": "3", "text": "Cepat ya", "product_items": [
            {"product_retailer_id": "HAMBURGER", "quantity": 3, "item_price": 30, "currency": "ILS"},
            {"product_retailer_id": "SODA"}, {}]}}));
        assert_eq!(found.text, "Cepat ya\n3 × HAMBURGER (30 ILS)\n1 × SODA");
        assert_eq!(found.payload.unwrap()["catalog_id"], json!("3"));
    }

    #[test]
    fn a_reaction_without_emoji_takes_it_back() {
        let found = body(&json!({"type": "reaction", "reaction": {"message_id": "wamid.y"}}));
        assert_eq!(found.payload.unwrap(), json!({"message": "wamid.y", "emoji": ""}));
    }

    #[test]
    fn malformed_parts_have_no_body() {
        for broken in [
            json!({"type": "text"}),
            json!({"type": "text", "text": {"body": null}}),
            json!({"type": "image", "image": "x"}),
            json!({"type": "image", "image": {}}),
            json!({"type": "interactive"}),
            json!({"type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": {}}}),
            json!({"type": "location", "location": {"latitude": 1}}),
            json!({"type": "contacts", "contacts": [{}]}),
            json!({"type": "reaction", "reaction": {"emoji": "x"}}),
            json!({"type": "poll", "poll": {}}),
            json!({"type": 7}),
            json!([]),
        ] {
            assert_eq!(read(&broken), None, "{broken}");
        }
    }
}
