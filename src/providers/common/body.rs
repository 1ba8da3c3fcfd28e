//! What a message is: its kind, text, media and payload, from the places where flattening gateways put them.
//!
//! Invariant: there is always at least one body, and never an empty row: what has neither text nor media nor a
//! readable payload is `unsupported` and keeps what came.

use serde_json::{Value, json};

use super::{choice, first_text, media};
use crate::domain::outgoing::MediaKind;
use crate::domain::{Kind, Media};
use media::Found;

/// Fields of an event that hold media, wherever they stand (providers.md section 9, A14).
const MEDIA_FIELDS: &[&str] = &["media", "mediaUrl", "media_url", "attachment", "attachments", "file"];

/// What a message is and holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// What it is.
    pub kind: Kind,
    /// Text or caption.
    pub text: String,
    /// Media.
    pub media: Option<Media>,
    /// What the kind documents.
    pub payload: Option<Value>,
}

/// The bodies of a message: one, or one for each of several files. `word` is the gateway's word for its type;
/// `sources` are the objects (or the plain text) in which to look, the innermost first.
pub fn read(word: Option<&str>, sources: &[&Value], base_url: &str) -> Vec<Body> {
    let kind = word.map_or(Said::Nothing, kind_of);
    let found = find_media(sources, base_url);
    let mut bodies = match kind {
        Said::Kind(Kind::Reaction) => sources.iter().find_map(|s| choice::reaction(s)).map(|payload| {
            let emoji = first_text(&payload, &["emoji"]).unwrap_or_default();
            Body { kind: Kind::Reaction, text: emoji, media: None, payload: Some(payload) }
        }),
        kind => sources.iter().find_map(|s| pressed_body(s, kind == Said::Kind(Kind::Choice), sources)),
    }
    .or_else(|| data_body(kind, &found, sources))
    .map_or_else(|| file_bodies(kind, found, sources), |body| vec![body]);
    for body in &mut bodies {
        refer(body, sources);
    }
    bodies
}

fn pressed_body(source: &Value, says: bool, sources: &[&Value]) -> Option<Body> {
    let payload = choice::pressed(source, says)?;
    let title = first_text(&payload, &["title"]).unwrap_or_default();
    Some(Body { kind: Kind::Choice, text: text_in(sources).unwrap_or(title), media: None, payload: Some(payload) })
}

/// Places, cards, orders and everything else that is data rather than text or a file.
fn data_body(kind: Said, found: &[Found], sources: &[&Value]) -> Option<Body> {
    let hidden = found.iter().find_map(|f| if let Found::Data(data) = f { Some(data) } else { None });
    let places = || hidden.into_iter().chain(sources.iter().copied());
    // The event around a card has names and numbers too: the sender's.
    let event = sources.last().filter(|e| e.get("contacts").or_else(|| e.get("vcard")).is_none());
    let cards = || places().filter(|place| !event.is_some_and(|event| std::ptr::eq(*event, *place)));
    let (kind, payload) = match kind {
        Said::Kind(Kind::Location) => (Kind::Location, places().find_map(media::place)?),
        Said::Kind(Kind::Contacts) => (Kind::Contacts, cards().find_map(media::cards)?),
        Said::Kind(Kind::Order) => (Kind::Order, (*sources.iter().find(|s| s.is_object())?).clone()),
        // No word, or one that says nothing: what hides in the media field tells by its own fields.
        _ => match hidden? {
            data if media::place(data).is_some() => (Kind::Location, media::place(data)?),
            data if data.get("vcard").is_some() || data.get("phone").is_some() => (Kind::Contacts, media::cards(data)?),
            data => (Kind::Unsupported, data.clone()),
        },
    };
    let own = || first_text(&payload, &["name", "title", "question", "body"]);
    let text = match kind {
        Kind::Unsupported => text_in(sources).or_else(own),
        _ => text_in(sources),
    };
    Some(Body { kind, text: text.unwrap_or_default(), media: None, payload: Some(payload) })
}

