//! Sends to WAHA: one endpoint for each kind, JSON bodies in the field order of its page.
//!
//! Source: waha.devlike.pro/docs/how-to/send-messages. Coordinates are never rounded: they are sent digit for digit.

use super::ids::{MessageId, chat_id, session};
use super::response::{explain, not_working};
use crate::domain::outgoing::{MediaKind, MediaLink, extension};
use crate::domain::{Content, Outgoing};
use crate::providers::common::contact_card::write_vcard;
use crate::providers::common::json::first_text_at;
use crate::providers::common::response::send_outcome;
use crate::providers::common::url::api_endpoint;
use crate::providers::types::{Outcome, Profile, Request, Response, Unsupported};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The wait before the next attempt while a session is starting.
const STARTING: Duration = Duration::from_secs(5);

/// The request that sends `outgoing`.
pub(super) fn request(profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    let (session, chat) = (session(profile), chat_id(&outgoing.to));
    let quoted = outgoing.quote.as_ref().map(|quote| MessageId::whole(&chat, quote));
    let (path, mut body) = match &outgoing.content {
        Content::Text { body } => ("sendText", json!({"session": session, "chatId": chat, "text": body})),
        Content::Media { link, caption } => media(session, &chat, link, caption.as_deref()),
        Content::Location { latitude, longitude, caption } => {
            let url = api_endpoint(profile, "sendLocation");
            let body = location(session, &chat, (latitude, longitude), caption.as_deref(), quoted.as_deref());
            let request = Request { body: Some(body.into_bytes()), ..Request::post_json(url, &Value::Null) };
            return Ok(request.secret_header("X-Api-Key", &profile.api_key));
        }
        Content::Card { name, numbers } => ("sendContactVcard", card(session, &chat, name, numbers)),
        Content::Reaction { emoji } => {
            let body = json!({"messageId": quoted.ok_or(Unsupported)?, "reaction": emoji, "session": session});
            let request = Request::put_json(api_endpoint(profile, "reaction"), &body);
            return Ok(request.secret_header("X-Api-Key", &profile.api_key));
        }
        Content::Template(_) | Content::Buttons { .. } | Content::List { .. } => return Err(Unsupported),
    };
    if let (Some(id), Some(fields)) = (quoted, body.as_object_mut()) {
        fields.insert("reply_to".to_owned(), json!(id));
    }
    Ok(Request::post_json(api_endpoint(profile, path), &body).secret_header("X-Api-Key", &profile.api_key))
}

fn media(session: &str, chat: &str, link: &MediaLink, caption: Option<&str>) -> (&'static str, Value) {
    let caption = caption.filter(|text| !text.trim().is_empty());
    let mime = mime(link);
    let name = file_name(&link.url);
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("session", json!(session));
    let path = match (link.kind, caption) {
        (MediaKind::Image, _) => {
            put("chatId", json!(chat));
            put("file", file(link, json!({"mimetype": mime, "url": link.url, "filename": name})));
            caption.map(|text| put("caption", json!(text)));
            "sendImage"
        }
        (MediaKind::Video, _) => {
            put("chatId", json!(chat));
            caption.map(|text| put("caption", json!(text)));
            put("asNote", json!(false));
            put("file", file(link, json!({"mimetype": mime, "filename": name, "url": link.url})));
            put("convert", json!(mime != "video/mp4"));
            "sendVideo"
        }
        (MediaKind::Audio, None) => {
            put("chatId", json!(chat));
            put("file", file(link, json!({"mimetype": mime, "url": link.url})));
            // "WhatsApp accepts only OPUS in OGG"; for everything else the server is asked to convert.
            put("convert", json!(mime != OPUS));
            "sendVoice"
        }
        // A voice note has no caption: with one, the sound is sent as a file, so that the text is not lost.
        (MediaKind::Audio | MediaKind::Document, _) => {
            caption.map(|text| put("caption", json!(text)));
            put("chatId", json!(chat));
            put("file", file(link, json!({"mimetype": mime, "filename": name, "url": link.url})));
            "sendFile"
        }
    };
    (path, Value::Object(body))
}

/// What names a file: `linked`, or the file itself where it is one of ours.
fn file(link: &MediaLink, linked: Value) -> Value {
    let Some(file) = &link.file else { return linked };
    let data = file.bytes.as_ref().map(|bytes| STANDARD.encode(bytes.0.as_slice())).unwrap_or_default();
    json!({"mimetype": mime(link), "filename": file.name, "data": data})
}

