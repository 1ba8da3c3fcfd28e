//! CloudChat's other side: reads our requests, writes its answers and signed events.
//!
//! Invariant: an event is signed over the very bytes that are in it.
//!
//! Sources: seed 004 for statuses, envelope and redelivery; providers.md 5.1 and 5.2 `[impl]` for the rest.

use std::time::Duration;

use serde_json::{Value, json};

use super::{BUTTONS_MAX, TEXT_MAX};
use crate::domain::inbound::{InboundMessage, Receipt};
use crate::domain::outgoing::{Button, MediaKind, MediaLink};
use crate::domain::{Channel, Content, Direction, Failure, Inbound, Kind, SessionState, Status, Timestamp};
use crate::providers::common::body;
use crate::providers::common::json::first_text;
use crate::providers::common::url;
use crate::providers::signature;
use crate::providers::simulator::{GatewayRequest, RetryPolicy, Simulator};
use crate::providers::types::Profile;
use crate::providers::types::{Method, Request, Response, Webhook};
use crate::providers::types::{Query, QueryResponse};

/// Seed 004, "Retry Policy".
const GAPS: &[Duration] = &[Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

#[derive(Debug)]
pub(crate) struct CloudChatSimulator;

fn refusal(status: u16, words: &str) -> Response {
    Response::json(status, &json!({"error": words}))
}

impl Simulator for CloudChatSimulator {
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        let key = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        // Seed 004: 401 = "API key tidak valid atau hilang".
        match key {
            None => return Err(refusal(401, "Missing API key")),
            Some(key) if !profile.api_key.matches(key) => return Err(refusal(401, "Invalid API key")),
            Some(_) => {}
        }
        let body = request.body.as_deref().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
        let body = body.filter(Value::is_object).ok_or_else(|| refusal(400, "Invalid JSON body"))?;
        match (request.method, url::path_below(&profile.base_url, request)) {
            (Method::Post, Some("/messages")) => read_send(profile, &body),
            (Method::Post, Some("/check-number")) => {
                let phone =
                    first_text(&body, &["phone"]).ok_or_else(|| refusal(400, "Missing required fields: phone"))?;
                Ok(GatewayRequest::Query(Query::CheckNumber(phone)))
            }
            _ => Err(refusal(404, "Not found")),
        }
    }

    fn send_response(&self, _profile: &Profile, asked: &GatewayRequest, _id: &str, now: Timestamp) -> Response {
        let data = match asked {
            // Milliseconds since 1970, a number; acknowledgements name WhatsApp's id instead.
            GatewayRequest::Send { channel: Channel::WhatsApp, .. } => json!({"status": "queued", "id": now.millis()}),
            _ => json!({"status": "sent"}),
        };
        Response::json(200, &json!({"success": true, "data": data}))
    }

    fn query_response(&self, _profile: &Profile, query: &Query, answer: &QueryResponse, _now: Timestamp) -> Response {
        let (Query::CheckNumber(phone), QueryResponse::Registered(registered)) = (query, answer) else {
            return refusal(404, "Not found");
        };
        let jid = registered.then(|| format!("{phone}@s.whatsapp.net"));
        let data = json!({"phone": phone, "jid": jid, "is_registered": registered});
        Response::json(200, &json!({"success": true, "data": data}))
    }

    fn error_response(&self, status: u16, failure: &Failure) -> Response {
        refusal(status, &failure.message)
    }

    fn webhook(&self, profile: &Profile, claim: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
        let evt = format!("evt_{}", now.millis().saturating_add_unsigned(serial));
        let (event, channel, id, at, data) = match claim {
            Inbound::Message(message) => {
                let channel = message.channel.unwrap_or(profile.channel);
                let data = told_message(profile, message, channel, serial)?;
                let id = first_text(&data, &["waMessageId"]).unwrap_or(evt);
                ("message.received", channel, id, message.at, data)
            }
            Inbound::Receipt(receipt) => {
                let data = told_receipt(receipt)?;
                ("message.ack", Channel::WhatsApp, receipt.remote_id.clone(), receipt.at, data)
            }
            Inbound::Session { state, .. } => {
                let data = json!({"status": session_word(*state)?, "phone": "6281234567890"});
                ("status.update", profile.channel, evt, None, data)
            }
            _ => return None,
        };
        let session = profile.session.as_deref().unwrap_or("uuid-session-001");
        let body = json!({"event": event, "id": id, "timestamp": at.unwrap_or(now).seconds(),
                          "channel": channel.as_str(), "session_id": session, "data": data});
        Some(signed(profile, body.to_string().into_bytes()))
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { timeout: Duration::from_secs(5), delays: GAPS, retry_refused: false }
    }
}

