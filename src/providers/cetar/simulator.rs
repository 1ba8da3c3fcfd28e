//! Simulates Cetar: reads the requests of both products, responds as the page shows, writes their events.
//!
//! Invariant: an event that the page does not describe is never written; a linked phone's receipts are such.
//!
//! Sources: seeds/002; providers.md section 3.

use serde_json::{Value, json};
use std::time::Duration;

use super::manifest::BUTTONS_MAX;
use super::mode::Mode;
use crate::domain::outgoing::{MediaKind, MediaLink, TemplateUse};
use crate::domain::{Channel, Content, Direction, Failure, Inbound, Kind, Timestamp};
use crate::providers::common::simulation::{
    bearer_key, is_phone_number, json_object, number_check, send_to_person, signed_webhook, text_field,
};
use crate::providers::common::{buttons, url};
use crate::providers::meta::{interactive, simulated_events};
use crate::providers::signature;
use crate::providers::simulator::{GatewayRequest, RetryPolicy, Simulator};
use crate::providers::types::{Method, Profile, Query, QueryResponse, Request, Response, Webhook};

#[derive(Debug)]
pub(super) struct CetarSimulator;

impl Simulator for CetarSimulator {
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        if !bearer_key(request).is_some_and(|key| profile.api_key.matches(key)) {
            return Err(refusal(401, "API Key tidak valid."));
        }
        let path = url::path_below(&profile.base_url, request).filter(|_| request.method == Method::Post);
        let Some(path) = path else { return Err(refusal(404, "Not Found")) };
        let Some(body) = json_object(request) else { return Err(refusal(422, "Payload JSON tidak valid.")) };
        let read = match path {
            "/messages" => read_unofficial(&body),
            "/send-template" => read_dashboard_template(&body),
            "/meta/messages" => read_meta(&body),
            "/check-number" => number(&body, "phone").map(|phone| GatewayRequest::Query(Query::CheckNumber(phone))),
            _ => return Err(refusal(404, "Not Found")),
        };
        read.map_err(|field| refusal(422, &format!("{field} wajib diisi atau salah format.")))
    }

    fn send_response(&self, profile: &Profile, _request: &GatewayRequest, id: &str, now: Timestamp) -> Response {
        let data = match Mode::of(profile) {
            // Another id than the channel's, as the public source of a kindred gateway gives it (providers.md 3.2).
            Mode::Unofficial => json!({"status": "queued", "id": now.millis()}),
            Mode::Meta => {
                json!({"status": "queued", "job_id": format!("job_{}", signature::fingerprint(id.as_bytes()))})
            }
        };
        Response::json(200, &json!({"success": true, "data": data}))
    }

    fn query_response(&self, _profile: &Profile, query: &Query, response: &QueryResponse, _now: Timestamp) -> Response {
        let (Query::CheckNumber(phone), QueryResponse::Registered(registered)) = (query, response) else {
            return Response::json(200, &json!({"success": true}));
        };
        let message = if *registered { "Nomor terdaftar di WhatsApp." } else { "Nomor tidak terdaftar di WhatsApp." };
        let data = number_check(phone, *registered);
        Response::json(200, &json!({"success": true, "message": message, "data": data}))
    }

    fn error_response(&self, status: u16, failure: &Failure) -> Response {
        let error = json!({"code": failure.code, "message": failure.message});
        Response::json(status, &json!({"success": false, "error": error}))
    }

    fn webhook(&self, profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
        let (header, prefix, body) = match Mode::of(profile) {
            Mode::Unofficial => ("x-cetar-signature", "", received_event(profile, inbound, now, serial)?),
            Mode::Meta => {
                let number_id = profile.session.as_deref().unwrap_or("987654321");
                ("x-hub-signature-256", "sha256=", simulated_events::body(inbound, number_id, now, serial)?)
            }
        };
        Some(signed_webhook(profile, header, prefix, &body))
    }

    /// The page promises no second delivery (providers.md A6: retry rules unknown).
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { timeout: Duration::from_secs(5), delays: &[], retry_refused: false }
    }
}

fn refusal(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"success": false, "message": message}))
}

/// What was read from a request, or the name of the field that is missing or malformed.
type FieldResult<T> = Result<T, &'static str>;

fn text(body: &Value, field: &'static str) -> FieldResult<String> {
    text_field(body, field).ok_or(field)
}

/// "Nomor tujuan pakai kode negara tanpa '+' atau '0'."
fn number(body: &Value, field: &'static str) -> FieldResult<String> {
    text_field(body, field).filter(|number| is_phone_number(number)).ok_or(field)
}

fn link(body: &Value, kind: MediaKind) -> FieldResult<MediaLink> {
    let url = text(body, "media_url")?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web { Ok(MediaLink::new(kind, url)) } else { Err("media_url") }
}

