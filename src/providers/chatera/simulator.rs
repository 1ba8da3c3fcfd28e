//! Simulates Chatera: reads requests, writes its responses and signed events.
//!
//! Invariant: an event is signed over the very bytes that it has.
//!
//! Sources: those of [`super`]. No document has the HTTP statuses of error codes or the response to a wrong key,
//! so they are the customary ones. Redelivery is not documented either, so there is none.

use serde_json::{Map, Value, json};
use std::time::Duration;

use super::manifest::TEXT_MAX;
use super::query;
use crate::domain::inbound::{InboundMessage, Peer, Receipt};
use crate::domain::outgoing::TemplateUse;
use crate::domain::{Channel, Contact, Content, Direction, Failure, Inbound, Kind, Status, Timestamp};
use crate::providers::common::json::first_text;
use crate::providers::common::simulation::{bearer_key, is_phone_number, json_object, send_to_person};
use crate::providers::common::url;
use crate::providers::meta::interactive;
use crate::providers::signature;
use crate::providers::simulator::{GatewayRequest, RetryPolicy, Simulator};
use crate::providers::types::{Method, Profile, Query, QueryResponse, Request, Response, Webhook};

#[derive(Debug)]
pub(super) struct ChateraSimulator;

fn refusal(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({"success": false, "error": {"code": code, "message": message}}))
}

fn missing(field: &str) -> Response {
    refusal(422, "VALIDATION_MISSING_FIELD", &format!("Field {field} wajib diisi"))
}

impl Simulator for ChateraSimulator {
    fn read_request(&self, profile: &Profile, request: &Request) -> Result<GatewayRequest, Response> {
        if !bearer_key(request).is_some_and(|key| profile.api_key.matches(key)) {
            return Err(refusal(401, "AUTH_INVALID_KEY", "API key tidak valid"));
        }
        match (request.method, url::path_below(&profile.base_url, request)) {
            (Method::Post, Some("/whatsapp/messages")) => read_send(profile, &json_body(request)?),
            (Method::Post, Some("/contacts")) => read_contact(&json_body(request)?),
            (Method::Get, Some("/contacts")) => Ok(GatewayRequest::Query(read_page(&request.url))),
            (Method::Get, Some("/whatsapp/templates")) => {
                Ok(GatewayRequest::Query(Query::Templates { page: number(&request.url, "page", 1) }))
            }
            _ => Err(refusal(404, "RESOURCE_NOT_FOUND", "Endpoint tidak ditemukan")),
        }
    }

    fn send_response(&self, _profile: &Profile, _request: &GatewayRequest, id: &str, _now: Timestamp) -> Response {
        Response::json(200, &json!({"success": true, "data": {"messageId": id, "status": "queued"}}))
    }

    fn query_response(&self, _profile: &Profile, query: &Query, response: &QueryResponse, now: Timestamp) -> Response {
        match response {
            QueryResponse::Contacts(page) => {
                let (number, per_page) = match query {
                    Query::Contacts { page, per_page, .. } => (*page, *per_page),
                    _ => (1, 1),
                };
                let data: Vec<_> = page.contacts.iter().map(|c| contact(c, now)).collect();
                let total = page.total.unwrap_or(data.len() as u64);
                let meta = json!({"page": number, "per_page": per_page, "total": total, "has_more": page.has_more});
                Response::json(200, &json!({"success": true, "data": data, "meta": meta}))
            }
            QueryResponse::Created(created) => {
                Response::json(200, &json!({"success": true, "data": contact(created, now)}))
            }
            QueryResponse::Exists => refusal(409, "RESOURCE_ALREADY_EXISTS", "Kontak dengan nomor ini sudah ada"),
            QueryResponse::Templates(templates, more) => {
                let data: Vec<_> = templates
                    .iter()
                    .map(|t| {
                        json!({"name": t.name, "language": t.language, "status": t.status,
                               "components": [{"type": "BODY", "text": t.body}]})
                    })
                    .collect();
                Response::json(200, &json!({"success": true, "data": data, "meta": {"has_more": more}}))
            }
            QueryResponse::Groups(_)
            | QueryResponse::Registered(_)
            | QueryResponse::Login(_)
            | QueryResponse::Alive => Response::json(200, &json!({"success": true, "data": []})),
        }
    }

