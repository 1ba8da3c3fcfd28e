//! Messages in WAHA's events: whose they are, and who wrote them.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages and …/events (message, message.any); `_data` is the engine's own object and differs: what is taken from it may be missing at any time.
//! Invariant: a message of a customer is never dropped because one of its parts cannot be read.
use super::content;
use super::ids::{MessageId, peer, person};
use crate::domain::inbound::{InboundMessage, Peer, Writer};
use crate::domain::{Direction, Inbound, Timestamp};
use crate::providers::common::json::{first_text, first_text_at, scalar};
use crate::providers::types::Profile;
use serde_json::Value;

/// A message, or a copy of one that was sent from the phone or by another program.
pub(super) fn message(profile: &Profile, payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let id = message_id(payload);
    let own = is_own(payload, id.as_ref());
    let chat = chat(payload, id.as_ref(), own)?;
    if peer(&chat).is_none() {
        return Some(vec![Inbound::Nothing { event: "status, channel or broadcast".to_owned() }]);
    }
    let peer = person(&chat, other_ids(payload, own))?;
    let mut message = envelope(payload, peer, own, arrival);
    message.unique = id.is_some();
    message.remote_id = id.map(|id| id.id);
    let body = payload.get("body").and_then(Value::as_str).unwrap_or_default();
    body.clone_into(&mut message.text);
    content::read(profile, payload, &mut message);
    Some(vec![Inbound::Message(Box::new(message))])
}

/// Who changed or deleted a message, by the event's own message.
pub(super) fn writer(payload: &Value) -> Option<Writer> {
    let id = message_id(payload)?;
    let own = is_own(payload, Some(&id));
    let peer = person(&chat(payload, Some(&id), own)?, other_ids(payload, own))?;
    let member = member(payload).filter(|_| peer.group && !own);
    let direction = if own { Direction::Out } else { Direction::In };
    Some(Writer { channel: None, peer, direction: Some(direction), member })
}

/// The id of the member of a group who wrote: in a field of its own, at the end of the message's id, or (in votes) as
/// the sender beside a group's id.
fn member(payload: &Value) -> Option<String> {
    let whole_id = first_text(payload, &["id"]);
    let named = first_text(payload, &["participant", "author"]);
    let named = named.or_else(|| whole_id.as_deref().and_then(MessageId::participant).map(str::to_owned));
    let named = named.or_else(|| first_text(payload, &["from"]).filter(|from| from.contains('@')));
    named.and_then(|id| self::peer(&id)).filter(|member| !member.group).map(|member| member.id)
}

/// The id of a message, of any engine's form.
pub(super) fn message_id(payload: &Value) -> Option<MessageId> {
    first_text(payload, &["id"]).map(|id| MessageId::parse(&id))
}

/// Whether the account itself sent a message.
pub(super) fn is_own(payload: &Value, id: Option<&MessageId>) -> bool {
    let from_me = payload.get("fromMe").and_then(Value::as_bool);
    from_me.or_else(|| id?.is_own()).unwrap_or_default()
}

/// The conversation's chat id. For messages of our own `from` is the chat in one engine and the sender in another;
/// the message's id names the chat in all of them.
pub(super) fn chat(payload: &Value, id: Option<&MessageId>, own: bool) -> Option<String> {
    let text = |key: &str| first_text(payload, &[key]).filter(|id| id.contains('@'));
    let fields = || if own { text("to").or_else(|| text("from")) } else { text("from") };
    id.and_then(MessageId::chat).or_else(fields)
}

/// Other ids of the same person that the engines are seen to add beside a LID (Baileys: `senderPn`,
/// `remoteJidAlt`; whatsmeow: `SenderAlt`, `RecipientAlt`).
pub(super) fn other_ids(payload: &Value, own: bool) -> Vec<String> {
    let pointers: &[&str] = if own {
        &["/_data/key/remoteJidAlt", "/_data/Info/RecipientAlt"]
    } else {
        &["/_data/key/remoteJidAlt", "/_data/key/senderPn", "/_data/key/senderLid", "/_data/Info/SenderAlt"]
    };
    let ids = pointers.iter().filter_map(|pointer| payload.pointer(pointer)).filter_map(scalar);
    ids.filter(|id| id.contains('@')).collect()
}