fn read_send(profile: &Profile, body: &Value) -> Result<GatewayRequest, Response> {
    let missing = || refusal(400, "Missing required fields: channel, to, content");
    let word = first_text(body, &["channel"]).ok_or_else(missing)?;
    let to = first_text(body, &["to"]).ok_or_else(missing)?;
    let channel: Channel = word.parse().map_err(|_| refusal(400, &format!("Unsupported channel: {word}")))?;
    let digits = to.bytes().all(|b| b.is_ascii_digit()) && !to.starts_with('0');
    if channel.uses_phone_numbers() && !digits {
        return Err(refusal(400, &format!("Invalid phone number: {to}")));
    }
    let session = first_text(body, &["session_id"]);
    if session.is_some() && profile.session.is_some() && session != profile.session {
        return Err(refusal(403, "Session does not belong to this account"));
    }
    // The page's body has no `content`, the clients' bodies have no root `text`: both are taken.
    let content = body.get("content").filter(|c| !c.is_null()).unwrap_or(body);
    let content = read_content(body, content)?;
    Ok(GatewayRequest::Send { channel, to, group: false, content, notify_url: None })
}

fn read_content(root: &Value, content: &Value) -> Result<Content, Response> {
    let missing = || refusal(400, "Missing required fields: channel, to, content");
    let text = body::text_in(&[content]);
    let word = first_text(root, &["type"]).unwrap_or_else(|| "text".to_owned());
    match word.as_str() {
        "text" => {
            let body = text.ok_or_else(missing)?;
            if body.chars().count() > TEXT_MAX {
                return Err(refusal(400, "Text is too long"));
            }
            Ok(Content::Text { body })
        }
        "button" => {
            let optional = |name: &str| first_text(content, &[name]);
            let media = first_text(root, &["media_url"]).map(|url| MediaLink { kind: MediaKind::Image, url });
            let buttons = content.get("buttons").and_then(Value::as_array).ok_or_else(missing)?;
            let buttons: Option<Vec<_>> = buttons.iter().map(button).collect();
            let buttons = buttons.filter(|b| (1..=BUTTONS_MAX).contains(&b.len())).ok_or_else(missing)?;
            let (title, footer) = (optional("title"), optional("footer"));
            Ok(Content::Buttons { text: text.ok_or_else(missing)?, title, footer, media, buttons })
        }
        word => {
            let kind = MediaKind::ALL.into_iter().find(|k| k.as_str() == word);
            let kind = kind.ok_or_else(|| refusal(400, &format!("Unsupported type: {word}")))?;
            let url = first_text(root, &["media_url"]).ok_or_else(|| refusal(400, "Missing media_url"))?;
            Ok(Content::Media { link: MediaLink { kind, url }, caption: text })
        }
    }
}

fn button(button: &Value) -> Option<Button> {
    let title = first_text(button, &["text"])?;
    match first_text(button, &["type"]).as_deref() {
        Some("cta_url") => Some(Button::Url { url: first_text(button, &["url"])?, title }),
        Some("cta_copy") => Some(Button::Copy { code: first_text(button, &["copy_code"])?, title }),
        None => Some(Button::Reply { id: first_text(button, &["id"])?, title }),
        Some(_) => None,
    }
}

/// `{from, pushName, text, type, mediaUrl, waMessageId, channel}`; our own messages are not forwarded.
fn told_message(profile: &Profile, message: &InboundMessage, channel: Channel, serial: u64) -> Option<Value> {
    // Group messages are in none of their documents.
    if message.direction == Direction::Out || message.peer.group {
        return None;
    }
    let payload = message.payload.as_ref();
    let (word, media) = match message.kind {
        // Choices land in the text, by their label.
        Kind::Text | Kind::Choice => ("text", Value::Null),
        Kind::Image | Kind::Sticker => ("image", media_url(profile, message)),
        Kind::Video => ("video", media_url(profile, message)),
        Kind::Audio => ("audio", media_url(profile, message)),
        Kind::Document => ("document", media_url(profile, message)),
        Kind::Location => ("location", json!(payload?.to_string())),
        Kind::Contacts => {
            let card = payload?.pointer("/contacts/0")?;
            let phone = card.pointer("/numbers/0").cloned().unwrap_or_default();
            let name = card.get("name").cloned().unwrap_or_default();
            ("contact", json!(json!({"name": name, "phone": phone, "vcard": ""}).to_string()))
        }
        _ => return None,
    };
    let mut data = json!({
        "from": message.peer.id, "pushName": message.name, "text": message.text, "type": word,
        "mediaUrl": media, "media": null, "channel": channel.as_str(),
    });
    if channel == Channel::WhatsApp {
        let made = || format!("3EB0{}", signature::fingerprint(&serial.to_be_bytes()).to_ascii_uppercase());
        data["waMessageId"] = json!(message.remote_id.clone().unwrap_or_else(made));
    }
    Some(data)
}

