//! What gateways have in common that flatten WhatsApp's events into a small object of their own: who wrote, what
//! it is, which media it has, in every form that was seen. Tolerant by purpose, for their documents are thin.
//!
//! Invariant: nothing here fails, and no gateway is named; what cannot be read is absent or `unsupported`.

pub mod body;
pub mod choice;
pub mod media;
pub mod party;

use serde_json::Value;

use super::outcome::scalar;

/// The first of several fields of an object that holds text or a number, as text.
pub fn first_text(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.get(name).and_then(scalar))
}

/// The first of several fields of an object that is there and not null.
pub fn first_field<'a>(object: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| object.get(name).filter(|v| !v.is_null()))
}