/// Text and files. The text stands with the first file.
fn file_bodies(kind: Said, found: Vec<Found>, sources: &[&Value]) -> Vec<Body> {
    let mut text = text_in(sources);
    let files: Vec<Body> = found
        .into_iter()
        .filter_map(|f| if let Found::File(media, caption) = f { Some((media, caption)) } else { None })
        .map(|(media, caption)| {
            let kind = match kind {
                Said::Kind(kind) if is_media(kind) => kind,
                _ => guess(&media),
            };
            let text = text.take().or(caption).unwrap_or_default();
            Body { kind, text, media: Some(media), payload: None }
        })
        .collect();
    if !files.is_empty() {
        return files;
    }
    let raw = || sources.iter().find(|s| s.is_object()).or(sources.first()).map(|s| (*s).clone());
    let body = match (kind, text) {
        // A picture of which only the word arrived is still a picture.
        (Said::Kind(kind), text) if is_media(kind) => {
            Body { kind, text: text.unwrap_or_default(), media: None, payload: None }
        }
        (Said::Nothing | Said::Kind(Kind::Text), Some(text)) => {
            Body { kind: Kind::Text, text, media: None, payload: None }
        }
        (Said::Kind(kind @ (Kind::System | Kind::Template | Kind::Buttons | Kind::List)), Some(text)) => {
            Body { kind, text, media: None, payload: None }
        }
        // A press of which only the label arrived (providers.md 5.2: choices land in `text`).
        (Said::Kind(Kind::Choice), Some(text)) => {
            let payload = json!({"id": "", "title": text});
            Body { kind: Kind::Choice, text, media: None, payload: Some(payload) }
        }
        (_, text) => Body { kind: Kind::Unsupported, text: text.unwrap_or_default(), media: None, payload: raw() },
    };
    vec![body]
}

/// Adds to a body's payload what the message says of others: what it answers, whether it was forwarded.
pub fn refer(body: &mut Body, sources: &[&Value]) {
    let references = sources.iter().map(|s| choice::references(s)).find(|found| !found.is_empty());
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

fn find_media(sources: &[&Value], base_url: &str) -> Vec<Found> {
    let fields = sources.iter().flat_map(|source| MEDIA_FIELDS.iter().filter_map(|name| source.get(*name)));
    if let Some(found) = fields.map(|field| media::read(field, base_url)).find(|found| !found.is_empty()) {
        return found;
    }
    // An object such as Meta's `"image":{…}` is the file itself; the event around it never is.
    match sources {
        [inner, _, ..] if media::is_file(inner) => media::read(inner, base_url),
        _ => Vec::new(),
    }
}

/// The text of a message: a string, or a field whose value is a string or `{"body": …}`.
pub fn text_in(sources: &[&Value]) -> Option<String> {
    sources.iter().find_map(|source| {
        let own = source.as_str();
        let field = |name| {
            let value = source.get(name)?;
            value.as_str().or_else(|| value.get("body")?.as_str()).or_else(|| value.get("text")?.as_str())
        };
        own.or_else(|| field("text"))
            .or_else(|| field("body"))
            .or_else(|| field("caption"))
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    })
}

/// What a gateway's word for a type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// There is no word.
    Nothing,
    /// This kind.
    Kind(Kind),
    /// Something that this version does not know.
    Foreign,
}

fn kind_of(word: &str) -> Said {
    let kind = match word.trim().to_ascii_lowercase().as_str() {
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
        _ => return Said::Foreign,
    };
    Said::Kind(kind)
}

fn is_media(kind: Kind) -> bool {
    matches!(kind, Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Sticker)
}

fn guess(media: &Media) -> Kind {
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
    fn nothing_readable_is_unsupported_and_keeps_what_came() {
        let source = json!({"poll": {"question": "?"}});
        let body = one(Some("poll"), &[&source]);
        assert_eq!((body.kind, body.payload), (Kind::Unsupported, Some(source)));
        assert_eq!(one(Some("text"), &[&json!({"text": " "})]).kind, Kind::Unsupported);
        assert_eq!(one(None, &[]).kind, Kind::Unsupported);
    }

    #[test]
    fn several_files_become_several_bodies_and_the_text_stands_once() {
        let source = json!({"text": "Ini kak", "media": "", "mediaUrl": ["/a.jpg", "/b.mp4"]});
        let bodies = read(None, &[&source], BASE);
        let seen: Vec<_> = bodies.iter().map(|b| (b.kind, b.text.as_str())).collect();
        assert_eq!(seen, [(Kind::Image, "Ini kak"), (Kind::Video, "")]);
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
        let place = json!({"location": {"latitude": -6.2, "longitude": 106.8}, "context": {"id": "wamid.2"}});
        let body = one(Some("location"), &[&place["location"], &place]);
        assert_eq!(body.payload, Some(json!({"latitude": "-6.2", "longitude": "106.8", "reply_to": "wamid.2"})));
    }
}