    fn error_response(&self, status: u16, failure: &Failure) -> Response {
        refusal(status, &failure.code, &failure.message)
    }

    fn webhook(&self, profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
        let (event, data) = match inbound {
            Inbound::Message(message) => message_data(message, profile, now, serial)?,
            Inbound::Receipt(receipt) => receipt_data(receipt, now)?,
            Inbound::Named { peer, name, .. } if !peer.group => {
                ("contact.updated", json!({"contactId": contact_id(peer), "phone": phone(&peer.id), "name": name}))
            }
            _ => return None,
        };
        let body = json!({"id": format!("evt_{serial}"), "event": event, "timestamp": now.rfc3339(),
                          "organization_id": "org_contoh", "data": data});
        Some(signed(profile, event, body.to_string().into_bytes(), now, serial))
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { timeout: Duration::from_secs(10), delays: &[], retry_refused: false }
    }
}

fn json_body(request: &Request) -> Result<Value, Response> {
    json_object(request).ok_or_else(|| refusal(400, "VALIDATION_INVALID_JSON", "Body bukan JSON"))
}

/// The digits of a phone number in E.164, written `+628xxx` or `628xxx` (seed 001).
fn phone_digits(text: &str) -> Result<String, Response> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if is_phone_number(digits) {
        Ok(digits.to_owned())
    } else {
        Err(refusal(422, "VALIDATION_INVALID_PHONE", "Format nomor salah"))
    }
}

fn read_send(profile: &Profile, body: &Value) -> Result<GatewayRequest, Response> {
    let to = phone_digits(&first_text(body, &["to"]).ok_or_else(|| missing("to"))?)?;
    let session = first_text(body, &["channel_id"]);
    if session.is_some() && profile.session.is_some() && session != profile.session {
        return Err(refusal(404, "RESOURCE_NOT_FOUND", "channel_id tidak ditemukan"));
    }
    let content = match first_text(body, &["type"]).as_deref() {
        Some("text") => {
            let text = body.pointer("/text/body").and_then(Value::as_str).unwrap_or_default();
            if text.trim().is_empty() {
                return Err(missing("text.body"));
            }
            if text.chars().count() > TEXT_MAX {
                return Err(refusal(422, "VALIDATION_TEXT_TOO_LONG", "Teks terlalu panjang"));
            }
            Content::Text { body: text.to_owned() }
        }
        Some("template") => Content::Template(read_template(body.get("template").ok_or_else(|| missing("template"))?)?),
        Some("interactive") => {
            interactive::content(body.get("interactive").unwrap_or(&Value::Null)).map_err(missing)?
        }
        _ => return Err(missing("type")),
    };
    Ok(send_to_person(Channel::WhatsApp, to, content))
}

fn read_template(template: &Value) -> Result<TemplateUse, Response> {
    let mut used = TemplateUse {
        id: first_text(template, &["name"]).ok_or_else(|| missing("template.name"))?,
        language: Some(
            template
                .get("language")
                .and_then(|language| first_text(language, &["code"]))
                .ok_or_else(|| missing("template.language.code"))?,
        ),
        variables: Vec::new(),
        header: None,
        payloads: Vec::new(),
        text: None,
    };
    for component in template.get("components").and_then(Value::as_array).into_iter().flatten() {
        let wrong = || missing("template.components");
        let parameters = component.get("parameters").and_then(Value::as_array).ok_or_else(wrong)?;
        let first = parameters.first().ok_or_else(wrong)?;
        match first_text(component, &["type"]).as_deref() {
            Some("header") => used.header = Some(interactive::read_media_header(first).map_err(|_| wrong())?),
            Some("body") => {
                let texts: Option<Vec<_>> =
                    parameters.iter().map(|p| p.get("text")?.as_str().map(str::to_owned)).collect();
                used.variables = texts.ok_or_else(wrong)?;
            }
            Some("button") => {
                // "index is a number" (providers.md 2.2), counted from 0.
                if component.get("index").and_then(Value::as_u64) != Some(used.payloads.len() as u64) {
                    return Err(wrong());
                }
                used.payloads.push(first.get("payload").and_then(Value::as_str).ok_or_else(wrong)?.to_owned());
            }
            _ => return Err(wrong()),
        }
    }
    Ok(used)
}

