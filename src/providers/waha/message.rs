//! Messages, reactions and votes as WAHA tells them.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages and …/events (message, message.any, message.reaction,
//! poll.vote); `_data` is the engine's own object and differs: what is taken from it may be missing at any time.
//! Invariant: a message of a customer is never dropped because one of its parts cannot be read.

use serde_json::{Map, Value, json};

use super::chat::{MessageName, message_name, peer, person};
use crate::domain::inbound::{InboundMessage, Peer};
use crate::domain::phone::{INDONESIA, normalise};
use crate::domain::{Direction, Inbound, Kind, Media, Timestamp};
use crate::providers::common::json::scalar;
use crate::providers::common::url::absolute;
use crate::providers::types::Profile;

/// A message, or a copy of one that was sent from the phone or by another program.
pub(super) fn heard(profile: &Profile, payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let name = payload.get("id").and_then(scalar).map(|id| message_name(&id));
    let own = is_own(payload, name.as_ref());
    let chat = chat(payload, name.as_ref(), own)?;
    if peer(&chat).is_none() {
        return Some(vec![Inbound::Nothing { event: "status, channel or broadcast".to_owned() }]);
    }
    let peer = person(&chat, other_ids(payload, own))?;
    let mut message = base(payload, peer, own, arrival);
    message.unique = name.is_some();
    message.remote_id = name.map(|name| name.id);
    let body = payload.get("body").and_then(Value::as_str).unwrap_or_default();
    body.clone_into(&mut message.text);
    fill(profile, payload, &mut message);
    Some(vec![Inbound::Message(Box::new(message))])
}

/// A reaction; an empty emoji takes it back.
pub(super) fn reaction(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let target = message_name(&scalar(payload.pointer("/reaction/messageId")?)?);
    let emoji = payload.pointer("/reaction/text").and_then(Value::as_str).unwrap_or_default();
    let name = payload.get("id").and_then(scalar).map(|id| message_name(&id));
    let own = is_own(payload, name.as_ref());
    // The reacted message names the chat even where the reaction's own id does not.
    let place = target.place.as_ref().map(|(_, chat)| chat.clone());
    let peer = person(&place.or_else(|| chat(payload, name.as_ref(), own))?, other_ids(payload, own))?;
    let mut message = base(payload, peer, own, arrival);
    // Some engines repeat the reacted message's id here; two messages must not share one.
    message.remote_id = name.map(|name| name.id).filter(|id| *id != target.id);
    message.kind = Kind::Reaction;
    emoji.clone_into(&mut message.text);
    message.payload = Some(json!({"message": target.id, "emoji": emoji}));
    Some(vec![Inbound::Message(Box::new(message))])
}

/// A vote in a poll: the customer chose.
pub(super) fn vote(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let vote = payload.get("vote")?;
    let poll = payload.pointer("/poll/id").and_then(scalar).map(|id| message_name(&id))?;
    let name = vote.get("id").and_then(scalar).map(|id| message_name(&id));
    let own = is_own(vote, name.as_ref());
    let peer = person(&chat(vote, name.as_ref(), own)?, [])?;
    let options: Vec<_> =
        vote.get("selectedOptions").and_then(Value::as_array).into_iter().flatten().filter_map(scalar).collect();
    let mut message = base(vote, peer, own, arrival);
    // A changed vote may come again under the id of the first.
    message.remote_id = name.map(|name| name.id);
    message.kind = Kind::Choice;
    message.text = options.join(", ");
    message.payload = Some(json!({"id": poll.id, "title": message.text}));
    Some(vec![Inbound::Message(Box::new(message))])
}

fn is_own(payload: &Value, name: Option<&MessageName>) -> bool {
    let stated = payload.get("fromMe").and_then(Value::as_bool);
    stated.or_else(|| name?.place.as_ref().map(|(own, _)| *own)).unwrap_or_default()
}

/// The conversation. `from` is the chat in one engine and the sender in another for messages of our own; the
/// message's id names the chat in all of them.
fn chat(payload: &Value, name: Option<&MessageName>, own: bool) -> Option<String> {
    let named = name.and_then(|name| name.place.as_ref()).map(|(_, chat)| chat.clone());
    let text = |key: &str| payload.get(key).and_then(scalar).filter(|id| id.contains('@'));
    named.or_else(|| if own { text("to").or_else(|| text("from")) } else { text("from") })
}

