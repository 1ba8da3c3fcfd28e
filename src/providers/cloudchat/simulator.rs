//! Simulates CloudChat: reads requests, writes its responses and signed events.
//!
//! Sources: seed 004 for statuses, envelope and redelivery; providers.md 5.1 and 5.2 `[impl]` for the rest.

use super::manifest::{BUTTONS_MAX, TEXT_MAX};
use crate::domain::inbound::InboundMessage;
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::domain::{Channel, Content, Direction, Failure, Inbound, Kind, SessionState, Timestamp};
use crate::providers::common::json::first_text;
use crate::providers::common::simulation::{
    bearer_key, json_object, number_check, receipt_status, send_to_person, signed_webhook,
};
use crate::providers::common::{body, buttons, url};
use crate::providers::signature;
use crate::providers::simulator::{GatewayRequest, RetryPolicy, Simulator};
use crate::providers::types::{Method, Profile, Query, QueryResponse, Request, Response, Webhook};
use serde_json::{Value, json};
use std::time::Duration;

/// Seed 004, "Retry Policy".
const RETRY_GAPS: &[Duration] = &[Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

#[derive(Debug)]
pub(super) struct CloudChatSimulator;

fn refusal(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"error": message}))
}

impl Simulator for CloudChatSimulator {
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        // Seed 004: 401 = "API key tidak valid atau hilang".
        match bearer_key(request) {
            None => return Err(refusal(401, "Missing API key")),
            Some(key) if !profile.api_key.matches(key) => return Err(refusal(401, "Invalid API key")),
            Some(_) => {}
        }
        let body = json_object(request).ok_or_else(|| refusal(400, "Invalid JSON body"))?;
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

    fn send_response(&self, _profile: &Profile, request: &GatewayRequest, _id: &str, now: Timestamp) -> Response {
        let data = match request {
            // Milliseconds since 1970 as a number; receipts name WhatsApp's id instead.
            GatewayRequest::Send { channel: Channel::WhatsApp, .. } => json!({"status": "queued", "id": now.millis()}),
            _ => json!({"status": "sent"}),
        };
        Response::json(200, &json!({"success": true, "data": data}))
    }

    fn query_response(&self, _profile: &Profile, query: &Query, response: &QueryResponse, _now: Timestamp) -> Response {
        let (Query::CheckNumber(phone), QueryResponse::Registered(registered)) = (query, response) else {
            return refusal(404, "Not found");
        };
        Response::json(200, &json!({"success": true, "data": number_check(phone, *registered)}))
    }

    fn error_response(&self, status: u16, failure: &Failure) -> Response {
        refusal(status, &failure.message)
    }

    fn webhook(&self, profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
        let event_id = format!("evt_{}", now.millis().saturating_add_unsigned(serial));
        let (event, channel, id, at, data) = match inbound {
            Inbound::Message(message) => {
                let channel = message.channel.unwrap_or(profile.channel);
                let data = message_data(profile, message, channel, serial)?;
                let id = first_text(&data, &["waMessageId"]).unwrap_or(event_id);
                ("message.received", channel, id, message.at, data)
            }
            Inbound::Receipt(receipt) => {
                let data = json!({"id": receipt.remote_id, "status": receipt_status(receipt)?});
                ("message.ack", Channel::WhatsApp, receipt.remote_id.clone(), receipt.at, data)
            }
            Inbound::Session { state, .. } => {
                let data = json!({"status": session_status(*state)?, "phone": "6281234567890"});
                ("status.update", profile.channel, event_id, None, data)
            }
            _ => return None,
        };
        let session = profile.session.as_deref().unwrap_or("uuid-session-001");
        let body = json!({"event": event, "id": id, "timestamp": at.unwrap_or(now).seconds(),
                          "channel": channel.as_str(), "session_id": session, "data": data});
        Some(signed_webhook(profile, "x-cloudchat-signature", "", &body))
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { timeout: Duration::from_secs(5), delays: RETRY_GAPS, retry_refused: false }
    }
}

fn read_send(profile: &Profile, body: &Value) -> Result<GatewayRequest, Response> {
    let missing = || refusal(400, "Missing required fields: channel, to, content");
    let name = first_text(body, &["channel"]).ok_or_else(missing)?;
    let to = first_text(body, &["to"]).ok_or_else(missing)?;
    let channel: Channel = name.parse().map_err(|_| refusal(400, &format!("Unsupported channel: {name}")))?;
    let digits = to.bytes().all(|b| b.is_ascii_digit()) && !to.starts_with('0');
    if channel.uses_phone_numbers() && !digits {
        return Err(refusal(400, &format!("Invalid phone number: {to}")));
    }
    let session = first_text(body, &["session_id"]);
    if session.is_some() && profile.session.is_some() && session != profile.session {
        return Err(refusal(403, "Session does not belong to this account"));
    }
    // The page's body has no `content`, the clients' bodies have no root `text`: both are accepted.
    let content = body.get("content").filter(|c| !c.is_null()).unwrap_or(body);
    let content = read_content(body, content)?;
    Ok(send_to_person(channel, to, content))
}