fn read_contact(body: &Value) -> Result<GatewayRequest, Response> {
    let phone = phone_digits(&first_text(body, &["phone"]).ok_or_else(|| missing("phone"))?)?;
    let contact = Contact { phone: Some(phone), remote_id: None, ..query::contact(body) };
    Ok(GatewayRequest::Query(Query::CreateContact(Box::new(contact))))
}

fn number(url: &str, name: &str, default: u32) -> u32 {
    url::parameter(url, name).and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn read_page(url: &str) -> Query {
    let per_page = number(url, "per_page", 20).clamp(1, 100);
    let search = url::parameter(url, "search").filter(|s| !s.is_empty());
    Query::Contacts { page: number(url, "page", 1).max(1), per_page, search }
}

fn contact(contact: &Contact, now: Timestamp) -> Value {
    let id = contact.remote_id.clone().unwrap_or_else(|| uuid(contact.phone.as_deref().unwrap_or_default()));
    json!({"id": id, "phone": contact.phone.as_deref().map(phone), "name": contact.name, "email": contact.email,
           "tags": contact.tags, "custom_fields": contact.custom_fields,
           "created_at": now.rfc3339(), "updated_at": now.rfc3339()})
}

/// Seed 001: phone numbers in responses have a `+`. Other ids stay as they are.
fn phone(id: &str) -> String {
    if id.bytes().all(|b| b.is_ascii_digit()) { format!("+{id}") } else { id.to_owned() }
}

fn uuid(name: &str) -> String {
    let hash = signature::fingerprint(name.as_bytes());
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// The id of a person's contact: one that is known already, else one made of the phone number.
fn contact_id(peer: &Peer) -> String {
    peer.aliases.first().cloned().unwrap_or_else(|| uuid(&peer.id))
}

fn message_data(
    message: &InboundMessage,
    profile: &Profile,
    now: Timestamp,
    serial: u64,
) -> Option<(&'static str, Value)> {
    // Group messages are not documented.
    if message.peer.group {
        return None;
    }
    let (content_type, content) = content(message)?;
    let (event, direction) = match message.direction {
        Direction::In => ("message.inbound", "inbound"),
        Direction::Out => ("message.sent", "outbound"),
        Direction::Internal => return None,
    };
    let mut data = json!({
        "messageId": message.remote_id.clone().unwrap_or_else(|| format!("msg_{serial}")),
        "whatsappMessageId": format!("wamid.{}", uuid(&format!("wamid {serial}"))),
        "conversationId": uuid(&format!("conversation {}", message.peer.id)),
        "contactId": contact_id(&message.peer),
        "channelId": profile.session.as_deref().unwrap_or("channel_contoh"),
        "direction": direction, "contentType": content_type, "content": content,
        "status": if message.direction == Direction::In { "received" } else { "sent" },
        "timestamp": message.at.unwrap_or(now).rfc3339(),
    });
    if message.direction == Direction::In {
        data["sender"] = json!({"phone": phone(&message.peer.id), "name": message.name});
    } else {
        data["phone"] = json!(phone(&message.peer.id));
    }
    Some((event, data))
}

/// `contentType` and `content`; shapes other than text are inferred from Meta's (providers.md 2.5).
fn content(message: &InboundMessage) -> Option<(&'static str, Value)> {
    let text = message.text.as_str();
    let payload = message.payload.clone().unwrap_or(Value::Null);
    let (content_type, object) = match message.kind {
        Kind::Text => return Some(("text", json!({"text": text}))),
        Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Sticker => {
            (message.kind.as_str(), file(message))
        }
        Kind::Location => ("location", payload),
        Kind::Contacts => ("contacts", payload.get("contacts")?.clone()),
        Kind::Choice => ("interactive", json!({"type": "button_reply", "button_reply": payload})),
        Kind::Reaction => ("reaction", json!({"message_id": payload.get("message")?, "emoji": payload.get("emoji")?})),
        Kind::Template | Kind::Buttons | Kind::List | Kind::System => {
            return Some((message.kind.as_str(), json!({"text": text})));
        }
        Kind::Order => ("order", payload),
        Kind::Form | Kind::Call | Kind::Note | Kind::Unsupported => return None,
    };
    let mut content = Map::new();
    content.insert(content_type.to_owned(), object);
    Some((content_type, Value::Object(content)))
}

fn file(message: &InboundMessage) -> Value {
    let media = message.media.clone().unwrap_or_default();
    let caption = Some(message.text.as_str()).filter(|t| !t.is_empty());
    let fields = [
        ("id", json!(media.remote_id)),
        ("link", json!(media.url)),
        ("mime_type", json!(media.mime)),
        ("filename", json!(media.name)),
        ("size", json!(media.size)),
        ("caption", json!(caption)),
    ];
    let present = fields.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.to_owned(), v));
    Value::Object(present.collect())
}