/// Other ids of the same person that the engines are seen to add beside a LID (Baileys: `senderPn`,
/// `remoteJidAlt`; whatsmeow: `SenderAlt`, `RecipientAlt`).
fn other_ids(payload: &Value, own: bool) -> Vec<String> {
    let places: &[&str] = if own {
        &["/_data/key/remoteJidAlt", "/_data/Info/RecipientAlt"]
    } else {
        &["/_data/key/remoteJidAlt", "/_data/key/senderPn", "/_data/key/senderLid", "/_data/Info/SenderAlt"]
    };
    let found = places.iter().filter_map(|place| payload.pointer(place)).filter_map(scalar);
    found.filter(|id| id.contains('@')).collect()
}

fn base(payload: &Value, peer: Peer, own: bool, arrival: Timestamp) -> InboundMessage {
    let named = ["/_data/notifyName", "/_data/pushName", "/_data/Info/PushName"];
    // For a message of our own that would be our own name.
    let name = named.iter().filter_map(|place| payload.pointer(place)).find_map(scalar).filter(|_| !own);
    let mut message = InboundMessage::text(peer, "");
    message.direction = if own { Direction::Out } else { Direction::In };
    message.at = payload.get("timestamp").and_then(|at| Timestamp::from_gateway(at, arrival));
    if message.peer.group {
        let member = ["participant", "author"].iter().find_map(|key| payload.get(*key).and_then(scalar));
        let id = member.as_deref().and_then(self::peer).map(|member| member.id);
        message.member = id.filter(|_| !own).map(|id| (id, name.unwrap_or_default()));
    } else {
        message.name = name;
    }
    message
}

/// Kind, media and payload.
fn fill(profile: &Profile, payload: &Value, message: &mut InboundMessage) {
    let mut beside = beside(payload);
    let cards = cards(payload);
    if let Some(place) = place(payload) {
        message.kind = Kind::Location;
        beside.extend(place);
    } else if !cards.is_empty() {
        message.kind = Kind::Contacts;
        beside.insert("contacts".to_owned(), json!(cards));
    } else if let Some(media) = media(profile, payload) {
        message.kind = media_kind(payload, media.mime.as_deref());
        message.media = Some(media);
    } else if message.text.is_empty() {
        message.kind = Kind::Unsupported;
        // What came, without the engine's own object, which repeats all of it at length.
        beside.extend(payload.as_object().into_iter().flatten().filter(|(k, _)| *k != "_data").map(owned));
    }
    message.payload = (!beside.is_empty()).then_some(Value::Object(beside));
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

fn beside(payload: &Value) -> Map<String, Value> {
    let mut beside = Map::new();
    if let Some(id) = payload.pointer("/replyTo/id").and_then(scalar) {
        beside.insert("reply_to".to_owned(), json!(message_name(&id).id));
    }
    if payload.pointer("/_data/isForwarded") == Some(&Value::Bool(true)) {
        beside.insert("forwarded".to_owned(), json!(true));
    }
    beside
}

fn place(payload: &Value) -> Option<Map<String, Value>> {
    let first = |places: &[&str]| places.iter().filter_map(|place| payload.pointer(place)).find_map(scalar);
    let mut place = Map::new();
    let latitude = first(&["/location/latitude", "/_data/message/locationMessage/degreesLatitude"])?;
    let longitude = first(&["/location/longitude", "/_data/message/locationMessage/degreesLongitude"])?;
    place.insert("latitude".to_owned(), json!(latitude));
    place.insert("longitude".to_owned(), json!(longitude));
    let name = ["/location/name", "/location/title", "/location/description", "/_data/message/locationMessage/name"];
    for (key, places) in [("name", &name[..]), ("address", &["/location/address"][..])] {
        first(places).map(|text| place.insert(key.to_owned(), json!(text)));
    }
    Some(place)
}

fn cards(payload: &Value) -> Vec<Value> {
    let cards = payload.get("vCards").and_then(Value::as_array).into_iter().flatten();
    cards.filter_map(Value::as_str).map(card).collect()
}

/// Name and numbers of a vCard: `FN:…`, `TEL;…;waid=628…:+62 8…`.
fn card(vcard: &str) -> Value {
    let mut name = String::new();
    let mut numbers: Vec<String> = Vec::new();
    for line in vcard.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let upper = key.to_ascii_uppercase();
        // "item1.TEL" is the same field in a group.
        let field = upper.rsplit('.').next().unwrap_or_default().split(';').next().unwrap_or_default();
        match field {
            "FN" => name = value.trim().replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\"),
            "TEL" => {
                let waid = key.split(';').find_map(|part| part.split_once("waid=")).map(|(_, digits)| digits);
                let number = waid.unwrap_or(value).trim();
                numbers.push(normalise(number, INDONESIA).unwrap_or_else(|| number.to_owned()));
            }
            _ => {}
        }
    }
    json!({"name": name, "numbers": numbers})
}

