//! What a Chatera message holds: `contentType` and `content`, which is text or an object like Meta's.
//!
//! Source: providers.md 2.5; the shapes other than text are inferred there, so Meta's are read first, then every
//! form of section 9, A14.

use serde_json::{Map, Value};

use crate::domain::Kind;
use crate::providers::common::body;
use crate::providers::common::body::Body;
use crate::providers::common::json::first_text;
use crate::providers::meta;

pub(super) fn bodies(data: &Value, base_url: &str) -> Vec<Body> {
    let word = first_text(data, &["contentType", "content_type", "type"]);
    let content = data.get("content").unwrap_or(&Value::Null);
    let inner = word.as_deref().and_then(|word| content.get(word)).filter(|v| v.is_object() || v.is_array());
    let sources: Vec<&Value> = inner.into_iter().chain([content, data]).collect();
    if let Some(mut body) = word.as_deref().zip(inner).and_then(|(word, inner)| as_meta(word, inner)) {
        body::add_references(&mut body, &sources);
        return vec![body];
    }
    body::read(word.as_deref(), &sources, base_url)
}

/// Content in Meta's words, which needs no guessing. Media and cards are left to the flat reading, which also
/// knows relative links, files without an id, and numbers as people type them.
fn as_meta(word: &str, inner: &Value) -> Option<Body> {
    let mut message = Map::new();
    message.insert("type".to_owned(), Value::from(word));
    message.insert(word.to_owned(), inner.clone());
    let read =
        meta::body::read(&Value::Object(message)).filter(|body| body.media.is_none() && body.kind != Kind::Contacts)?;
    let payload = (!read.payload.is_empty()).then_some(Value::Object(read.payload));
    Some(Body { kind: read.kind, text: read.text, media: None, payload })
}

/// Whether there is anything in a message, so that it can be shown.
pub(super) fn is_told(data: &Value) -> bool {
    match data.get("content") {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => body::text_in(&[data]).is_some(),
    }
}
