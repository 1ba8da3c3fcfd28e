//! What CloudChat's `POST /api/public/v1/messages` takes and answers.
//!
//! The page (seed 004) shows root `text` and no `content`; every public client sends `content` and no root
//! `text`, and the CRM with the same envelope refuses a request without `content` (providers.md 5.1). So both
//! stand in the body (A9). For media the clients agree on root `media_url`; one puts the caption in
//! `content.text`, the other in `content.caption`, and the page's way would be root `text`: all three are
//! filled alike, for no reader was seen that takes more than one of them. Root `url`, which one client adds
//! beside `media_url`, is left out: no reader needs it.
//!
//! Invariant: `content` is never absent and never empty.

use serde_json::{Map, Value, json};

use crate::domain::outgoing::Button;
use crate::domain::{Content, Outgoing};
use crate::providers::common::json::first_text;
use crate::providers::types::Profile;
use crate::providers::types::Request;
use crate::providers::types::Unsupported;

pub(super) fn request(profile: &Profile, outgoing: &Outgoing) -> Result<Request, Unsupported> {
    if outgoing.to.group {
        return Err(Unsupported);
    }
    let mut body = Map::new();
    // The order of seed 004's example.
    body.insert("channel".to_owned(), json!(outgoing.channel.as_str()));
    body.insert("to".to_owned(), json!(outgoing.to.peer));
    body.extend(content(&outgoing.content)?);
    if let Some(session) = &profile.session {
        body.insert("session_id".to_owned(), json!(session));
    }
    let url = format!("{}/messages", profile.base_url);
    Ok(Request::post_json(url, &Value::Object(body)).bearer(&profile.api_key))
}

fn content(content: &Content) -> Result<Map<String, Value>, Unsupported> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    match content {
        Content::Text { body } => {
            put("type", json!("text"));
            put("text", json!(body));
            put("content", json!({"text": body}));
        }
        Content::Media { link, caption } => {
            put("type", json!(link.kind.as_str()));
            put("media_url", json!(link.url));
            if let Some(caption) = caption {
                put("text", json!(caption));
            }
            let caption = caption.as_deref().unwrap_or_default();
            put("content", json!({"caption": caption, "text": caption}));
        }
        Content::Buttons { text, title, footer, media, buttons } => {
            put("type", json!("button"));
            if let Some(link) = media {
                put("media_url", json!(link.url));
            }
            put("content", button_content(text, title.as_deref(), footer.as_deref(), buttons));
        }
        Content::Location { .. } | Content::Card { .. } | Content::Template(_) | Content::List { .. } => {
            return Err(Unsupported);
        }
    }
    Ok(fields)
}

/// Buttons as the gateway with the same request format documents them (providers.md 3.2); CloudChat's clients
/// send the same object (5.1) without saying what its buttons look like.
fn button_content(text: &str, title: Option<&str>, footer: Option<&str>, buttons: &[Button]) -> Value {
    let mut content = Map::new();
    if let Some(title) = title {
        content.insert("title".to_owned(), json!(title));
    }
    content.insert("text".to_owned(), json!(text));
    if let Some(footer) = footer {
        content.insert("footer".to_owned(), json!(footer));
    }
    let buttons: Vec<_> = buttons
        .iter()
        .map(|button| match button {
            Button::Reply { id, title } => json!({"id": id, "text": title}),
            Button::Url { url, title } => json!({"type": "cta_url", "text": title, "url": url}),
            Button::Copy { code, title } => json!({"type": "cta_copy", "text": title, "copy_code": code}),
        })
        .collect();
    content.insert("buttons".to_owned(), Value::Array(buttons));
    Value::Object(content)
}

/// The message's id in an accepted answer, string or number (providers.md 5.1). Acknowledgements may carry
/// another one (A7).
pub(super) fn remote_id(body: &Value) -> Option<String> {
    body.get("data")
        .and_then(|data| first_text(data, &["message_id", "id"]))
        .or_else(|| first_text(body, &["message_id", "id"]))
}