/// Media under the gateway's own address is told by its path (`/uploads/…`).
fn media_url(profile: &Profile, message: &InboundMessage) -> Value {
    let Some(url) = message.media.as_ref().and_then(|media| media.url.as_deref()) else { return Value::Null };
    let path = url.strip_prefix(url::origin(&profile.base_url)).filter(|path| path.starts_with('/'));
    json!(path.unwrap_or(url))
}

fn told_receipt(receipt: &Receipt) -> Option<Value> {
    let word = match receipt.status {
        Status::Sent | Status::Delivered | Status::Read | Status::Failed => receipt.status.as_str(),
        _ => return None,
    };
    Some(json!({"id": receipt.remote_id, "status": word}))
}

fn session_word(state: SessionState) -> Option<&'static str> {
    match state {
        SessionState::Connected => Some("connected"),
        SessionState::LoggedOut => Some("disconnected"),
        SessionState::Banned => Some("terblokir"),
        _ => None,
    }
}

/// Lower-case hex without prefix, over the body as it is sent.
fn signed(profile: &Profile, body: Vec<u8>) -> Webhook {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if let Some(secret) = profile.webhook_secrets.first() {
        headers.push(("x-cloudchat-signature".to_owned(), signature::hex_signature(secret, &[&body])));
    }
    Webhook { ack: false, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountName, Secret};
    use crate::providers::registry;

    fn profile() -> Profile {
        let provider = registry::find("cloudchat").unwrap();
        Profile {
            account: AccountName::new("toko").unwrap(),
            base_url: provider.manifest().base_url.unwrap().to_owned(),
            mode: None,
            session: Some("uuid-session-001".to_owned()),
            channel: Channel::WhatsApp,
            api_key: Secret::new("sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"),
            webhook_secrets: Vec::new(),
            allow_unsigned: false,
            window: provider.default_window(None),
            notify_url: None,
        }
    }

    fn read(body: &Value) -> Result<GatewayRequest, Response> {
        let profile = profile();
        let request = Request::post_json(format!("{}/messages", profile.base_url), body).bearer(&profile.api_key);
        CloudChatSimulator.read_request(&profile, &request)
    }

    #[test]
    fn the_pages_body_and_the_clients_body_ask_the_same() {
        let page = json!({"channel": "whatsapp", "to": "6281234567890", "type": "text", "text": "Halo"});
        let client = json!({"channel": "whatsapp", "type": "text", "to": "6281234567890", "content": {"text": "Halo"}});
        let bare = json!({"channel": "whatsapp", "type": "text", "to": "6281234567890", "content": "Halo"});
        let asked = read(&page).unwrap();
        assert_eq!(read(&client).unwrap(), asked);
        assert_eq!(read(&bare).unwrap(), asked);
    }

    #[test]
    fn wrong_requests_get_the_documented_statuses() {
        let status = |body: Value| read(&body).expect_err("a refusal").status;
        assert_eq!(status(json!({})), 400);
        assert_eq!(status(json!({"channel": "whatsapp", "to": "6281234567890", "type": "text"})), 400);
        assert_eq!(status(json!({"channel": "fax", "to": "6281234567890", "type": "text", "text": "a"})), 400);
        assert_eq!(status(json!({"channel": "whatsapp", "to": "+62812", "type": "text", "text": "a"})), 400);
        assert_eq!(
            status(json!({"channel": "telegram", "to": "7", "type": "text", "text": "a", "session_id": "lain"})),
            403
        );
        let mut request = Request::post_json(format!("{}/messages", profile().base_url), &json!({}));
        assert_eq!(CloudChatSimulator.read_request(&profile(), &request).expect_err("no key").status, 401);
        request = request.bearer(&Secret::new("sk_live_lain"));
        assert_eq!(CloudChatSimulator.read_request(&profile(), &request).expect_err("a wrong key").status, 401);
    }
}