/// A message without its content: direction, time, names.
pub(super) fn envelope(payload: &Value, peer: Peer, own: bool, arrival: Timestamp) -> InboundMessage {
    let names = ["/_data/notifyName", "/_data/pushName", "/_data/Info/PushName"];
    // In a message of our own that is our own name.
    let name = first_text_at(payload, &names).filter(|_| !own);
    let mut message = InboundMessage::text(peer, "");
    message.direction = if own { Direction::Out } else { Direction::In };
    message.at = payload.get("timestamp").and_then(|at| Timestamp::from_gateway(at, arrival));
    if message.peer.group {
        message.member = member(payload).filter(|_| !own).map(|id| (id, name.unwrap_or_default()));
    } else {
        message.name = name;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, Media};
    use crate::providers::waha::tests::profile;
    use serde_json::json;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn message(mut payload: Value) -> InboundMessage {
        for (key, value) in [("id", json!("false_628123456789@c.us_AA")), ("from", json!("628123456789@c.us"))] {
            if payload.get(key).is_none() {
                payload[key] = value;
            }
        }
        match super::message(&profile(), &payload, ARRIVAL).unwrap().pop() {
            Some(Inbound::Message(message)) => *message,
            other => panic!("no message: {other:?}"),
        }
    }

    #[test]
    fn a_text_has_sender_time_and_reference() {
        let parsed = message(json!({
            "timestamp": 1_667_561_485, "fromMe": false, "body": "Hi there!", "hasMedia": false, "vCards": [],
            "replyTo": {"id": "true_628123456789@c.us_BB"}, "_data": {"notifyName": "Budi"},
        }));
        assert_eq!(
            (parsed.text.as_str(), parsed.kind, parsed.name.as_deref()),
            ("Hi there!", Kind::Text, Some("Budi"))
        );
        assert_eq!((parsed.remote_id.as_deref(), parsed.unique), (Some("AA"), true));
        assert_eq!(parsed.at, Some(Timestamp::from_seconds(1_667_561_485)));
        assert_eq!(parsed.payload, Some(json!({"reply_to": "BB"})));
    }

    #[test]
    fn a_message_of_our_own_belongs_to_the_customers_conversation() {
        for payload in [
            json!({"id": "true_628123456789@c.us_AA", "fromMe": true, "from": "62811@c.us", "to": "628123456789@c.us"}),
            json!({"id": "true_628123456789@c.us_AA", "fromMe": true, "from": "628123456789@c.us"}),
            json!({"id": "AA", "fromMe": true, "from": "62811@c.us", "to": "628123456789@c.us"}),
        ] {
            let mut payload = payload;
            payload["body"] = json!("Sudah dikirim kak");
            payload["_data"] = json!({"pushName": "Toko"});
            let parsed = message(payload);
            assert_eq!((parsed.direction, parsed.peer.id.as_str()), (Direction::Out, "628123456789"));
            assert_eq!(parsed.name, None);
        }
    }

    #[test]
    fn a_lid_is_replaced_by_the_number_that_the_engine_adds() {
        let hidden = json!({"id": "false_9988776655@lid_AA", "from": "9988776655@lid", "body": "Halo"});
        assert_eq!(message(hidden.clone()).peer, Peer::person("9988776655@lid"));
        let mut known = hidden;
        known["_data"] = json!({"key": {"senderPn": "628123456789@s.whatsapp.net"}});
        let peer = message(known).peer;
        assert_eq!((peer.id.as_str(), peer.aliases), ("628123456789", vec!["9988776655@lid".to_owned()]));
    }

    #[test]
    fn a_group_message_names_its_member() {
        let parsed = message(json!({
            "id": "false_120363000000000001@g.us_AA_628123456789@c.us", "from": "120363000000000001@g.us",
            "participant": "628123456789@c.us", "body": "Ready?", "_data": {"pushName": "Sim2"},
        }));
        assert_eq!((parsed.peer, parsed.name), (Peer::group("120363000000000001"), None));
        assert_eq!(parsed.member, Some(("628123456789".to_owned(), "Sim2".to_owned())));
        assert_eq!(parsed.remote_id.as_deref(), Some("AA"));
    }

    #[test]
    fn media_are_read_with_and_without_a_file() {
        let parsed = message(json!({
            "body": "Check this out", "hasMedia": true,
            "media": {"url": "http://localhost:3000/api/files/AA.jpg", "mimetype": "image/jpeg", "filename": null, "error": null},
        }));
        assert_eq!((parsed.kind, parsed.text.as_str()), (Kind::Image, "Check this out"));
        assert_eq!(parsed.media.unwrap().url.as_deref(), Some("http://localhost:3000/api/files/AA.jpg"));
        let own = message(json!({"hasMedia": true, "media": {"url": "/api/files/AA.pdf", "filename": "Nota.pdf"}}));
        let media = own.media.unwrap();
        assert_eq!(
            (own.kind, media.url.as_deref()),
            (Kind::Document, Some("https://waha.example.com/api/files/AA.pdf"))
        );
        for hostile in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"] {
            let parsed = message(json!({"hasMedia": true, "media": {"url": hostile, "mimetype": "image/png"}}));
            assert_eq!(parsed.media.unwrap().url, None, "{hostile}");
        }
        let voice = message(json!({"hasMedia": true, "media": null, "_data": {"type": "ptt"}}));
        assert_eq!((voice.kind, voice.media), (Kind::Audio, Some(Media::default())));
        let sticker = message(
            json!({"hasMedia": true, "media": {"mimetype": "image/webp"}, "_data": {"message": {"stickerMessage": {}}}}),
        );
        assert_eq!(sticker.kind, Kind::Sticker);
    }

    #[test]
    fn locations_contact_cards_and_unknown_content_have_their_kinds() {
        let location = message(
            json!({"body": "", "location": {"latitude": "-6.200", "longitude": 106.8, "description": "Gudang"}}),
        );
        assert_eq!(location.kind, Kind::Location);
        assert_eq!(location.payload, Some(json!({"latitude": "-6.200", "longitude": "106.8", "name": "Gudang"})));
        let vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nitem1.TEL;type=CELL;waid=911111111111:+91 11111 11111\nTEL:0812 3456 789\nEND:VCARD";
        let card = message(json!({"body": "", "vCards": [vcard]}));
        assert_eq!(card.kind, Kind::Contacts);
        let expected = json!({"contacts": [{"name": "Jane Doe", "numbers": ["911111111111", "628123456789"]}]});
        assert_eq!(card.payload, Some(expected));
        let odd = message(json!({"body": null, "_data": {"type": "poll_creation"}, "ack": 1}));
        assert_eq!((odd.kind, odd.payload.unwrap()["ack"].as_i64()), (Kind::Unsupported, Some(1)));
        let status = json!({"id": "false_status@broadcast_AA_1@c.us", "from": "status@broadcast", "body": "x"});
        assert!(matches!(super::message(&profile(), &status, ARRIVAL).unwrap().as_slice(), [Inbound::Nothing { .. }]));
    }
}
