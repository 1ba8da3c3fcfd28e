//! Media in every form in which flattening gateways write it, and what they hide in its place: places, cards.
//!
//! Source: providers.md section 9, A14, and section 5.2 (`mediaUrl` may be JSON text).

use serde_json::{Map, Value, json};

use super::{first_field, first_text};
use crate::domain::Media;
use crate::domain::phone;
use crate::domain::phone::INDONESIA;
use crate::providers::url;

/// An event with more files than this shows the first ones only; the raw event keeps them all.
const FILES_MAX: usize = 30;

/// What stood where media was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file, and the text under it.
    File(Media, Option<String>),
    /// Data instead of a file: a place, a card, a poll.
    Data(Value),
}

/// What a media field holds; nothing for null and empty text.
pub fn read(value: &Value, base_url: &str) -> Vec<Found> {
    match value {
        Value::String(text) => from_text(text, base_url).into_iter().collect(),
        Value::Array(items) => {
            let found = items.iter().filter(|v| !v.is_array()).flat_map(|item| read(item, base_url));
            found.take(FILES_MAX).collect()
        }
        Value::Object(_) => vec![from_object(value, base_url)],
        _ => Vec::new(),
    }
}

fn from_text(text: &str, base_url: &str) -> Option<Found> {
    let text = text.trim();
    if text.is_empty() || text == "null" {
        return None;
    }
    if text.starts_with(['{', '[']) {
        return Some(Found::Data(serde_json::from_str(text).unwrap_or_else(|_| json!(text))));
    }
    // A link that must not be followed still says that there was a file.
    Some(Found::File(Media { url: url::absolute(base_url, text), ..Media::default() }, None))
}

fn from_object(object: &Value, base_url: &str) -> Found {
    if place(object).is_some() {
        return Found::Data(object.clone());
    }
    let link = first_text(object, &["url", "link", "mediaUrl", "media_url"]);
    if let Some(Found::Data(data)) = link.as_deref().and_then(|text| from_text(text, base_url)) {
        return Found::Data(data);
    }
    let media = Media {
        url: link.and_then(|link| url::absolute(base_url, &link)),
        mime: first_text(object, &["mimetype", "mime_type", "mimeType", "mime"]),
        name: first_text(object, &["filename", "fileName", "file_name"]),
        size: first_field(object, &["size", "fileSize", "file_size", "filesize"]).and_then(Value::as_u64),
        remote_id: first_text(object, &["id", "media_id", "mediaId"]),
    };
    Found::File(media, first_text(object, &["caption"]))
}

/// Whether an object names a file by itself.
pub fn is_file(object: &Value) -> bool {
    first_text(object, &["url", "link", "mediaUrl", "media_url"]).is_some()
        || (first_text(object, &["id", "media_id", "mediaId"]).is_some()
            && first_text(object, &["mimetype", "mime_type", "mimeType", "mime", "sha256"]).is_some())
}

/// The payload of a place: `{"latitude","longitude","name"?,"address"?}`, coordinates as text.
pub fn place(data: &Value) -> Option<Value> {
    let mut payload = Map::new();
    payload.insert("latitude".to_owned(), json!(coordinate(data, &["latitude", "degreesLatitude", "lat"])?));
    payload.insert("longitude".to_owned(), json!(coordinate(data, &["longitude", "degreesLongitude", "lng", "lon"])?));
    for field in ["name", "address"] {
        if let Some(text) = first_text(data, &[field]) {
            payload.insert(field.to_owned(), json!(text));
        }
    }
    Some(Value::Object(payload))
}

fn coordinate(data: &Value, names: &[&str]) -> Option<String> {
    first_text(data, names).filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite))
}

/// The payload of contact cards: `{"contacts":[{"name","numbers":[…]}]}`; one card or a list of them.
pub fn cards(data: &Value) -> Option<Value> {
    let list = data.get("contacts").unwrap_or(data);
    let cards: Vec<Value> = match list {
        Value::Array(items) => items.iter().filter_map(card).collect(),
        _ => card(list).into_iter().collect(),
    };
    (!cards.is_empty()).then(|| json!({"contacts": cards}))
}

