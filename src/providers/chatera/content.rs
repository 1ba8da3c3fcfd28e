//! What a Chatera message holds: `contentType` and `content`, which is text or an object like Meta's.
//!
//! Source: providers.md 2.5; the shapes other than text are inferred there, so all forms of A14 are read.

use serde_json::Value;

use crate::providers::flat::body::{self, Body};
use crate::providers::flat::first_text;

pub(super) fn bodies(data: &Value, base_url: &str) -> Vec<Body> {
    let word = first_text(data, &["contentType", "content_type", "type"]);
    let content = data.get("content").unwrap_or(&Value::Null);
    let inner = word.as_deref().and_then(|word| content.get(word)).filter(|v| v.is_object() || v.is_array());
    let sources: Vec<&Value> = inner.into_iter().chain([content, data]).collect();
    body::read(word.as_deref(), &sources, base_url)
}

/// Whether there is anything in a message, so that it can be shown.
pub(super) fn is_told(data: &Value) -> bool {
    match data.get("content") {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => body::text_in(&[data]).is_some(),
    }
}