/// The media type of a voice note.
const OPUS: &str = "audio/ogg; codecs=opus";

/// The media type: what the bytes say, where it is a file of ours.
fn mime(link: &MediaLink) -> &str {
    match &link.file {
        Some(file) if file.mime == "audio/ogg" => OPUS,
        // The bytes do not tell which; the name does.
        Some(file) if matches!(file.mime.as_str(), "text/plain" | "application/x-ole-storage") => {
            mime_of(MediaKind::Document, Some(&file.extension()))
        }
        Some(file) => &file.mime,
        None => mime_of(link.kind, extension(&link.url).as_deref()),
    }
}

/// The media type by an ending, within a kind.
fn mime_of(kind: MediaKind, ending: Option<&str>) -> &'static str {
    match (kind, ending.unwrap_or_default()) {
        (MediaKind::Image, "png") => "image/png",
        (MediaKind::Image, "webp") => "image/webp",
        (MediaKind::Image, "gif") => "image/gif",
        (MediaKind::Image, _) => "image/jpeg",
        (MediaKind::Video, "3gp") => "video/3gpp",
        (MediaKind::Video, "webm") => "video/webm",
        (MediaKind::Video, "mov") => "video/quicktime",
        (MediaKind::Video, _) => "video/mp4",
        (MediaKind::Audio, "mp3") => "audio/mpeg",
        (MediaKind::Audio, "m4a" | "aac") => "audio/mp4",
        (MediaKind::Audio, "amr") => "audio/amr",
        (MediaKind::Audio, "wav") => "audio/wav",
        (MediaKind::Audio, _) => OPUS,
        (MediaKind::Document, "pdf") => "application/pdf",
        (MediaKind::Document, "doc") => "application/msword",
        (MediaKind::Document, "xls") => "application/vnd.ms-excel",
        (MediaKind::Document, "docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (MediaKind::Document, "xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (MediaKind::Document, "csv") => "text/csv",
        (MediaKind::Document, "txt") => "text/plain",
        (MediaKind::Document, "zip") => "application/zip",
        (MediaKind::Document, _) => "application/octet-stream",
    }
}

/// The last part of a URL's path, under which the customer sees the file.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    path.rsplit_once('/').map(|(_, name)| name).filter(|name| !name.is_empty()).unwrap_or("file")
}