fn media_kind(name: &str) -> Option<MediaKind> {
    MediaKind::ALL.into_iter().find(|kind| kind.as_str() == name)
}

fn read_unofficial(body: &Value) -> FieldResult<GatewayRequest> {
    let channel = match text_field(body, "channel").as_deref() {
        Some("whatsapp") => Channel::WhatsApp,
        Some("telegram") => Channel::Telegram,
        _ => return Err("channel"),
    };
    let to = if channel == Channel::WhatsApp { number(body, "to")? } else { text(body, "to")? };
    let content = body.get("content").filter(|c| c.is_object()).ok_or("content")?;
    let content = match text(body, "type")?.as_str() {
        "text" => Content::Text { body: text(content, "text")? },
        "button" if channel == Channel::WhatsApp => {
            // The request does not name the kind of the media.
            let kind = MediaKind::guess(body.get("media_url").and_then(Value::as_str).unwrap_or_default());
            let buttons = buttons::read(content, BUTTONS_MAX).ok_or("buttons")?;
            Content::Buttons {
                text: text(content, "text")?,
                title: text_field(content, "title"),
                footer: text_field(content, "footer"),
                media: body.get("media_url").is_some().then(|| link(body, kind)).transpose()?,
                buttons,
            }
        }
        other => {
            let kind = media_kind(other).filter(|kind| *kind != MediaKind::Audio).ok_or("type")?;
            Content::Media { link: link(body, kind)?, caption: text_field(content, "caption") }
        }
    };
    Ok(send_to_person(channel, to, content))
}

fn read_dashboard_template(body: &Value) -> FieldResult<GatewayRequest> {
    let to = number(body, "to")?;
    let id = body.get("template_id").and_then(Value::as_u64).ok_or("template_id")?;
    let template = TemplateUse {
        id: id.to_string(),
        language: None,
        variables: texts(body.get("variables")).ok_or("variables")?,
        header: None,
        payloads: Vec::new(),
        text: None,
    };
    Ok(send_to_person(Channel::WhatsApp, to, Content::Template(template)))
}

fn texts(list: Option<&Value>) -> Option<Vec<String>> {
    let Some(list) = list else { return Some(Vec::new()) };
    list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn read_meta(body: &Value) -> FieldResult<GatewayRequest> {
    let to = number(body, "to")?;
    let content = match text(body, "type")?.as_str() {
        "text" => Content::Text { body: text(body, "text")? },
        "template" => Content::Template(read_meta_template(body)?),
        "interactive" => interactive::content(body.get("content").ok_or("content")?)?,
        other => {
            let kind = media_kind(other).ok_or("type")?;
            Content::Media { link: link(body, kind)?, caption: text_field(body, "text") }
        }
    };
    Ok(send_to_person(Channel::WhatsApp, to, content))
}

fn read_meta_template(body: &Value) -> FieldResult<TemplateUse> {
    let components = body.get("components").unwrap_or(&Value::Null);
    let header = [MediaKind::Image, MediaKind::Video, MediaKind::Document].into_iter().find_map(|kind| {
        let url = text_field(components, &format!("header_{}", kind.as_str()))?;
        Some(MediaLink::new(kind, url))
    });
    Ok(TemplateUse {
        id: text(body, "template_name")?,
        language: Some(text(body, "language")?),
        variables: texts(components.get("body_variables")).ok_or("body_variables")?,
        header,
        payloads: Vec::new(),
        text: None,
    })
}

/// "Format Webhook WA Unofficial": messages of customers; the page has no other event.
fn received_event(profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Value> {
    let Inbound::Message(message) = inbound else { return None };
    if message.direction == Direction::Out || message.peer.group {
        return None;
    }
    let payload = message.payload.as_ref().filter(|_| message.kind == Kind::Choice);
    let button_id = payload.and_then(|payload| payload.get("id"));
    let kind = match message.kind {
        Kind::Text => "text",
        Kind::Image => "image",
        Kind::Video => "video",
        Kind::Audio => "audio",
        Kind::Document => "document",
        Kind::Choice => "button",
        _ => return None,
    };
    let id = message.remote_id.clone().unwrap_or_else(|| format!("msg_{serial}"));
    Some(json!({
        "event": "message.received",
        "channel": message.channel.unwrap_or(profile.channel).as_str(),
        "session_id": profile.session.as_deref().unwrap_or("SESSION_12345"),
        "data": {
            "message_id": id,
            "from": message.peer.id,
            "sender_name": message.name,
            "type": kind,
            "text": message.text,
            "media_url": message.media.as_ref().and_then(|m| m.url.clone()),
            "button_id": button_id,
            "timestamp": message.at.unwrap_or(now).seconds(),
        }
    }))
}
