//! Requests to CloudChat's `POST /api/public/v1/messages` and the message id in its responses.
//!
//! The page (seed 004) shows root `text` and no `content`; every public client sends `content` and no root
//! `text`, and the CRM with the same envelope refuses a request without `content` (providers.md 5.1). So the
//! body has both (A9). For media the clients agree on root `media_url`; one puts the caption in
//! `content.text`, the other in `content.caption`, and the page's way would be root `text`: all three are
//! filled alike, for no reader was seen that reads more than one of them. Root `url`, which one client adds
//! beside `media_url`, is left out: no reader needs it.
//!
//! Invariant: `content` is never absent and never empty.
use crate::domain::{Content, Outgoing};
use crate::providers::common::buttons;
use crate::providers::common::json::first_text;
use crate::providers::types::{Profile, Request, Unsupported};
use serde_json::{Map, Value, json};

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
            // CloudChat's clients send this object without documenting its buttons, so they are written as the
            // gateway with the same request format documents them (providers.md 3.2, 5.1).
            put("content", buttons::content(text, title.as_deref(), footer.as_deref(), buttons));
        }
        Content::Location { .. }
        | Content::Card { .. }
        | Content::Template(_)
        | Content::List { .. }
        | Content::Reaction { .. } => {
            return Err(Unsupported);
        }
    }
    Ok(fields)
}

/// The message's id in an accepted response, string or number (providers.md 5.1). Receipts may carry another
/// one (A7).
pub(super) fn remote_id(body: &Value) -> Option<String> {
    body.get("data")
        .and_then(|data| first_text(data, &["message_id", "id"]))
        .or_else(|| first_text(body, &["message_id", "id"]))
}