/// `hasMedia` without `media`: the server was told not to download it; that something came is still told.
fn media(profile: &Profile, payload: &Value) -> Option<Media> {
    let media = payload.get("media").filter(|media| media.is_object());
    if media.is_none() && payload.get("hasMedia") != Some(&Value::Bool(true)) {
        return None;
    }
    let text = |key: &str| media.and_then(|media| media.get(key)).and_then(scalar);
    let url = text("url").or_else(|| payload.get("mediaUrl").and_then(scalar));
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
    let engine = ["/_data/type", "/_data/Info/MediaType"];
    let word = engine.iter().filter_map(|place| payload.pointer(place)).find_map(scalar).unwrap_or_default();
    let has = |key: &str| {
        let places = ["/_data/message", "/_data/Message"];
        places.iter().any(|place| payload.pointer(place).and_then(|message| message.get(key)).is_some())
    };
    if word == "sticker" || has("stickerMessage") {
        return Kind::Sticker;
    }
    // A picture that was sent as a file stays a file.
    if word == "document" || has("documentMessage") {
        return Kind::Document;
    }
    match (mime.unwrap_or_default().split('/').next().unwrap_or_default(), word.as_str()) {
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
        match heard(&profile(), &payload, ARRIVAL).unwrap().pop() {
            Some(Inbound::Message(message)) => *message,
            other => panic!("no message: {other:?}"),
        }
    }

    #[test]
    fn a_text_has_its_writer_time_and_what_it_answers() {
        let heard = message(json!({
            "timestamp": 1_667_561_485, "fromMe": false, "body": "Hi there!", "hasMedia": false, "vCards": [],
            "replyTo": {"id": "true_628123456789@c.us_BB"}, "_data": {"notifyName": "Budi"},
        }));
        assert_eq!((heard.text.as_str(), heard.kind, heard.name.as_deref()), ("Hi there!", Kind::Text, Some("Budi")));
        assert_eq!((heard.remote_id.as_deref(), heard.unique), (Some("AA"), true));
        assert_eq!(heard.at, Some(Timestamp::from_seconds(1_667_561_485)));
        assert_eq!(heard.payload, Some(json!({"reply_to": "BB"})));
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
            let heard = message(payload);
            assert_eq!((heard.direction, heard.peer.id.as_str()), (Direction::Out, "628123456789"));
            assert_eq!(heard.name, None);
        }
    }

    #[test]
    fn a_hidden_sender_is_known_by_his_number_where_the_engine_says_it() {
        let hidden = json!({"id": "false_9988776655@lid_AA", "from": "9988776655@lid", "body": "Halo"});
        assert_eq!(message(hidden.clone()).peer, Peer::person("9988776655@lid"));
        let mut known = hidden;
        known["_data"] = json!({"key": {"senderPn": "628123456789@s.whatsapp.net"}});
        let peer = message(known).peer;
        assert_eq!((peer.id.as_str(), peer.aliases), ("628123456789", vec!["9988776655@lid".to_owned()]));
    }

    #[test]
    fn a_group_message_names_who_wrote_it() {
        let heard = message(json!({
            "id": "false_120363000000000001@g.us_AA_628123456789@c.us", "from": "120363000000000001@g.us",
            "participant": "628123456789@c.us", "body": "Ready?", "_data": {"pushName": "Sim2"},
        }));
        assert_eq!((heard.peer, heard.name), (Peer::group("120363000000000001"), None));
        assert_eq!(heard.member, Some(("628123456789".to_owned(), "Sim2".to_owned())));
        assert_eq!(heard.remote_id.as_deref(), Some("AA"));
    }

    #[test]
    fn media_come_with_or_without_their_file() {
        let heard = message(json!({
            "body": "Check this out", "hasMedia": true,
            "media": {"url": "http://localhost:3000/api/files/AA.jpg", "mimetype": "image/jpeg", "filename": null, "error": null},
        }));
        assert_eq!((heard.kind, heard.text.as_str()), (Kind::Image, "Check this out"));
        assert_eq!(heard.media.unwrap().url.as_deref(), Some("http://localhost:3000/api/files/AA.jpg"));
        let own = message(json!({"hasMedia": true, "media": {"url": "/api/files/AA.pdf", "filename": "Nota.pdf"}}));
        let media = own.media.unwrap();
        assert_eq!(
            (own.kind, media.url.as_deref()),
            (Kind::Document, Some("https://waha.example.com/api/files/AA.pdf"))
        );
        for hostile in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"] {
            let heard = message(json!({"hasMedia": true, "media": {"url": hostile, "mimetype": "image/png"}}));
            assert_eq!(heard.media.unwrap().url, None, "{hostile}");
        }
        let voice = message(json!({"hasMedia": true, "media": null, "_data": {"type": "ptt"}}));
        assert_eq!((voice.kind, voice.media), (Kind::Audio, Some(Media::default())));
        let sticker = message(
            json!({"hasMedia": true, "media": {"mimetype": "image/webp"}, "_data": {"message": {"stickerMessage": {}}}}),
        );
        assert_eq!(sticker.kind, Kind::Sticker);
    }

    #[test]
    fn places_cards_and_the_rest_have_their_kinds() {
        let place = message(
            json!({"body": "", "location": {"latitude": "-6.200", "longitude": 106.8, "description": "Gudang"}}),
        );
        assert_eq!(place.kind, Kind::Location);
        assert_eq!(place.payload, Some(json!({"latitude": "-6.200", "longitude": "106.8", "name": "Gudang"})));
        let vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nitem1.TEL;type=CELL;waid=911111111111:+91 11111 11111\nTEL:0812 3456 789\nEND:VCARD";
        let card = message(json!({"body": "", "vCards": [vcard]}));
        assert_eq!(card.kind, Kind::Contacts);
        let expected = json!({"contacts": [{"name": "Jane Doe", "numbers": ["911111111111", "628123456789"]}]});
        assert_eq!(card.payload, Some(expected));
        let odd = message(json!({"body": null, "_data": {"type": "poll_creation"}, "ack": 1}));
        assert_eq!((odd.kind, odd.payload.unwrap()["ack"].as_i64()), (Kind::Unsupported, Some(1)));
        let status = json!({"id": "false_status@broadcast_AA_1@c.us", "from": "status@broadcast", "body": "x"});
        assert!(matches!(heard(&profile(), &status, ARRIVAL).unwrap().as_slice(), [Inbound::Nothing { .. }]));
    }

    #[test]
    fn reactions_and_votes_point_at_their_message() {
        let payload = json!({
            "id": "false_628123456789@c.us_RR", "from": "628123456789@c.us", "fromMe": false, "timestamp": 1_710_481_111.853,
            "reaction": {"text": "🙏", "messageId": "true_628123456789@c.us_AA"},
        });
        let Some(Inbound::Message(heard)) = reaction(&payload, ARRIVAL).unwrap().pop() else { panic!() };
        assert_eq!((heard.kind, heard.peer.id.as_str(), heard.unique), (Kind::Reaction, "628123456789", false));
        assert_eq!(heard.text, "🙏");
        assert_eq!(heard.payload, Some(json!({"message": "AA", "emoji": "🙏"})));
        assert_eq!(heard.at, Some(Timestamp(1_710_481_111_853)));
        let payload = json!({
            "vote": {"id": "false_628123456789@c.us_VV", "from": "628123456789@c.us", "selectedOptions": ["Merah", "XL"]},
            "poll": {"id": "true_628123456789@c.us_PP"},
        });
        let Some(Inbound::Message(heard)) = vote(&payload, ARRIVAL).unwrap().pop() else { panic!() };
        assert_eq!((heard.kind, heard.text.as_str()), (Kind::Choice, "Merah, XL"));
    }
}