fn read_content(root: &Value, content: &Value) -> Result<Content, Response> {
    let missing = || refusal(400, "Missing required fields: channel, to, content");
    let text = body::text_in(&[content]);
    let kind = first_text(root, &["type"]).unwrap_or_else(|| "text".to_owned());
    match kind.as_str() {
        "text" => {
            let body = text.ok_or_else(missing)?;
            if body.chars().count() > TEXT_MAX {
                return Err(refusal(400, "Text is too long"));
            }
            Ok(Content::Text { body })
        }
        "button" => {
            let optional = |name: &str| first_text(content, &[name]);
            let media = first_text(root, &["media_url"]).map(|url| MediaLink::new(MediaKind::Image, url));
            let buttons = buttons::read(content, BUTTONS_MAX).ok_or_else(missing)?;
            let (title, footer) = (optional("title"), optional("footer"));
            Ok(Content::Buttons { text: text.ok_or_else(missing)?, title, footer, media, buttons })
        }
        other => {
            let kind = MediaKind::ALL.into_iter().find(|kind| kind.as_str() == other);
            let kind = kind.ok_or_else(|| refusal(400, &format!("Unsupported type: {other}")))?;
            let url = first_text(root, &["media_url"]).ok_or_else(|| refusal(400, "Missing media_url"))?;
            Ok(Content::Media { link: MediaLink::new(kind, url), caption: text })
        }
    }
}

/// `{from, pushName, text, type, mediaUrl, waMessageId, channel}`; our own messages are not forwarded.
fn message_data(profile: &Profile, message: &InboundMessage, channel: Channel, serial: u64) -> Option<Value> {
    // Group messages are not documented.
    if message.direction == Direction::Out || message.peer.group {
        return None;
    }
    let payload = message.payload.as_ref();
    let (kind, media) = match message.kind {
        // The label of a choice is its text.
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
        "from": message.peer.id, "pushName": message.name, "text": message.text, "type": kind,
        "mediaUrl": media, "media": null, "channel": channel.as_str(),
    });
    if channel == Channel::WhatsApp {
        let generated = || format!("3EB0{}", signature::fingerprint(&serial.to_be_bytes()).to_ascii_uppercase());
        data["waMessageId"] = json!(message.remote_id.clone().unwrap_or_else(generated));
    }
    Some(data)
}

/// Media under the gateway's own address has a relative URL (`/uploads/…`).
fn media_url(profile: &Profile, message: &InboundMessage) -> Value {
    let Some(url) = message.media.as_ref().and_then(|media| media.url.as_deref()) else { return Value::Null };
    let path = url.strip_prefix(url::origin(&profile.base_url)).filter(|path| path.starts_with('/'));
    json!(path.unwrap_or(url))
}

fn session_status(state: SessionState) -> Option<&'static str> {
    match state {
        SessionState::Connected => Some("connected"),
        SessionState::LoggedOut => Some("disconnected"),
        SessionState::Banned => Some("terblokir"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Secret;
    use crate::providers::sample;

    fn profile() -> Profile {
        Profile { session: Some("uuid-session-001".to_owned()), ..sample::default_profile("cloudchat", "") }
    }

    fn read(body: &Value) -> Result<GatewayRequest, Response> {
        let profile = profile();
        let request = Request::post_json(format!("{}/messages", profile.base_url), body).bearer(&profile.api_key);
        CloudChatSimulator.read_request(&profile, &request)
    }

    #[test]
    fn the_pages_body_and_the_clients_body_are_read_alike() {
        let page = json!({"channel": "whatsapp", "to": "6281234567890", "type": "text", "text": "Halo"});
        let client = json!({"channel": "whatsapp", "type": "text", "to": "6281234567890", "content": {"text": "Halo"}});
        let bare = json!({"channel": "whatsapp", "type": "text", "to": "6281234567890", "content": "Halo"});
        let expected = read(&page).unwrap();
        assert_eq!(read(&client).unwrap(), expected);
        assert_eq!(read(&bare).unwrap(), expected);
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
