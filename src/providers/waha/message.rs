//! Messages, reactions and votes in WAHA's events.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages and …/events (message, message.any, message.reaction,
//! poll.vote); `_data` is the engine's own object and differs: what is taken from it may be missing at any time.
//! Invariant: a message of a customer is never dropped because one of its parts cannot be read.
use super::ids::{MessageId, peer, person};
use crate::domain::inbound::{InboundMessage, Peer, Writer};
use crate::domain::{Direction, Inbound, Kind, Media, Timestamp};
use crate::providers::common::contact_card::read_vcard;
use crate::providers::common::json::{first_text, first_text_at, scalar};
use crate::providers::common::url::absolute;
use crate::providers::types::Profile;
use serde_json::{Map, Value, json};

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
    read_content(profile, payload, &mut message);
    Some(vec![Inbound::Message(Box::new(message))])
}

/// A reaction; an empty emoji withdraws it.
pub(super) fn reaction(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let target = MessageId::parse(&first_text_at(payload, &["/reaction/messageId"])?);
    let emoji = payload.pointer("/reaction/text").and_then(Value::as_str).unwrap_or_default();
    let id = message_id(payload);
    let own = is_own(payload, id.as_ref());
    // The reacted message names the chat even where the reaction's own id does not.
    let chat = target.chat().or_else(|| chat(payload, id.as_ref(), own))?;
    let peer = person(&chat, other_ids(payload, own))?;
    let mut message = envelope(payload, peer, own, arrival);
    // Some engines repeat the reacted message's id here; two messages must not share one.
    message.remote_id = id.map(|id| id.id).filter(|id| *id != target.id);
    message.kind = Kind::Reaction;
    emoji.clone_into(&mut message.text);
    message.payload = Some(json!({"message": target.id, "emoji": emoji}));
    Some(vec![Inbound::Message(Box::new(message))])
}

/// A vote in a poll, read as a choice.
pub(super) fn vote(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let vote = payload.get("vote")?;
    let poll = MessageId::parse(&first_text_at(payload, &["/poll/id"])?);
    let id = message_id(vote);
    let own = is_own(vote, id.as_ref());
    let peer = person(&chat(vote, id.as_ref(), own)?, [])?;
    let options: Vec<_> =
        vote.get("selectedOptions").and_then(Value::as_array).into_iter().flatten().filter_map(scalar).collect();
    let mut message = envelope(vote, peer, own, arrival);
    // A changed vote may come again under the id of the first.
    message.remote_id = id.map(|id| id.id);
    message.kind = Kind::Choice;
    message.text = options.join(", ");
    message.payload = Some(json!({"id": poll.id, "title": message.text}));
    Some(vec![Inbound::Message(Box::new(message))])
}

/// Who changed or deleted a message, by the event's own message.
pub(super) fn writer(payload: &Value) -> Option<Writer> {
    let whole_id = first_text(payload, &["id"])?;
    let id = MessageId::parse(&whole_id);
    let own = is_own(payload, Some(&id));
    let peer = person(&chat(payload, Some(&id), own)?, other_ids(payload, own))?;
    let member = first_text(payload, &["participant", "author"]);
    let member = member.or_else(|| MessageId::participant(&whole_id).map(str::to_owned));
    let member = member.filter(|_| peer.group && !own).and_then(|id| self::peer(&id)).map(|member| member.id);
    let direction = if own { Direction::Out } else { Direction::In };
    Some(Writer { channel: None, peer, direction: Some(direction), member })
}

fn message_id(payload: &Value) -> Option<MessageId> {
    first_text(payload, &["id"]).map(|id| MessageId::parse(&id))
}

fn is_own(payload: &Value, id: Option<&MessageId>) -> bool {
    let from_me = payload.get("fromMe").and_then(Value::as_bool);
    from_me.or_else(|| id?.is_own()).unwrap_or_default()
}

