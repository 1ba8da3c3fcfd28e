//! What a message of WAHA contains: place, contact cards, file, or what only the engine's own object has.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages. Invariant: nothing encoded (a vCard, base64) is shown as text.
use super::engine_data;
use super::ids::MessageId;
use crate::domain::inbound::InboundMessage;
use crate::domain::{Kind, Media};
use crate::providers::common::contact_card::read_vcard;
use crate::providers::common::json::{first_text, first_text_at};
use crate::providers::common::url::absolute;
use crate::providers::types::Profile;
use serde_json::{Map, Value, json};

/// Reads kind, text, media and payload.
pub(super) fn read(profile: &Profile, payload: &Value, message: &mut InboundMessage) {
    let mut data = references(payload);
    let cards = contact_cards(payload);
    if let Some(location) = location(payload) {
        message.kind = Kind::Location;
        // WEBJS has the map's picture as the body.
        if is_encoded(&message.text) {
            message.text.clear();
        }
        data.extend(location);
    } else if !cards.is_empty() {
        message.kind = Kind::Contacts;
        if is_vcard(&message.text) {
            message.text.clear();
        }
        data.insert("contacts".to_owned(), json!(cards));
    } else if let Some(body) = engine_data::read(payload, &message.text) {
        message.kind = body.kind;
        message.text = body.text;
        data.extend(body.payload);
    } else if let Some(media) = media(profile, payload).filter(|m| m.url.is_some() || !is_view_once(payload)) {
        message.kind = media_kind(payload, media.mime.as_deref());
        message.media = Some(media);
        if let Some(reason) = media_error(payload) {
            data.insert("errors".to_owned(), json!([{"message": reason}]));
        }
    } else if is_view_once(payload) {
        message.kind = Kind::Unsupported;
        data.insert("unsupported".to_owned(), json!({"type": "view_once"}));
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
    if let Some(text) = first_text_at(payload, &["/replyTo/body"]).filter(|text| !is_encoded(text) && !is_vcard(text)) {
        references.insert("quoted".to_owned(), json!({"text": text}));
    }
    if payload.pointer("/_data/isForwarded") == Some(&Value::Bool(true)) {
        references.insert("forwarded".to_owned(), json!(true));
    }
    references
}

fn location(payload: &Value) -> Option<Map<String, Value>> {
    const NAMES: &[&str] = &[
        "/location/name",
        "/location/title",
        "/location/description",
        "/_data/message/locationMessage/name",
        "/_data/loc",
    ];
    let latitude = ["/location/latitude", "/_data/message/locationMessage/degreesLatitude", "/_data/lat"];
    let longitude = ["/location/longitude", "/_data/message/locationMessage/degreesLongitude", "/_data/lng"];
    let latitude = first_text_at(payload, &latitude)?;
    let longitude = first_text_at(payload, &longitude)?;
    let name = first_text_at(payload, NAMES);
    let address = first_text_at(payload, &["/location/address"]);
    let fields = [("latitude", Some(latitude)), ("longitude", Some(longitude)), ("name", name), ("address", address)];
    Some(fields.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text?)))).collect())
}

fn is_vcard(text: &str) -> bool {
    text.trim_start().starts_with("BEGIN:VCARD")
}

/// Whether a text is a file in base64 rather than what somebody wrote.
fn is_encoded(text: &str) -> bool {
    text.len() >= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'))
}

fn contact_cards(payload: &Value) -> Vec<Value> {
    let listed = payload.get("vCards").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut vcards: Vec<&str> = listed.collect();
    // WEBJS has a single card as the body.
    if vcards.is_empty() {
        vcards.extend(payload.get("body").and_then(Value::as_str).filter(|body| is_vcard(body)));
    }
    vcards.into_iter().map(read_vcard).map(|vcard| vcard.payload()).collect()
}

/// Why the server could not fetch a file, in its own words.
fn media_error(payload: &Value) -> Option<String> {
    first_text_at(payload, &["/media/error", "/media/error/message", "/media/error/details"])
}

/// Whether it is a picture, video or voice note that is seen once, which only the phone shows.
fn is_view_once(payload: &Value) -> bool {
    const WRAPPERS: &[&str] = &["viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension"];
    let messages = ["/_data/message", "/_data/Message"].iter().filter_map(|pointer| payload.pointer(pointer));
    let wrapped =
        messages.flat_map(|message| WRAPPERS.iter().map(|key| message.get(*key))).any(|found| found.is_some());
    let flags = ["/_data/isViewOnce", "/_data/IsViewOnce", "/_data/key/isViewOnce"];
    wrapped || flags.iter().any(|flag| payload.pointer(flag) == Some(&Value::Bool(true)))
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
        ..Media::default()
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