fn receipt_data(receipt: &Receipt, now: Timestamp) -> Option<(&'static str, Value)> {
    let event = match receipt.status {
        Status::Sent => "message.sent",
        Status::Delivered => "message.delivered",
        Status::Read => "message.read",
        Status::Failed => "message.failed",
        _ => return None,
    };
    let mut data = json!({"messageId": receipt.remote_id, "direction": "outbound",
                          "status": receipt.status.as_str(), "timestamp": receipt.at.unwrap_or(now).rfc3339()});
    if let Some(failure) = &receipt.failure {
        data["error"] = json!({"code": failure.code, "message": failure.message});
    }
    Some((event, data))
}

/// providers.md 2.5: four headers; hex of the HMAC over `"{timestamp}.{body}"`.
fn signed(profile: &Profile, event: &str, body: Vec<u8>, now: Timestamp, serial: u64) -> Webhook {
    let timestamp = now.seconds().to_string();
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-chatera-event".to_owned(), event.to_owned()),
        ("x-chatera-delivery-id".to_owned(), uuid(&format!("delivery {serial}"))),
        ("x-chatera-timestamp".to_owned(), timestamp.clone()),
    ];
    if let Some(secret) = profile.webhook_secrets.first() {
        let signature = signature::hex_signature(secret, &[timestamp.as_bytes(), b".", &body]);
        headers.push(("x-chatera-signature".to_owned(), signature));
    }
    Webhook { ack: false, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::sample;

    fn profile() -> Profile {
        Profile { session: Some("ch_9".to_owned()), ..sample::default_profile("chatera", "") }
    }

    fn refused(path: &str, body: &Value) -> (u16, String) {
        let profile = profile();
        let request = Request::post_json(format!("{}{path}", profile.base_url), body).bearer(&profile.api_key);
        let response = ChateraSimulator.read_request(&profile, &request).expect_err("a refusal");
        (response.status, response.value().unwrap()["error"]["code"].as_str().unwrap().to_owned())
    }

    #[test]
    fn wrong_requests_get_the_documented_codes() {
        let send = |body: Value| refused("/whatsapp/messages", &body).1;
        assert_eq!(send(json!({"type": "text", "text": {"body": "a"}})), "VALIDATION_MISSING_FIELD");
        assert_eq!(send(json!({"to": "0812", "type": "text", "text": {"body": "a"}})), "VALIDATION_INVALID_PHONE");
        assert_eq!(send(json!({"to": "628123456789", "type": "text", "text": "a"})), "VALIDATION_MISSING_FIELD");
        assert_eq!(
            send(json!({"to": "628123456789", "type": "text", "text": {"body": "a"}, "channel_id": "lain"})),
            "RESOURCE_NOT_FOUND"
        );
        // "index is a number", counted from 0.
        let button = json!({"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "x"}]});
        let template = json!({"name": "t", "language": {"code": "id"}, "components": [button]});
        assert_eq!(
            send(json!({"to": "628123456789", "type": "template", "template": template})),
            "VALIDATION_MISSING_FIELD"
        );
        assert_eq!(refused("/contacts", &json!({"name": "Budi"})).1, "VALIDATION_MISSING_FIELD");
        assert_eq!(refused("/contacts", &json!({"phone": "08abc"})).1, "VALIDATION_INVALID_PHONE");
        assert_eq!(refused("/lain", &json!({})).0, 404);
    }

    #[test]
    fn a_contacts_phone_is_accepted_with_and_without_plus() {
        let profile = profile();
        for phone in ["628123456789", "+628123456789"] {
            let url = format!("{}/contacts", profile.base_url);
            let request = Request::post_json(url, &json!({"phone": phone})).bearer(&profile.api_key);
            let Ok(GatewayRequest::Query(Query::CreateContact(contact))) =
                ChateraSimulator.read_request(&profile, &request)
            else {
                panic!("{phone}")
            };
            assert_eq!(contact.phone.as_deref(), Some("628123456789"));
        }
    }
}
