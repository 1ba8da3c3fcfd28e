//! Buttons as flat JSON objects: `{"id","text"}` for a reply, `{"type":"cta_url",…}` for a link and
//! `{"type":"cta_copy",…}` for a code; written for sending and read back for simulated gateways.
//!
//! Sources: seeds/002, "Kirim Tombol (Unofficial)", "Parameter Objek content"; providers.md 3.2 and 5.1 for the
//! second gateway that takes the same object.
use serde_json::{Map, Value, json};

use super::simulation::text_field;
use crate::domain::content_parts::Button;

/// The `content` object of a message with buttons, its fields in the order of the vendor's sample. A title or
/// footer that is `None` is absent.
pub(crate) fn content(text: &str, title: Option<&str>, footer: Option<&str>, buttons: &[Button]) -> Value {
    let mut content = Map::new();
    if let Some(title) = title {
        content.insert("title".to_owned(), json!(title));
    }
    content.insert("text".to_owned(), json!(text));
    if let Some(footer) = footer {
        content.insert("footer".to_owned(), json!(footer));
    }
    content.insert("buttons".to_owned(), buttons.iter().map(write).collect());
    Value::Object(content)
}

/// A reply is the default and has no `type`.
fn write(button: &Button) -> Value {
    match button {
        Button::Reply { id, title } => json!({"id": id, "text": title}),
        Button::Url { url, title } => json!({"type": "cta_url", "text": title, "url": url}),
        Button::Copy { code, title } => json!({"type": "cta_copy", "text": title, "copy_code": code}),
    }
}

/// The buttons of a `content` object; `None` when one of them is malformed, and when there are none or more
/// than `max`.
pub(crate) fn read(content: &Value, max: usize) -> Option<Vec<Button>> {
    let buttons: Option<Vec<Button>> = content.get("buttons")?.as_array()?.iter().map(read_one).collect();
    buttons.filter(|buttons| (1..=max).contains(&buttons.len()))
}

fn read_one(button: &Value) -> Option<Button> {
    let title = text_field(button, "text")?;
    match button.get("type").and_then(Value::as_str) {
        None => Some(Button::Reply { id: text_field(button, "id")?, title }),
        Some("cta_url") => Some(Button::Url { url: text_field(button, "url")?, title }),
        Some("cta_copy") => Some(Button::Copy { code: text_field(button, "copy_code")?, title }),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_button_is_read_back_as_it_was_written() {
        let buttons = [
            Button::Reply { id: "YA".into(), title: "Ya".into() },
            Button::Url { url: "https://a.id".into(), title: "Buka".into() },
            Button::Copy { code: "PROMO".into(), title: "Salin".into() },
        ];
        let content = content("Jadi?", None, None, &buttons);
        assert_eq!(read(&content, 3).as_deref(), Some(&buttons[..]));
        assert_eq!(read(&content, 2), None);
        assert_eq!(read(&json!({"buttons": []}), 3), None);
        assert_eq!(read(&json!({"buttons": [{"type": "call", "text": "Telepon"}]}), 3), None);
    }
}
