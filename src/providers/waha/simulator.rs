//! WAHA's simulator: reads our requests and writes its responses. Its webhooks are in [`super::simulated_events`].
//!
//! Source: waha.devlike.pro/docs/how-to, devlikeapro/waha `src/api` and `src/core`. Nothing here is used with a real
//! server.

use super::ids::{MessageId, peer, peer_chat_id, session};
use super::simulated_events;
use crate::domain::inbound::Peer;
use crate::domain::media::FileType;
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::domain::{Channel, Content, Failure, FileBytes, Inbound, OutgoingFile, Timestamp};
use crate::providers::common::contact_card::read_vcard;
use crate::providers::common::json::first_text;
use crate::providers::common::url::{api_endpoint, encode, parameter, path_below};
use crate::providers::simulator::{GatewayRequest, RetryPolicy, Simulator};
use crate::providers::types::{LoginState, Method, Profile, Query, QueryResponse, Request, Response, Webhook};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// The simulator of WAHA servers.
pub(super) struct WahaSimulator;

/// "retries": {"policy": "constant", "delaySeconds": 2, "attempts": 15} (page "Events", Retries).
const DELAYS: [Duration; 15] = [Duration::from_secs(2); 15];

impl Simulator for WahaSimulator {
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        let Some(path) = path_below(&api_endpoint(profile, ""), request) else {
            return Err(refused(404, "Not Found"));
        };
        if !request.header("x-api-key").is_some_and(|key| profile.api_key.matches(key)) {
            return Err(Response::json(401, &json!({"message": "Unauthorized", "statusCode": 401})));
        }
        match request.method {
            Method::Get => read_query(profile, path, &request.url).map(GatewayRequest::Query),
            Method::Post => read_message(profile, path, request),
            Method::Put => read_reaction(profile, path, request),
        }
    }

    fn send_response(&self, _profile: &Profile, request: &GatewayRequest, id: &str, now: Timestamp) -> Response {
        let GatewayRequest::Send { to, group, content, .. } = request else {
            return refused(400, "not a message");
        };
        let chat = peer_chat_id(to, *group);
        Response::json(
            201,
            &json!({
                "id": format!("true_{chat}_{id}"), "timestamp": now.seconds(), "from": simulated_events::OWN_ID,
                "fromMe": true, "source": "api", "to": chat, "body": content.text(), "hasMedia": false,
                "ack": 0, "ackName": "PENDING", "vCards": [],
            }),
        )
    }

    fn query_response(&self, profile: &Profile, query: &Query, answer: &QueryResponse, _now: Timestamp) -> Response {
        let session = session(profile);
        let wrong_status = |status: &str| {
            let body = json!({
                "error": "Session status is not as expected. Try again later or restart the session",
                "session": session, "status": status, "expected": ["SCAN_QR_CODE"],
            });
            Response::json(422, &body)
        };
        let body = match (answer, query) {
            (QueryResponse::Groups(groups), _) => groups
                .iter()
                .map(|group| {
                    let (id, last_at) = (peer_chat_id(&group.id, true), group.last_at.map(Timestamp::seconds));
                    json!({"id": id, "subject": group.name, "conversationTimestamp": last_at})
                })
                .collect(),
            (QueryResponse::Registered(true), Query::CheckNumber(phone)) => {
                json!({"numberExists": true, "chatId": peer_chat_id(phone, false)})
            }
            (QueryResponse::Registered(exists), _) => json!({"numberExists": exists}),
            (QueryResponse::Login(LoginState::Code(code)), _) => json!({"value": code}),
            (QueryResponse::Login(LoginState::Connected { .. }), _) => return wrong_status("WORKING"),
            (QueryResponse::Login(LoginState::NotReady), _) => return wrong_status("STARTING"),
            (QueryResponse::Alive, _) => json!({
                "name": session, "status": "WORKING", "config": {"webhooks": []},
                "me": {"id": simulated_events::OWN_ID, "pushName": profile.account.as_str()}, "engine": {"engine": "NOWEB"},
            }),
            (
                QueryResponse::Contacts(_)
                | QueryResponse::Created(_)
                | QueryResponse::Exists
                | QueryResponse::Templates(..),
                _,
            ) => return refused(404, "Not Found"),
        };
        Response::json(200, &body)
    }

    fn error_response(&self, status: u16, failure: &Failure) -> Response {
        refused(status, &failure.message)
    }

    fn webhook(&self, profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
        simulated_events::webhook(profile, inbound, now, serial)
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { timeout: Duration::from_secs(10), delays: &DELAYS, retry_refused: false }
    }
}

