//! Media in every form in which flattening gateways write it, and the locations that they put in its place.
//!
//! Source: providers.md section 9, A14, and section 5.2 (`mediaUrl` may be JSON text).
use super::json::{first_field, first_text};
use super::lenient_json;
use super::url;
use crate::domain::Media;
use serde_json::{Map, Value, json};

/// The most files of one event that are shown; the raw event keeps them all.
const FILES_MAX: usize = 30;

/// One value of a media field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MediaValue {
    /// A file and its caption.
    File(Media, Option<String>),
    /// Data instead of a file: a location, a contact card, a poll.
    Data(Value),
}

/// The values of a media field; none for null and empty text.
pub(crate) fn read(value: &Value, base_url: &str) -> Vec<MediaValue> {
    match value {
        Value::String(text) => from_text(text, base_url).into_iter().collect(),
        Value::Array(items) => {
            let values = items.iter().filter(|v| !v.is_array()).flat_map(|item| read(item, base_url));
            values.take(FILES_MAX).collect()
        }
        Value::Object(_) => vec![from_object(value, base_url)],
        _ => Vec::new(),
    }
}

fn from_text(text: &str, base_url: &str) -> Option<MediaValue> {
    let text = text.trim();
    if text.is_empty() || text == "null" {
        return None;
    }
    if text.starts_with(['{', '[']) {
        return Some(MediaValue::Data(lenient_json::read_text(text).unwrap_or_else(|| json!(text))));
    }
    // A link that must not be followed still proves that there was a file.
    Some(MediaValue::File(Media { url: url::absolute(base_url, text), ..Media::default() }, None))
}

fn from_object(object: &Value, base_url: &str) -> MediaValue {
    if location(object).is_some() {
        return MediaValue::Data(object.clone());
    }
    let link = first_text(object, &["url", "link", "mediaUrl", "media_url"]);
    if let Some(MediaValue::Data(data)) = link.as_deref().and_then(|text| from_text(text, base_url)) {
        return MediaValue::Data(data);
    }
    let media = Media {
        url: link.and_then(|link| url::absolute(base_url, &link)),
        mime: first_text(object, &["mimetype", "mime_type", "mimeType", "mime"]),
        name: first_text(object, &["filename", "fileName", "file_name"]),
        size: first_field(object, &["size", "fileSize", "file_size", "filesize"]).and_then(Value::as_u64),
        remote_id: first_text(object, &["id", "media_id", "mediaId"]),
        ..Media::default()
    };
    MediaValue::File(media, first_text(object, &["caption"]))
}

/// Whether an object is a file by itself: it has a link, or an id and a media type.
pub(crate) fn is_file(object: &Value) -> bool {
    first_text(object, &["url", "link", "mediaUrl", "media_url"]).is_some()
        || (first_text(object, &["id", "media_id", "mediaId"]).is_some()
            && first_text(object, &["mimetype", "mime_type", "mimeType", "mime", "sha256"]).is_some())
}

/// The payload of a location: `{"latitude","longitude","name"?,"address"?}`, coordinates as text.
pub(crate) fn location(data: &Value) -> Option<Value> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://app.cloudchat.id/api/public/v1";

    fn file(url: &str) -> MediaValue {
        MediaValue::File(Media { url: Some(url.into()), ..Media::default() }, None)
    }

    #[test]
    fn media_is_read_in_every_known_form() {
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
            ..Media::default()
        };
        assert_eq!(read(&whole, BASE), [MediaValue::File(media, Some("Nota".into()))]);
        assert_eq!(read(&json!(["/a.jpg", {"link": "/b.jpg"}, null]), BASE).len(), 2);
        assert_eq!(read(&json!("javascript:x"), BASE), [MediaValue::File(Media::default(), None)]);
        assert_eq!(read(&json!("{\"name\":\"Sari\"}"), BASE), [MediaValue::Data(json!({"name": "Sari"}))]);
    }

    #[test]
    fn locations_keep_their_digits() {
        let expected = json!({"latitude": "-6.200", "longitude": "106.816666", "name": "Monas"});
        assert_eq!(location(&json!({"latitude": "-6.200", "longitude": 106.816_666, "name": "Monas"})), Some(expected));
        assert_eq!(location(&json!({"latitude": "x", "longitude": 1})), None);
    }
}