/// The conversation's chat id. For messages of our own `from` is the chat in one engine and the sender in another;
/// the message's id names the chat in all of them.
fn chat(payload: &Value, id: Option<&MessageId>, own: bool) -> Option<String> {
    let text = |key: &str| first_text(payload, &[key]).filter(|id| id.contains('@'));
    let fields = || if own { text("to").or_else(|| text("from")) } else { text("from") };
    id.and_then(MessageId::chat).or_else(fields)
}

/// Other ids of the same person that the engines are seen to add beside a LID (Baileys: `senderPn`,
/// `remoteJidAlt`; whatsmeow: `SenderAlt`, `RecipientAlt`).
fn other_ids(payload: &Value, own: bool) -> Vec<String> {
    let pointers: &[&str] = if own {
        &["/_data/key/remoteJidAlt", "/_data/Info/RecipientAlt"]
    } else {
        &["/_data/key/remoteJidAlt", "/_data/key/senderPn", "/_data/key/senderLid", "/_data/Info/SenderAlt"]
    };
    let ids = pointers.iter().filter_map(|pointer| payload.pointer(pointer)).filter_map(scalar);
    ids.filter(|id| id.contains('@')).collect()
}

/// A message without its content: direction, time, names.
fn envelope(payload: &Value, peer: Peer, own: bool, arrival: Timestamp) -> InboundMessage {
    let names = ["/_data/notifyName", "/_data/pushName", "/_data/Info/PushName"];
    // In a message of our own that is our own name.
    let name = first_text_at(payload, &names).filter(|_| !own);
    let mut message = InboundMessage::text(peer, "");
    message.direction = if own { Direction::Out } else { Direction::In };
    message.at = payload.get("timestamp").and_then(|at| Timestamp::from_gateway(at, arrival));
    if message.peer.group {
        let id = first_text(payload, &["participant", "author"]);
        let id = id.and_then(|id| self::peer(&id)).map(|member| member.id);
        message.member = id.filter(|_| !own).map(|id| (id, name.unwrap_or_default()));
    } else {
        message.name = name;
    }
    message
}

/// Reads kind, media and payload.
fn read_content(profile: &Profile, payload: &Value, message: &mut InboundMessage) {
    let mut data = references(payload);
    let cards = contact_cards(payload);
    if let Some(location) = location(payload) {
        message.kind = Kind::Location;
        data.extend(location);
    } else if !cards.is_empty() {
        message.kind = Kind::Contacts;
        data.insert("contacts".to_owned(), json!(cards));
    } else if let Some(media) = media(profile, payload) {
        message.kind = media_kind(payload, media.mime.as_deref());
        message.media = Some(media);
    } else if message.text.is_empty() {
        message.kind = Kind::Unsupported;
        // Everything but the engine's own object, which repeats all of it at length.
        let fields = payload.as_object().into_iter().flatten().filter(|(key, _)| *key != "_data");
        data.extend(fields.map(|(key, value)| (key.clone(), value.clone())));
    }
    message.payload = (!data.is_empty()).then_some(Value::Object(data));
}

/// The references to other messages, which may accompany content of any kind.
fn references(payload: &Value) -> Map<String, Value> {
    let mut references = Map::new();
    if let Some(id) = first_text_at(payload, &["/replyTo/id"]) {
        references.insert("reply_to".to_owned(), json!(MessageId::parse(&id).id));
    }
    if payload.pointer("/_data/isForwarded") == Some(&Value::Bool(true)) {
        references.insert("forwarded".to_owned(), json!(true));
    }
    references
}

fn location(payload: &Value) -> Option<Map<String, Value>> {
    const NAMES: &[&str] =
        &["/location/name", "/location/title", "/location/description", "/_data/message/locationMessage/name"];
    let latitude = first_text_at(payload, &["/location/latitude", "/_data/message/locationMessage/degreesLatitude"])?;
    let longitude =
        first_text_at(payload, &["/location/longitude", "/_data/message/locationMessage/degreesLongitude"])?;
    let name = first_text_at(payload, NAMES);
    let address = first_text_at(payload, &["/location/address"]);
    let fields = [("latitude", Some(latitude)), ("longitude", Some(longitude)), ("name", name), ("address", address)];
    Some(fields.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text?)))).collect())
}