fn refused(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"message": message, "statusCode": status}))
}

fn unknown_session() -> Response {
    refused(404, "We didn't find a session with that name. Please start it first.")
}

fn read_query(profile: &Profile, path: &str, url: &str) -> Result<Query, Response> {
    let own = encode(session(profile));
    let path = path.trim_start_matches('/');
    if path == "contacts/check-exists" {
        if parameter(url, "session").is_some_and(|name| name != session(profile)) {
            return Err(unknown_session());
        }
        let phone = parameter(url, "phone").filter(|phone| !phone.is_empty());
        return phone.map(Query::CheckNumber).ok_or_else(|| refused(400, "phone must be a string"));
    }
    if let Some(session) = path.strip_prefix("sessions/") {
        return if session == own { Ok(Query::Probe) } else { Err(unknown_session()) };
    }
    match path.split_once('/') {
        Some((session, "groups" | "auth/qr")) if session != own => Err(unknown_session()),
        Some((_, "groups")) => Ok(Query::Groups),
        Some((_, "auth/qr")) if parameter(url, "format").as_deref() == Some("raw") => Ok(Query::Login),
        _ => Err(refused(404, "Not Found")),
    }
}

fn read_message(profile: &Profile, path: &str, request: &Request) -> Result<GatewayRequest, Response> {
    let bytes = request.body.as_deref().unwrap_or_default();
    let body: Value = serde_json::from_slice(bytes).map_err(|_| refused(400, "Unexpected token in JSON"))?;
    if required_text(&body, "session")? != session(profile) {
        return Err(unknown_session());
    }
    let chat = required_text(&body, "chatId")?;
    let Some(Peer { id, group, .. }) = peer(&chat) else { return Err(refused(400, "chatId is no chat")) };
    let content = read_content(path, &body, bytes)?;
    Ok(GatewayRequest::Send { channel: Channel::WhatsApp, to: id, group, content, notify_url: None })
}

/// Reads a reaction: `PUT /api/reaction`.
fn read_reaction(profile: &Profile, path: &str, request: &Request) -> Result<GatewayRequest, Response> {
    if path.trim_start_matches('/') != "reaction" {
        return Err(refused(404, "Not Found"));
    }
    let bytes = request.body.as_deref().unwrap_or_default();
    let body: Value = serde_json::from_slice(bytes).map_err(|_| refused(400, "Unexpected token in JSON"))?;
    if required_text(&body, "session")? != session(profile) {
        return Err(unknown_session());
    }
    let target = MessageId::parse(&required_text(&body, "messageId")?);
    let Some(Peer { id, group, .. }) = target.chat().and_then(|chat| peer(&chat)) else {
        return Err(refused(400, "messageId names no chat"));
    };
    let content = Content::Reaction { emoji: required_text(&body, "reaction")? };
    Ok(GatewayRequest::Send { channel: Channel::WhatsApp, to: id, group, content, notify_url: None })
}

fn required_text(body: &Value, key: &str) -> Result<String, Response> {
    body.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
        let reasons = [format!("{key} must be a string")];
        Response::json(400, &json!({"message": reasons, "error": "Bad Request", "statusCode": 400}))
    })
}

