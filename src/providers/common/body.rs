//! The body of a message: its kind, text, media and payload, from the places where flattening gateways put them.
//!
//! Invariant: there is always at least one body, and never an empty one: a message with neither text nor media nor a
//! readable payload is `unsupported` and keeps its source as the payload.
use serde_json::{Value, json};

use super::choice;
use super::contact_card::contact_cards;
use super::form;
use super::json::first_text;
use super::media::{self, MediaValue};
use crate::domain::outgoing::MediaKind;
use crate::domain::{Kind, Media};

/// Fields of an event that hold media, on whichever level they are (providers.md section 9, A14).
const MEDIA_FIELDS: &[&str] = &["media", "mediaUrl", "media_url", "attachment", "attachments", "file"];

/// What a message contains.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Body {
    pub kind: Kind,
    /// The text of the message, or the caption of its media.
    pub text: String,
    pub media: Option<Media>,
    /// The data that the kind documents.
    pub payload: Option<Value>,
}

impl Body {
    fn text(kind: Kind, text: String) -> Self {
        Body { kind, text, media: None, payload: None }
    }

    fn data(kind: Kind, text: String, payload: Value) -> Self {
        Body { kind, text, media: None, payload: Some(payload) }
    }
}

/// The bodies of a message: one, or one for each of several files. `type_name` is the gateway's name for its type;
/// `sources` are the objects (or the plain text) that are searched, the innermost first.
pub(crate) fn read(type_name: Option<&str>, sources: &[&Value], base_url: &str) -> Vec<Body> {
    let message_type = type_name.map_or(MessageType::Missing, message_type);
    let values = find_media(sources, base_url);
    let body = match message_type {
        MessageType::Known(Kind::Reaction) => sources.iter().find_map(|source| reaction_body(source)),
        _ => sources.iter().find_map(|source| choice_body(source, message_type, sources)),
    };
    let body = body.or_else(|| data_body(message_type, &values, sources));
    let mut bodies = body.map_or_else(|| file_bodies(message_type, values, sources), |body| vec![body]);
    for body in &mut bodies {
        add_references(body, sources);
    }
    bodies
}

fn reaction_body(source: &Value) -> Option<Body> {
    let payload = choice::reaction(source)?;
    Some(Body::data(Kind::Reaction, first_text(&payload, &["emoji"]).unwrap_or_default(), payload))
}

fn choice_body(source: &Value, message_type: MessageType, sources: &[&Value]) -> Option<Body> {
    if let Some(reply) = source.pointer("/interactive/nfm_reply").or_else(|| source.get("nfm_reply")) {
        let (text, payload) = form::read(reply);
        return Some(Body::data(Kind::Form, text, payload));
    }
    let payload = choice::choice(source, message_type == MessageType::Known(Kind::Choice))?;
    let title = first_text(&payload, &["title"]).unwrap_or_default();
    Some(Body::data(Kind::Choice, text_in(sources).unwrap_or(title), payload))
}

/// Locations, contact cards, orders and everything else that is data rather than text or a file.
fn data_body(message_type: MessageType, values: &[MediaValue], sources: &[&Value]) -> Option<Body> {
    let in_media = values.iter().find_map(|value| if let MediaValue::Data(data) = value { Some(data) } else { None });
    let candidates = || in_media.into_iter().chain(sources.iter().copied());
    // The event around a card has names and numbers too: the sender's.
    let event = sources.last().filter(|event| event.get("contacts").or_else(|| event.get("vcard")).is_none());
    let cards = || candidates().filter(|data| !event.is_some_and(|event| std::ptr::eq(*event, *data)));
    let (kind, payload) = match message_type {
        MessageType::Known(Kind::Location) => (Kind::Location, candidates().find_map(media::location)?),
        MessageType::Known(Kind::Contacts) => (Kind::Contacts, cards().find_map(contact_cards)?),
        MessageType::Known(Kind::Order) => (Kind::Order, (*sources.iter().find(|source| source.is_object())?).clone()),
        // No type, or an unknown one: the data in the media field is recognised by its own fields.
        _ => match in_media? {
            data if media::location(data).is_some() => (Kind::Location, media::location(data)?),
            data if data.get("vcard").is_some() || data.get("phone").is_some() => {
                (Kind::Contacts, contact_cards(data)?)
            }
            data => (Kind::Unsupported, data.clone()),
        },
    };
    let title = || first_text(&payload, &["name", "title", "question", "body"]);
    let text = match kind {
        Kind::Unsupported => text_in(sources).or_else(title),
        _ => text_in(sources),
    };
    Some(Body::data(kind, text.unwrap_or_default(), payload))
}

