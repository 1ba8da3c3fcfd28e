//! Tolerant reading of JSON: ids may be strings or numbers, and fields have several names.

use serde_json::Value;

/// A string or number as text; `None` for anything else and for blank text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first of several fields of an object that holds text or a number, as text.
pub(crate) fn first_text(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.get(name).and_then(scalar))
}

/// The first of several JSON pointers at which there is text or a number, as text.
pub(crate) fn first_text_at(value: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| value.pointer(pointer).and_then(scalar))
}

/// The first of several fields of an object that exists and is not null.
pub(crate) fn first_field<'a>(object: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| object.get(name).filter(|value| !value.is_null()))
}
