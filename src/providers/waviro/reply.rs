//! Replies in the answer to a keyword webhook: WAVIRO sends them to the customer.
//!
//! Source: seed 003 ("format Response"), providers.md 4.4. Nothing is ever written here that no rule asked for: a
//! debug text would reach the customer.

use serde_json::{Value, json};

use crate::domain::Content;
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::providers::common::json::scalar;
use crate::providers::types::{Response, Webhook};

/// The body that answers a genuine webhook.
pub(super) fn acknowledgement(webhook: &Webhook, replies: &[Content]) -> Value {
    if webhook.ack {
        return json!({"success": true});
    }
    let reply: Vec<Value> = replies.iter().flat_map(items).collect();
    json!({"success": true, "message": {"reply": reply}})
}

fn items(content: &Content) -> Vec<Value> {
    let message = |text: &str| (!text.trim().is_empty()).then(|| json!({"type": "message", "content": text}));
    let main = match content {
        Content::Media { link, .. } => {
            let word = match link.kind {
                MediaKind::Image => "image",
                MediaKind::Audio => "audio",
                // Videos have no word of their own here; as a file they still arrive.
                MediaKind::Video | MediaKind::Document => "document",
            };
            Some(json!({"type": word, "content": link.url}))
        }
        Content::Location { latitude, longitude, .. } => {
            Some(json!({"type": "location", "content": [{"coordinate": format!("{latitude}-{longitude}")}]}))
        }
        _ => None,
    };
    // A caption has no place beside a file or a location, so it follows as a message of its own.
    main.into_iter().chain(message(content.text())).collect()
}

/// The replies that WAVIRO reads from the answer to a keyword webhook.
pub(super) fn read(answer: &Response) -> Vec<Content> {
    let Some(body) = answer.value() else { return Vec::new() };
    // The vendor's own example in PHP answers with the bare array (providers.md 4.4).
    let reply = body.pointer("/message/reply").or_else(|| body.get("message")).and_then(Value::as_array);
    reply.map(|items| items.iter().filter_map(content).collect()).unwrap_or_default()
}

fn content(item: &Value) -> Option<Content> {
    let value = item.get("content")?;
    let media = |kind| {
        let link = MediaLink { kind, url: scalar(value)? };
        Some(Content::Media { link, caption: None })
    };
    match item.get("type").and_then(Value::as_str)? {
        "message" => Some(Content::Text { body: value.as_str()?.to_owned() }),
        "image" => media(MediaKind::Image),
        "audio" => media(MediaKind::Audio),
        "document" => media(MediaKind::Document),
        "location" => {
            let (latitude, longitude) = coordinate(value.pointer("/0/coordinate")?.as_str()?)?;
            Some(Content::Location { latitude, longitude, caption: None })
        }
        _ => None,
    }
}

/// `{lat}-{lon}` is ambiguous south of the equator: the dash that parts them is the first one after a digit.
fn coordinate(text: &str) -> Option<(String, String)> {
    let bytes = text.as_bytes();
    let dash = bytes.windows(2).position(|pair| matches!(pair, [before, b'-'] if before.is_ascii_digit()))? + 1;
    Some((text.get(..dash)?.to_owned(), text.get(dash + 1..)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_part_at_the_dash_after_a_digit() {
        for (text, latitude, longitude) in [
            ("0.525960-101.426866", "0.525960", "101.426866"),
            ("-6.2-106.8", "-6.2", "106.8"),
            ("-6.2--70.5", "-6.2", "-70.5"),
        ] {
            assert_eq!(coordinate(text), Some((latitude.to_owned(), longitude.to_owned())), "{text}");
        }
        assert_eq!(coordinate("-6.2"), None);
    }

    #[test]
    fn replies_have_the_documented_form_and_are_read_back() {
        let place = Content::Location { latitude: "-6.200".into(), longitude: "106.816".into(), caption: None };
        let photo = Content::Media {
            link: MediaLink { kind: MediaKind::Image, url: "https://a.id/x.png".into() },
            caption: Some("Ini barangnya".into()),
        };
        let replies = [Content::Text { body: "Webhook Response".into() }, place.clone(), photo];
        let body = acknowledgement(&Webhook::default(), &replies);
        assert_eq!(
            body.to_string(),
            concat!(
                r#"{"success":true,"message":{"reply":[{"type":"message","content":"Webhook Response"},"#,
                r#"{"type":"location","content":[{"coordinate":"-6.200-106.816"}]},"#,
                r#"{"type":"image","content":"https://a.id/x.png"},{"type":"message","content":"Ini barangnya"}]}}"#
            )
        );
        let heard = read(&Response::json(200, &body));
        assert_eq!(heard.len(), 4);
        assert_eq!(heard[1], place);
    }

    #[test]
    fn no_rule_means_no_word_to_the_customer() {
        assert_eq!(acknowledgement(&Webhook::default(), &[]).to_string(), r#"{"success":true,"message":{"reply":[]}}"#);
        let ack = Webhook { ack: true, ..Webhook::default() };
        assert_eq!(acknowledgement(&ack, &[]).to_string(), r#"{"success":true}"#);
        assert!(read(&Response::json(200, &json!({"success": true}))).is_empty());
    }
}
