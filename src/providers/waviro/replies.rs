//! Replies in the response to a keyword webhook, which WAVIRO sends to the customer.
//!
//! Source: seed 003 ("format Response"), providers.md 4.4. Nothing is ever written here but the replies of a rule: a
//! debug text would reach the customer.
use serde_json::{Value, json};

use crate::domain::Content;
use crate::domain::outgoing::{MediaKind, MediaLink};
use crate::providers::common::json::scalar;
use crate::providers::types::{Response, Webhook};

/// The body of the response to a genuine webhook.
pub(super) fn webhook_response(webhook: &Webhook, replies: &[Content]) -> Value {
    if webhook.ack {
        return json!({"success": true});
    }
    let reply: Vec<Value> = replies.iter().flat_map(reply_items).collect();
    json!({"success": true, "message": {"reply": reply}})
}

fn reply_items(content: &Content) -> Vec<Value> {
    let message = |text: &str| (!text.trim().is_empty()).then(|| json!({"type": "message", "content": text}));
    let main = match content {
        Content::Media { link, .. } => {
            let kind = match link.kind {
                MediaKind::Image => "image",
                MediaKind::Audio => "audio",
                // There is no type for videos; as a file they still arrive.
                MediaKind::Video | MediaKind::Document => "document",
            };
            Some(json!({"type": kind, "content": link.url}))
        }
        Content::Location { latitude, longitude, .. } => {
            Some(json!({"type": "location", "content": [{"coordinate": format!("{latitude}-{longitude}")}]}))
        }
        _ => None,
    };
    // A file or a location has no caption here, so that the text follows as a message of its own.
    main.into_iter().chain(message(content.text())).collect()
}

/// The replies in the response to a keyword webhook, as WAVIRO reads them.
pub(super) fn read_replies(response: &Response) -> Vec<Content> {
    let Some(body) = response.value() else { return Vec::new() };
    // The vendor's own example in PHP responds with the bare array (providers.md 4.4).
    let reply = body.pointer("/message/reply").or_else(|| body.get("message")).and_then(Value::as_array);
    reply.map(|items| items.iter().filter_map(read_reply).collect()).unwrap_or_default()
}

fn read_reply(item: &Value) -> Option<Content> {
    let value = item.get("content")?;
    let media = |kind| {
        let link = MediaLink::new(kind, scalar(value)?);
        Some(Content::Media { link, caption: None })
    };
    match item.get("type").and_then(Value::as_str)? {
        "message" => Some(Content::Text { body: value.as_str()?.to_owned() }),
        "image" => media(MediaKind::Image),
        "audio" => media(MediaKind::Audio),
        "document" => media(MediaKind::Document),
        "location" => {
            let (latitude, longitude) = parse_coordinates(value.pointer("/0/coordinate")?.as_str()?)?;
            Some(Content::Location { latitude, longitude, caption: None })
        }
        _ => None,
    }
}

/// Splits `{lat}-{lon}` at the first dash after a digit, because the latitude may begin with a minus sign.
fn parse_coordinates(text: &str) -> Option<(String, String)> {
    let bytes = text.as_bytes();
    let dash = bytes.windows(2).position(|pair| matches!(pair, [before, b'-'] if before.is_ascii_digit()))? + 1;
    Some((text.get(..dash)?.to_owned(), text.get(dash + 1..)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_split_at_the_dash_after_a_digit() {
        for (text, latitude, longitude) in [
            ("0.525960-101.426866", "0.525960", "101.426866"),
            ("-6.2-106.8", "-6.2", "106.8"),
            ("-6.2--70.5", "-6.2", "-70.5"),
        ] {
            assert_eq!(parse_coordinates(text), Some((latitude.to_owned(), longitude.to_owned())), "{text}");
        }
        assert_eq!(parse_coordinates("-6.2"), None);
    }

    #[test]
    fn replies_have_the_documented_form_and_are_read_back() {
        let location = Content::Location { latitude: "-6.200".into(), longitude: "106.816".into(), caption: None };
        let photo = Content::Media {
            link: MediaLink::new(MediaKind::Image, "https://a.id/x.png"),
            caption: Some("Ini barangnya".into()),
        };
        let replies = [Content::Text { body: "Webhook Response".into() }, location.clone(), photo];
        let body = webhook_response(&Webhook::default(), &replies);
        assert_eq!(
            body.to_string(),
            concat!(
                r#"{"success":true,"message":{"reply":[{"type":"message","content":"Webhook Response"},"#,
                r#"{"type":"location","content":[{"coordinate":"-6.200-106.816"}]},"#,
                r#"{"type":"image","content":"https://a.id/x.png"},{"type":"message","content":"Ini barangnya"}]}}"#
            )
        );
        let read = read_replies(&Response::json(200, &body));
        assert_eq!(read.len(), 4);
        assert_eq!(read[1], location);
    }

    #[test]
    fn without_a_rule_nothing_is_sent_to_the_customer() {
        assert_eq!(
            webhook_response(&Webhook::default(), &[]).to_string(),
            r#"{"success":true,"message":{"reply":[]}}"#
        );
        let ack = Webhook { ack: true, ..Webhook::default() };
        assert_eq!(webhook_response(&ack, &[]).to_string(), r#"{"success":true}"#);
        assert!(read_replies(&Response::json(200, &json!({"success": true}))).is_empty());
    }
}
