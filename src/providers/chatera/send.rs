//! Requests to Chatera's `POST /v1/whatsapp/messages` and the message id in its responses.
//!
//! Invariant: fields have the order of the vendor's examples, and no field is sent that no source names.
//!
//! Sources: seed 000; providers.md 2.2 for `channel_id`, interactive messages and message ids.
use serde_json::{Map, Value, json};

use crate::domain::outgoing::TemplateUse;
use crate::domain::{Content, Outgoing};
use crate::providers::common::json::first_text;
use crate::providers::meta::interactive;
use crate::providers::types::{Profile, Request, Unsupported};

/// The language of a template for which none is set: that of every example in seed 000.
const DEFAULT_LANGUAGE: &str = "id";

pub(super) fn request(profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    if outgoing.to.group {
        return Err(Unsupported);
    }
    let mut body = Map::new();
    body.insert("to".to_owned(), json!(outgoing.to.peer));
    let (kind, value) = content(&outgoing.content)?;
    body.insert("type".to_owned(), json!(kind));
    body.insert(kind.to_owned(), value);
    if let Some(session) = &profile.session {
        // Selects the sending number; its value is the `channelId` of inbound events (providers.md 2.2).
        body.insert("channel_id".to_owned(), json!(session));
    }
    let url = format!("{}/whatsapp/messages", profile.base_url);
    Ok(Request::post_json(url, &Value::Object(body)).bearer(&profile.api_key))
}

fn content(content: &Content) -> Result<(&'static str, Value), Unsupported> {
    match content {
        Content::Text { body } => Ok(("text", json!({"body": body}))),
        Content::Template(template) => Ok(("template", template_object(template)?)),
        Content::Buttons { .. } | Content::List { .. } => {
            Ok(("interactive", interactive::object(content).ok_or(Unsupported)?))
        }
        Content::Media { .. } | Content::Location { .. } | Content::Card { .. } | Content::Reaction { .. } => {
            Err(Unsupported)
        }
    }
}

fn template_object(template: &TemplateUse) -> Result<Value, Unsupported> {
    let mut components = Vec::new();
    if let Some(header) = &template.header {
        let parameter = interactive::media_header(header).ok_or(Unsupported)?;
        components.push(json!({"type": "header", "parameters": [parameter]}));
    }
    if !template.variables.is_empty() {
        let parameters: Vec<_> = template.variables.iter().map(|v| json!({"type": "text", "text": v})).collect();
        components.push(json!({"type": "body", "parameters": parameters}));
    }
    for (index, payload) in template.payloads.iter().enumerate() {
        let parameters = [json!({"type": "payload", "payload": payload})];
        components.push(json!({"type": "button", "sub_type": "quick_reply", "index": index, "parameters": parameters}));
    }
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(template.id));
    object.insert("language".to_owned(), json!({"code": template.language.as_deref().unwrap_or(DEFAULT_LANGUAGE)}));
    if !components.is_empty() {
        object.insert("components".to_owned(), Value::Array(components));
    }
    Ok(Value::Object(object))
}

/// The message's id in an accepted response; public clients try these fields in this order (providers.md 2.2).
pub(super) fn remote_id(body: &Value) -> Option<String> {
    body.get("data")
        .and_then(|data| first_text(data, &["messageId", "id"]))
        .or_else(|| first_text(body, &["messageId", "id"]))
}