fn card(data: &Value) -> Option<Value> {
    let vcard = first_text(data, &["vcard"]).unwrap_or_default();
    let name = first_text(data, &["name", "displayName", "display_name", "formatted_name"])
        .or_else(|| first_text(data.get("name")?, &["formatted_name", "first_name"]))
        .or_else(|| vcard_values(&vcard, "FN").next());
    let mut numbers: Vec<String> = Vec::new();
    let listed = first_field(data, &["phones", "numbers"]).and_then(Value::as_array).map(Vec::as_slice);
    let listed = listed.unwrap_or_default().iter();
    let listed = listed
        .filter_map(|n| first_text(n, &["phone", "wa_id", "number"]).or_else(|| crate::providers::outcome::scalar(n)));
    let single = first_text(data, &["phone", "number", "phoneNumber"]);
    for number in listed.chain(single).chain(vcard_values(&vcard, "TEL")) {
        let number = phone::normalise(&number, INDONESIA).unwrap_or(number);
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    if name.is_none() && numbers.is_empty() {
        return None;
    }
    Some(json!({"name": name.unwrap_or_default(), "numbers": numbers}))
}

/// The values of a vCard's property (RFC 6350, 3.3): `TEL;type=CELL:+62 812`, also in a group (`item1.TEL`).
fn vcard_values<'a>(vcard: &'a str, property: &'a str) -> impl Iterator<Item = String> + 'a {
    vcard.lines().filter_map(move |line| {
        let (head, value) = line.split_once(':')?;
        let name = head.split(';').next()?;
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
        let value = value.trim().trim_start_matches("tel:");
        (name.eq_ignore_ascii_case(property) && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://app.cloudchat.id/api/public/v1";

    fn file(url: &str) -> Found {
        Found::File(Media { url: Some(url.into()), ..Media::default() }, None)
    }

    #[test]
    fn media_is_read_in_every_form_seen() {
        assert_eq!(read(&json!(null), BASE), []);
        assert_eq!(read(&json!(""), BASE), []);
        assert_eq!(read(&json!("/uploads/a.jpg"), BASE), [file("https://app.cloudchat.id/uploads/a.jpg")]);
        for key in ["url", "link", "mediaUrl", "media_url"] {
            assert_eq!(read(&json!({key: "https://b.id/a.jpg"}), BASE), [file("https://b.id/a.jpg")]);
        }
        let whole = json!({"url": "/a.pdf", "mimetype": "application/pdf", "fileName": "a.pdf", "caption": "Nota", "id": 7, "size": 12});
        let media = Media {
            url: Some("https://app.cloudchat.id/a.pdf".into()),
            mime: Some("application/pdf".into()),
            name: Some("a.pdf".into()),
            size: Some(12),
            remote_id: Some("7".into()),
        };
        assert_eq!(read(&whole, BASE), [Found::File(media, Some("Nota".into()))]);
        assert_eq!(read(&json!(["/a.jpg", {"link": "/b.jpg"}, null]), BASE).len(), 2);
        assert_eq!(read(&json!("javascript:x"), BASE), [Found::File(Media::default(), None)]);
        assert_eq!(read(&json!("{\"name\":\"Sari\"}"), BASE), [Found::Data(json!({"name": "Sari"}))]);
    }

    #[test]
    fn places_keep_their_digits_and_cards_their_numbers() {
        let expected = json!({"latitude": "-6.200", "longitude": "106.816666", "name": "Monas"});
        assert_eq!(place(&json!({"latitude": "-6.200", "longitude": 106.816_666, "name": "Monas"})), Some(expected));
        assert_eq!(place(&json!({"latitude": "x", "longitude": 1})), None);
        let sari = json!({"contacts": [{"name": "Sari", "numbers": ["628123456789"]}]});
        for card in [
            json!({"name": "Sari", "phone": "+62 812-3456-789", "vcard": ""}),
            json!({"vcard": "BEGIN:VCARD\r\nFN:Sari\r\nitem1.TEL;waid=628123456789:+62 812-3456-789\r\nEND:VCARD"}),
            json!([{"name": {"formatted_name": "Sari"}, "phones": [{"phone": "08123456789", "wa_id": "628123456789"}]}]),
            json!({"contacts": [{"name": "Sari", "numbers": ["628123456789"]}]}),
        ] {
            assert_eq!(cards(&card), Some(sari.clone()), "{card}");
        }
        assert_eq!(cards(&json!({})), None);
    }
}
