//! The content of a Chatera message: `contentType` and `content`, which is text or an object like Meta's.
//!
//! Source: providers.md 2.5. It infers the shapes other than text, so Meta's are tried first, then every form of
//! section 9, A14.
use serde_json::{Map, Value};

use crate::domain::Kind;
use crate::providers::common::body::{self, Body};
use crate::providers::common::json::first_text;
use crate::providers::meta;

/// One body, or one for each of several files.
pub(super) fn bodies(data: &Value, base_url: &str) -> Vec<Body> {
    let kind = first_text(data, &["contentType", "content_type", "type"]);
    let content = data.get("content").unwrap_or(&Value::Null);
    let inner = kind.as_deref().and_then(|kind| content.get(kind)).filter(|v| v.is_object() || v.is_array());
    let sources: Vec<&Value> = inner.into_iter().chain([content, data]).collect();
    if let Some(mut body) = kind.as_deref().zip(inner).and_then(|(kind, inner)| read_meta(kind, inner)) {
        body::add_references(&mut body, &sources);
        return vec![body];
    }
    body::read(kind.as_deref(), &sources, base_url)
}

/// Content in Meta's format, which is unambiguous. Media and contact cards are left to the flat format, whose
/// reader also knows relative links, files without an id, and numbers as people type them.
fn read_meta(kind: &str, inner: &Value) -> Option<Body> {
    let message = Map::from_iter([("type".to_owned(), Value::from(kind)), (kind.to_owned(), inner.clone())]);
    let body = meta::body::read(&Value::Object(message))?;
    (body.media.is_none() && body.kind != Kind::Contacts).then_some(body)
}

/// Whether a message has any content that can be shown.
pub(super) fn is_present(data: &Value) -> bool {
    match data.get("content") {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => body::text_in(&[data]).is_some(),
    }
}