/// Text and files. The text belongs to the first file.
fn file_bodies(message_type: MessageType, values: Vec<MediaValue>, sources: &[&Value]) -> Vec<Body> {
    let mut text = text_in(sources);
    let mut files = Vec::new();
    for value in values {
        let MediaValue::File(media, caption) = value else { continue };
        let kind = match message_type {
            MessageType::Known(kind) if is_media(kind) => kind,
            _ => guess_kind(&media),
        };
        let text = text.take().or(caption).unwrap_or_default();
        files.push(Body { kind, text, media: Some(media), payload: None });
    }
    if files.is_empty() { vec![text_body(message_type, text, sources)] } else { files }
}

fn text_body(message_type: MessageType, text: Option<String>, sources: &[&Value]) -> Body {
    match (message_type, text) {
        // A picture of which only the type arrived is still a picture.
        (MessageType::Known(kind), text) if is_media(kind) => Body::text(kind, text.unwrap_or_default()),
        (MessageType::Missing | MessageType::Known(Kind::Text), Some(text)) => Body::text(Kind::Text, text),
        (MessageType::Known(kind @ (Kind::System | Kind::Template | Kind::Buttons | Kind::List)), Some(text)) => {
            Body::text(kind, text)
        }
        // A choice of which only the label arrived (providers.md 5.2: choices land in `text`).
        (MessageType::Known(Kind::Choice), Some(text)) => {
            let payload = json!({"id": "", "title": text});
            Body::data(Kind::Choice, text, payload)
        }
        (_, text) => {
            let source = sources.iter().find(|source| source.is_object()).or(sources.first());
            let payload = source.map(|source| (*source).clone());
            Body { payload, ..Body::text(Kind::Unsupported, text.unwrap_or_default()) }
        }
    }
}

/// Adds the message's references to others to a body's payload: what it replies to, whether it was forwarded.
pub(crate) fn add_references(body: &mut Body, sources: &[&Value]) {
    let references = sources.iter().map(|source| choice::references(source)).find(|found| !found.is_empty());
    let Some(references) = references else { return };
    match &mut body.payload {
        None => body.payload = Some(Value::Object(references)),
        Some(Value::Object(payload)) if body.kind != Kind::Unsupported => {
            for (key, value) in references {
                payload.entry(key).or_insert(value);
            }
        }
        Some(_) => {}
    }
}

fn find_media(sources: &[&Value], base_url: &str) -> Vec<MediaValue> {
    let fields = sources.iter().flat_map(|source| MEDIA_FIELDS.iter().filter_map(|name| source.get(*name)));
    if let Some(values) = fields.map(|field| media::read(field, base_url)).find(|values| !values.is_empty()) {
        return values;
    }
    // An object such as Meta's `"image":{…}` is the file itself; the event around it never is.
    match sources {
        [inner, _, ..] if media::is_file(inner) => media::read(inner, base_url),
        _ => Vec::new(),
    }
}

/// The text of a message: a string, or a field whose value is a string or `{"body": …}`.
pub(crate) fn text_in(sources: &[&Value]) -> Option<String> {
    sources.iter().find_map(|source| {
        let field = |name| {
            let value = source.get(name)?;
            value.as_str().or_else(|| value.get("body")?.as_str()).or_else(|| value.get("text")?.as_str())
        };
        let plain = source.as_str();
        plain
            .or_else(|| field("text"))
            .or_else(|| field("body"))
            .or_else(|| field("caption"))
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    })
}

/// The type of a message by the gateway's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MessageType {
    /// The event names no type.
    Missing,
    Known(Kind),
    Unknown,
}