/// The body that sends a location. Coordinates are JSON numbers, written as text because a float would drop the zeros
/// at their end.
fn location(
    session: &str,
    chat: &str,
    (latitude, longitude): (&str, &str),
    title: Option<&str>,
    quoted: Option<&str>,
) -> String {
    let reply_to = quoted.map(|id| format!(r#","reply_to":{}"#, json!(id))).unwrap_or_default();
    format!(
        r#"{{"chatId":{},"latitude":{},"longitude":{},"title":{},"session":{}{reply_to}}}"#,
        json!(chat),
        number(latitude),
        number(longitude),
        json!(title.unwrap_or_default()),
        json!(session),
    )
}

/// A coordinate as a JSON number, which has no `+`, no `.5`, no `5.` and no leading zeros.
fn number(text: &str) -> String {
    let plain = text.strip_prefix('+').unwrap_or(text);
    let whole = plain.strip_prefix('-').unwrap_or(plain);
    let (before, after) = whole.split_once('.').unwrap_or((whole, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if digits(before) && digits(after) && (before == "0" || !before.starts_with('0')) {
        return plain.to_owned();
    }
    plain.parse::<f64>().ok().filter(|degrees| degrees.is_finite()).unwrap_or_default().to_string()
}

fn card(session: &str, chat: &str, name: &str, numbers: &[String]) -> Value {
    let contacts: Vec<_> = match numbers {
        [number] => vec![json!({"fullName": name, "phoneNumber": format!("+{number}"), "whatsappId": number})],
        // The form with fields holds one number; several need a vCard.
        _ => vec![json!({"vcard": write_vcard(name, numbers)})],
    };
    json!({"session": session, "chatId": chat, "contacts": contacts})
}

/// Reads the response to a send.
pub(super) fn read_response(response: &Response) -> Outcome {
    if let Some((status, failure)) = not_working(response) {
        return match status.as_str() {
            "STARTING" => Outcome::Later { failure, retry_after: Some(STARTING) },
            _ => Outcome::Refused { failure },
        };
    }
    // One engine responds to a contact card with an empty body (source: session.noweb.core.ts, sendContactVCard).
    if (200..300).contains(&response.status) && response.body.trim_ascii().is_empty() {
        return Outcome::Accepted { remote_id: None };
    }
    match send_outcome(response, message_id) {
        Outcome::Refused { failure } => Outcome::Refused { failure: explain(failure, response) },
        Outcome::Unsure { failure } => Outcome::Unsure { failure: explain(failure, response) },
        Outcome::Later { failure, retry_after } => Outcome::Later { failure: explain(failure, response), retry_after },
        other => other,
    }
}

/// The message id, which each engine puts into a message object of its own.
fn message_id(body: &Value) -> Option<String> {
    let pointers = ["/id", "/id/_serialized", "/id/id", "/_data/id/_serialized", "/key/id", "/_data/key/id"];
    Some(MessageId::parse(&first_text_at(body, &pointers)?).id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FileBytes, OutgoingFile, Quote};
    use crate::providers::sample::outgoing;
    use crate::providers::types::Method;
    use crate::providers::waha::tests::profile;

    fn path_and_body(content: Content, group: bool) -> (String, String) {
        let request = request(&profile(), &outgoing(content, group)).unwrap();
        assert_eq!(request.header("x-api-key"), Some("kunci-rahasia"));
        (request.path().to_owned(), String::from_utf8(request.body.unwrap()).unwrap())
    }

    fn media(kind: MediaKind, url: &str, caption: Option<&str>) -> Content {
        Content::Media { link: MediaLink::new(kind, url), caption: caption.map(Into::into) }
    }

    #[test]
    fn coordinates_are_sent_digit_for_digit_as_valid_json() {
        for (text, number_text) in [
            ("0.525960", "0.525960"),
            ("-6.200", "-6.200"),
            ("+101.426866", "101.426866"),
            ("106", "106"),
            (".5", "0.5"),
            ("5.", "5"),
            ("007", "7"),
            ("1e400", "0"),
        ] {
            assert_eq!(number(text), number_text);
        }
        let location = Content::Location {
            latitude: "38.893700".into(),
            longitude: "-77.0969763".into(),
            caption: Some("Our \"office\"".into()),
        };
        let (path, body) = path_and_body(location, false);
        assert_eq!(path, "/api/sendLocation");
        assert_eq!(
            body,
            r#"{"chatId":"628123000000@c.us","latitude":38.893700,"longitude":-77.0969763,"title":"Our \"office\"","session":"default"}"#
        );
        assert!(serde_json::from_str::<Value>(&body).is_ok());
    }

    #[test]
    fn an_answer_and_a_reaction_name_the_message_by_its_whole_id() {
        let quote = |own, member: Option<&str>| Quote {
            remote_id: "3EB0AA".into(),
            own,
            member: member.map(Into::into),
            text: "Halo".into(),
        };
        let body = |content: Content, group, quote| {
            let outgoing = Outgoing { quote: Some(quote), ..outgoing(content, group) };
            let request = request(&profile(), &outgoing).unwrap();
            (request.method, request.path().to_owned(), String::from_utf8(request.body.unwrap()).unwrap())
        };
        let (method, path, text) = body(Content::Text { body: "Ya".into() }, false, quote(false, None));
        assert_eq!((method, path.as_str()), (Method::Post, "/api/sendText"));
        assert!(text.ends_with(r#","reply_to":"false_628123000000@c.us_3EB0AA"}"#), "{text}");
        let (.., text) = body(Content::Text { body: "Ya".into() }, true, quote(false, Some("628999")));
        assert!(text.contains(r#""false_120363000000000001@g.us_3EB0AA_628999@c.us""#), "{text}");
        let place = Content::Location { latitude: "-6.20".into(), longitude: "106.8".into(), caption: None };
        let (.., text) = body(place, false, quote(true, None));
        assert!(
            serde_json::from_str::<Value>(&text).is_ok_and(|body| body["reply_to"] == "true_628123000000@c.us_3EB0AA")
        );
        let (method, path, text) = body(Content::Reaction { emoji: "🙏".into() }, false, quote(false, None));
        assert_eq!((method, path.as_str()), (Method::Put, "/api/reaction"));
        assert_eq!(text, r#"{"messageId":"false_628123000000@c.us_3EB0AA","reaction":"🙏","session":"default"}"#);
    }

    #[test]
    fn a_voice_note_with_a_caption_is_sent_as_a_file() {
        let note = "https://a.id/suara.ogg";
        let (path, body) = path_and_body(media(MediaKind::Audio, note, None), false);
        assert_eq!((path.as_str(), body.contains(r#""convert":false"#)), ("/api/sendVoice", true));
        assert!(
            path_and_body(media(MediaKind::Audio, "https://a.id/x.mp3", None), false).1.contains(r#""convert":true"#)
        );
        let (path, body) = path_and_body(media(MediaKind::Audio, note, Some("Dengarkan kak")), false);
        assert_eq!((path.as_str(), body.contains("Dengarkan kak")), ("/api/sendFile", true));
    }

    #[test]
    fn a_file_of_ours_is_in_the_request_with_its_own_type_and_name() {
        let file = |name: &str, mime: &str| OutgoingFile {
            sha256: "ab".into(),
            name: name.into(),
            mime: mime.into(),
            size: 4,
            bytes: Some(FileBytes(std::sync::Arc::new(b"isi\xff".to_vec()))),
            path: None,
        };
        for (kind, name, mime, expected) in [
            (MediaKind::Image, "foto.png", "image/png", "image/png"),
            (MediaKind::Audio, "suara.oga", "audio/ogg", OPUS),
            (MediaKind::Document, "harga.csv", "text/plain", "text/csv"),
            (MediaKind::Document, "nota.pdf", "application/pdf", "application/pdf"),
        ] {
            let content =
                Content::Media { link: MediaLink::of_file(kind, file(name, mime)), caption: Some("Ini".into()) };
            let body: Value = serde_json::from_str(&path_and_body(content, false).1).unwrap();
            assert_eq!(body["file"], json!({"mimetype": expected, "filename": name, "data": "aXNp/w=="}));
            assert_eq!(body["caption"], "Ini");
        }
    }

    #[test]
    fn files_are_named_after_their_url() {
        assert_eq!(file_name("https://a.id/katalog/Juni.pdf?v=1"), "Juni.pdf");
        assert_eq!(file_name("https://a.id"), "file");
        assert_eq!(file_name("https://a.id/"), "file");
    }

    #[test]
    fn a_card_with_several_numbers_is_one_vcard() {
        let numbers = vec!["628124000000".to_owned(), "628125000000".to_owned()];
        let (_, body) = path_and_body(Content::Card { name: "Budi; Toko\n".into(), numbers }, true);
        let body: Value = serde_json::from_str(&body).unwrap();
        let vcard = body["contacts"][0]["vcard"].as_str().unwrap();
        assert!(vcard.contains("FN:Budi\\; Toko \nTEL"), "{vcard}");
        assert_eq!(vcard.matches("waid=").count(), 2);
        assert_eq!(body["chatId"], "120363000000000001@g.us");
    }

    #[test]
    fn the_message_id_is_found_in_every_engines_response() {
        let accepted = |id: Option<&str>| Outcome::Accepted { remote_id: id.map(Into::into) };
        for body in [
            json!({"id": "true_628123000000@c.us_3EB0AA", "ack": 0}),
            json!({"id": {"fromMe": true, "id": "3EB0AA", "_serialized": "true_628123000000@c.us_3EB0AA"}}),
            json!({"key": {"remoteJid": "628123000000@s.whatsapp.net", "fromMe": true, "id": "3EB0AA"}}),
            json!({"_data": {"id": {"_serialized": "true_1@lid_3EB0AA"}}}),
        ] {
            assert_eq!(read_response(&Response::json(201, &body)), accepted(Some("3EB0AA")), "{body}");
        }
        assert_eq!(read_response(&Response { status: 201, ..Response::default() }), accepted(None));
        assert!(matches!(read_response(&Response::json(500, &json!({"statusCode": 500}))), Outcome::Unsure { .. }));
    }

    #[test]
    fn a_session_that_is_not_working_differs_from_a_bad_message() {
        let body = |status: &str| json!({"error": "Session status is not as expected.", "status": status});
        let starting = read_response(&Response::json(422, &body("STARTING")));
        assert!(matches!(starting, Outcome::Later { retry_after: Some(STARTING), .. }));
        let Outcome::Refused { failure } = read_response(&Response::json(422, &body("SCAN_QR_CODE"))) else { panic!() };
        assert_eq!(failure.code, "session_not_working");
        let invalid = json!({"message": ["chatId must be a string", "text is empty"], "error": "Bad Request"});
        let Outcome::Refused { failure } = read_response(&Response::json(400, &invalid)) else { panic!() };
        assert_eq!(failure.message, "chatId must be a string; text is empty");
    }
}