fn contact_cards(payload: &Value) -> Vec<Value> {
    let vcards = payload.get("vCards").and_then(Value::as_array).into_iter().flatten();
    let vcards = vcards.filter_map(Value::as_str).map(read_vcard);
    vcards.map(|vcard| json!({"name": vcard.name.unwrap_or_default(), "numbers": vcard.numbers})).collect()
}

/// The file of a message. `hasMedia` without `media`: the server was configured not to download it; that there is a
/// file is still reported.
fn media(profile: &Profile, payload: &Value) -> Option<Media> {
    let media = payload.get("media").filter(|media| media.is_object());
    if media.is_none() && payload.get("hasMedia") != Some(&Value::Bool(true)) {
        return None;
    }
    let text = |key: &str| first_text(media?, &[key]);
    let url = text("url").or_else(|| first_text(payload, &["mediaUrl"]));
    Some(Media {
        // A path is one of the server's own files.
        url: url.and_then(|url| absolute(&profile.base_url, &url)),
        mime: text("mimetype"),
        name: text("filename"),
        size: None,
        remote_id: None,
    })
}

fn media_kind(payload: &Value, mime: Option<&str>) -> Kind {
    let engine_type = first_text_at(payload, &["/_data/type", "/_data/Info/MediaType"]).unwrap_or_default();
    let has = |key: &str| {
        let mut messages = ["/_data/message", "/_data/Message"].iter().filter_map(|pointer| payload.pointer(pointer));
        messages.any(|message| message.get(key).is_some())
    };
    if engine_type == "sticker" || has("stickerMessage") {
        return Kind::Sticker;
    }
    // A picture that was sent as a file stays a file.
    if engine_type == "document" || has("documentMessage") {
        return Kind::Document;
    }
    match (mime.unwrap_or_default().split('/').next().unwrap_or_default(), engine_type.as_str()) {
        ("image", _) | ("", "image") => Kind::Image,
        ("video", _) | ("", "video" | "gif") => Kind::Video,
        ("audio", _) | ("", "audio" | "ptt") => Kind::Audio,
        ("", _) if has("imageMessage") => Kind::Image,
        ("", _) if has("videoMessage") => Kind::Video,
        ("", _) if has("audioMessage") => Kind::Audio,
        _ => Kind::Document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waha::tests::profile;

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

    #[test]
    fn reactions_and_votes_refer_to_their_message() {
        let payload = json!({
            "id": "false_628123456789@c.us_RR", "from": "628123456789@c.us", "fromMe": false, "timestamp": 1_710_481_111.853,
            "reaction": {"text": "🙏", "messageId": "true_628123456789@c.us_AA"},
        });
        let Some(Inbound::Message(message)) = reaction(&payload, ARRIVAL).unwrap().pop() else { panic!() };
        assert_eq!((message.kind, message.peer.id.as_str(), message.unique), (Kind::Reaction, "628123456789", false));
        assert_eq!(message.text, "🙏");
        assert_eq!(message.payload, Some(json!({"message": "AA", "emoji": "🙏"})));
        assert_eq!(message.at, Some(Timestamp(1_710_481_111_853)));
        let payload = json!({
            "vote": {"id": "false_628123456789@c.us_VV", "from": "628123456789@c.us", "selectedOptions": ["Merah", "XL"]},
            "poll": {"id": "true_628123456789@c.us_PP"},
        });
        let Some(Inbound::Message(message)) = vote(&payload, ARRIVAL).unwrap().pop() else { panic!() };
        assert_eq!((message.kind, message.text.as_str()), (Kind::Choice, "Merah, XL"));
    }
}