fn message_type(name: &str) -> MessageType {
    let kind = match name.trim().to_ascii_lowercase().as_str() {
        "text" | "chat" | "conversation" | "extendedtext" => Kind::Text,
        "image" | "photo" | "picture" => Kind::Image,
        "video" | "gif" => Kind::Video,
        "audio" | "voice" | "ptt" => Kind::Audio,
        "document" | "file" => Kind::Document,
        "sticker" => Kind::Sticker,
        "location" | "live_location" => Kind::Location,
        "contact" | "contacts" | "vcard" | "contact_card" => Kind::Contacts,
        "button" | "interactive" | "button_reply" | "list_reply" => Kind::Choice,
        "buttons" => Kind::Buttons,
        "list" => Kind::List,
        "template" => Kind::Template,
        "reaction" => Kind::Reaction,
        "order" => Kind::Order,
        "system" => Kind::System,
        _ => return MessageType::Unknown,
    };
    MessageType::Known(kind)
}

fn is_media(kind: Kind) -> bool {
    matches!(kind, Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Sticker)
}

fn guess_kind(media: &Media) -> Kind {
    match media.mime.as_deref().and_then(|mime| mime.split('/').next()) {
        Some("image") => Kind::Image,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        _ => {
            let hint = media.name.as_deref().map(|name| format!("/{name}")).or_else(|| media.url.clone());
            MediaKind::guess(&hint.unwrap_or_default()).kind()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://g.id/v1";

    fn one(word: Option<&str>, sources: &[&Value]) -> Body {
        let mut bodies = read(word, sources, BASE);
        assert_eq!(bodies.len(), 1, "{bodies:?}");
        bodies.remove(0)
    }

    #[test]
    fn text_is_read_as_string_and_as_body() {
        for source in
            [json!("Halo"), json!({"text": "Halo"}), json!({"text": {"body": "Halo"}}), json!({"body": "Halo"})]
        {
            let expected = Body { kind: Kind::Text, text: "Halo".into(), media: None, payload: None };
            assert_eq!(one(Some("text"), &[&source]), expected, "{source}");
            assert_eq!(one(None, &[&source]), expected, "{source}");
        }
    }

    #[test]
    fn unreadable_data_is_unsupported_and_kept() {
        let source = json!({"poll": {"question": "?"}});
        let body = one(Some("poll"), &[&source]);
        assert_eq!((body.kind, body.payload), (Kind::Unsupported, Some(source)));
        assert_eq!(one(Some("text"), &[&json!({"text": " "})]).kind, Kind::Unsupported);
        assert_eq!(one(None, &[]).kind, Kind::Unsupported);
    }

    #[test]
    fn several_files_become_several_bodies_of_which_the_first_has_the_text() {
        let source = json!({"text": "Ini kak", "media": "", "mediaUrl": ["/a.jpg", "/b.mp4"]});
        let bodies = read(None, &[&source], BASE);
        let kinds: Vec<_> = bodies.iter().map(|b| (b.kind, b.text.as_str())).collect();
        assert_eq!(kinds, [(Kind::Image, "Ini kak"), (Kind::Video, "")]);
    }

    #[test]
    fn metas_objects_are_read_under_their_type() {
        let content = json!({"image": {"id": "77", "mime_type": "image/jpeg", "sha256": "x", "caption": "Bukti"}});
        let body = one(Some("image"), &[&content["image"], &content]);
        assert_eq!((body.kind, body.text.as_str()), (Kind::Image, "Bukti"));
        assert_eq!(body.media.and_then(|m| m.remote_id).as_deref(), Some("77"));
        let reaction = json!({"reaction": {"message_id": "wamid.1", "emoji": "👍"}});
        let body = one(Some("reaction"), &[&reaction["reaction"], &reaction]);
        assert_eq!(body.payload, Some(json!({"message": "wamid.1", "emoji": "👍"})));
        let location = json!({"location": {"latitude": -6.2, "longitude": 106.8}, "context": {"id": "wamid.2"}});
        let body = one(Some("location"), &[&location["location"], &location]);
        assert_eq!(body.payload, Some(json!({"latitude": "-6.2", "longitude": "106.8", "reply_to": "wamid.2"})));
    }
}