fn read_content(path: &str, body: &Value, bytes: &[u8]) -> Result<Content, Response> {
    let caption = |key: &str| first_text(body, &[key]);
    let file = |kind: MediaKind| -> Result<Content, Response> {
        if let Some(data) = body.pointer("/file/data") {
            let link = MediaLink::of_file(kind, uploaded(body, data)?);
            return Ok(Content::Media { link, caption: caption("caption") });
        }
        let url = required_text(body.get("file").unwrap_or(&Value::Null), "url")?;
        Ok(Content::Media { link: MediaLink::new(kind, url), caption: caption("caption") })
    };
    match path.trim_start_matches('/') {
        "sendText" => Ok(Content::Text { body: required_text(body, "text")? }),
        "sendImage" => file(MediaKind::Image),
        "sendVideo" => file(MediaKind::Video),
        "sendVoice" => file(MediaKind::Audio),
        "sendFile" => {
            let mime = body.pointer("/file/mimetype").and_then(Value::as_str).unwrap_or_default();
            file(if mime.starts_with("audio/") { MediaKind::Audio } else { MediaKind::Document })
        }
        "sendLocation" => {
            let number =
                |key| number_as_written(body, bytes, key).ok_or_else(|| refused(400, "coordinates must be numbers"));
            let (latitude, longitude) = (number("latitude")?, number("longitude")?);
            Ok(Content::Location { latitude, longitude, caption: caption("title") })
        }
        "sendContactVcard" => read_card(body).ok_or_else(|| refused(400, "contacts must be an array")),
        _ => Err(refused(404, "Not Found")),
    }
}

/// The file in a request: base64 of what its type says.
fn uploaded(body: &Value, data: &Value) -> Result<OutgoingFile, Response> {
    let named = |key: &str| required_text(body.get("file").unwrap_or(&Value::Null), key);
    let (mime, name) = (named("mimetype")?, named("filename")?);
    let bytes = data.as_str().and_then(|data| STANDARD.decode(data).ok()).filter(|bytes| !bytes.is_empty());
    let Some(bytes) = bytes else { return Err(refused(400, "file.data must be base64")) };
    let found = FileType::of_bytes(bytes.get(..FileType::HEAD).unwrap_or(&bytes));
    if mime.starts_with("image/") && found.mime != mime {
        return Err(refused(400, "file.mimetype is not what file.data is"));
    }
    let (sha256, size) = (hex::encode(Sha256::digest(&bytes)), u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    Ok(OutgoingFile { sha256, name, mime, size, bytes: Some(FileBytes(Arc::new(bytes))), path: None })
}

/// A number with the digits that are written in the body: a parsed one has lost the zeros at its end.
fn number_as_written(body: &Value, bytes: &[u8], key: &str) -> Option<String> {
    let parsed = body.get(key).filter(|value| value.is_number())?;
    let text = std::str::from_utf8(bytes).ok()?;
    // Inside a text the quotes would be escaped, so this can only be the field.
    let (_, rest) = text.split_once(&format!("\"{key}\":"))?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'))
        .collect();
    Some(if digits.is_empty() { parsed.to_string() } else { digits })
}

fn read_card(body: &Value) -> Option<Content> {
    let contact = body.pointer("/contacts/0")?;
    if let Some(vcard) = contact.get("vcard").and_then(Value::as_str).map(read_vcard) {
        return Some(Content::Card { name: vcard.name?, numbers: vcard.numbers });
    }
    let number = first_text(contact, &["whatsappId"])?;
    Some(Content::Card { name: first_text(contact, &["fullName"])?, numbers: vec![number] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::provider::Provider;
    use crate::providers::sample::outgoing;
    use crate::providers::types::Outcome;
    use crate::providers::waha::Waha;
    use crate::providers::waha::tests::profile;

    #[test]
    fn every_send_is_read_back() {
        let link = |kind, url: &str| MediaLink::new(kind, url);
        let media = |kind, url: &str, caption: Option<&str>| Content::Media {
            link: link(kind, url),
            caption: caption.map(Into::into),
        };
        let numbers = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect();
        let contents = [
            Content::Text { body: "Halo kak 🙏".into() },
            media(MediaKind::Image, "https://a.id/x.png", Some("Foto")),
            media(MediaKind::Video, "https://a.id/x.mp4", None),
            media(MediaKind::Audio, "https://a.id/x.ogg", None),
            media(MediaKind::Audio, "https://a.id/x.mp3", Some("Dengarkan")),
            media(MediaKind::Document, "https://a.id/x.pdf", Some("Nota")),
            media(MediaKind::Document, "https://a.id/lagu.mp3", None),
            Content::Location { latitude: "-6.200000".into(), longitude: "106.816660".into(), caption: None },
            Content::Location {
                latitude: "0.5".into(),
                longitude: "101.4".into(),
                caption: Some("\"latitude\":9".into()),
            },
            Content::Card { name: "Budi".into(), numbers: numbers(&["628124000000"]) },
            Content::Card { name: "Budi".into(), numbers: numbers(&["628124000000", "628125000000"]) },
        ];
        for content in contents {
            for group in [false, true] {
                let outgoing = outgoing(content.clone(), group);
                let request = Waha.send_request(&profile(), &outgoing).unwrap();
                let read = WahaSimulator.read_request(&profile(), &request).unwrap();
                let to = outgoing.to.peer.clone();
                let content = content.clone();
                let expected =
                    GatewayRequest::Send { channel: Channel::WhatsApp, to, group, content, notify_url: None };
                assert_eq!(read, expected);
                let response =
                    WahaSimulator.send_response(&profile(), &read, "3EB0_AA", Timestamp::from_seconds(1_700_000_000));
                let accepted = Outcome::Accepted { remote_id: Some("3EB0_AA".into()) };
                assert_eq!(Waha.read_send_response(&profile(), &outgoing, &response), accepted);
            }
        }
    }

    #[test]
    fn wrong_keys_sessions_and_bodies_are_refused_as_documented() {
        let halo = outgoing(Content::Text { body: "Halo".into() }, false);
        let status = |profile: &Profile| {
            let request = Waha.send_request(profile, &halo).unwrap();
            WahaSimulator.read_request(&self::profile(), &request).unwrap_err().status
        };
        let mut stranger = profile();
        stranger.api_key = crate::domain::Secret::new("salah");
        assert_eq!(status(&stranger), 401);
        let mut other = profile();
        other.session = Some("lain".into());
        assert_eq!(status(&other), 404);
        let mut request = Waha.send_request(&profile(), &halo).unwrap();
        request.body = Some(br#"{"session":"default"}"#.to_vec());
        let response = WahaSimulator.read_request(&profile(), &request).unwrap_err();
        let Outcome::Refused { failure } = Waha.read_send_response(&profile(), &halo, &response) else { panic!() };
        assert_eq!(failure.message, "chatId must be a string");
    }

    #[test]
    fn queries_and_their_responses_are_read_back() {
        let profile = Profile { session: Some("toko 1".into()), ..profile() };
        let group = crate::domain::Group {
            account: profile.account.clone(),
            id: "120363000000000001".into(),
            name: "Reseller".into(),
            last_at: Some(Timestamp::from_seconds(1_700_000_000)),
        };
        let answers = [
            (Query::CheckNumber("628123000000".into()), QueryResponse::Registered(true)),
            (Query::CheckNumber("628123000000".into()), QueryResponse::Registered(false)),
            (Query::Login, QueryResponse::Login(LoginState::Code("2@abc".into()))),
            (Query::Login, QueryResponse::Login(LoginState::NotReady)),
            (Query::Login, QueryResponse::Login(LoginState::Connected { number: None, name: None })),
            (Query::Probe, QueryResponse::Alive),
            (Query::Groups, QueryResponse::Groups(vec![group])),
        ];
        for (query, answer) in answers {
            let request = Waha.query_request(&profile, &query).unwrap();
            assert_eq!(WahaSimulator.read_request(&profile, &request), Ok(GatewayRequest::Query(query.clone())));
            let response = WahaSimulator.query_response(&profile, &query, &answer, Timestamp::default());
            assert_eq!(Waha.read_query_response(&profile, &query, &response), Ok(answer));
        }
    }
}
