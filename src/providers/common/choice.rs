//! The parts of an event that refer to another message: choices, reactions, replies.
use super::json::{first_field, first_text};
use serde_json::{Map, Value, json};

/// The button or list row that the customer chose, as `{"id","title","description"?}`, from Meta's objects and from flat fields. A
/// bare `payload` counts only in an event whose type is a choice.
///
/// Sources: providers.md 6.2 (`button`, `interactive`) and 3.4 (`button_id`).
pub(crate) fn choice(source: &Value, is_choice: bool) -> Option<Value> {
    let reply = [source.get("interactive"), Some(source)]
        .into_iter()
        .flatten()
        .find_map(|object| first_field(object, &["button_reply", "list_reply", "buttonReply", "listReply"]));
    if let Some(reply) = reply {
        let mut payload = payload(first_text(reply, &["id"]), first_text(reply, &["title", "text"]));
        if let Some(description) = first_text(reply, &["description"]) {
            payload["description"] = Value::String(description);
        }
        return Some(payload);
    }
    let button = source.get("button").filter(|b| b.is_object());
    let id = match button {
        Some(button) => first_text(button, &["payload", "id"]),
        None => first_text(source, &["button_id", "buttonId", "list_id", "listId", "selectedId"])
            .or_else(|| first_text(source, &["payload"]).filter(|_| is_choice)),
    };
    Some(payload(Some(id?), first_text(button.unwrap_or(source), &["text", "title"])))
}

fn payload(id: Option<String>, title: Option<String>) -> Value {
    let title = title.or_else(|| id.clone()).unwrap_or_default();
    json!({"id": id.unwrap_or_default(), "title": title})
}

/// A reaction as `{"message","emoji"}`; an absent emoji withdraws it (providers.md 6.2).
pub(crate) fn reaction(source: &Value) -> Option<Value> {
    let reaction = source.get("reaction").filter(|r| r.is_object()).unwrap_or(source);
    let message = first_text(reaction, &["message_id", "messageId"])?;
    Some(json!({"message": message, "emoji": first_text(reaction, &["emoji"]).unwrap_or_default()}))
}

/// The references of a message to others, under the payload's keys: `reply_to`, `forwarded`, `referral`.
pub(crate) fn references(source: &Value) -> Map<String, Value> {
    let mut references = Map::new();
    let context = source.get("context").filter(|c| c.is_object());
    let quoted = context.and_then(|c| first_text(c, &["id", "message_id", "messageId"]));
    if let Some(id) = quoted.or_else(|| first_text(source, &["reply_to", "replyTo", "quotedMessageId", "quoted_id"])) {
        references.insert("reply_to".to_owned(), json!(id));
    }
    let forwarded = context.and_then(|c| first_field(c, &["forwarded", "frequently_forwarded"]));
    if forwarded == Some(&Value::Bool(true)) {
        references.insert("forwarded".to_owned(), json!(true));
    }
    if let Some(referral) = source.get("referral").filter(|r| r.is_object()) {
        references.insert("referral".to_owned(), referral.clone());
    }
    references
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_from_every_form() {
        let yes = Some(json!({"id": "Y", "title": "Ya"}));
        for source in [
            json!({"type": "button_reply", "button_reply": {"id": "Y", "title": "Ya"}}),
            json!({"interactive": {"type": "list_reply", "list_reply": {"id": "Y", "title": "Ya"}}}),
            json!({"payload": "Y", "text": "Ya"}),
            json!({"button": {"payload": "Y", "text": "Ya"}}),
            json!({"button_id": "Y", "text": "Ya"}),
        ] {
            assert_eq!(choice(&source, true), yes, "{source}");
        }
        let described = json!({"list_reply": {"id": "Y", "title": "Ya", "description": "Besok"}});
        let expected = json!({"id": "Y", "title": "Ya", "description": "Besok"});
        assert_eq!(choice(&described, true), Some(expected));
        assert_eq!(choice(&json!({"button_id": null, "text": "Ya"}), false), None);
        assert_eq!(choice(&json!({"payload": "metadata", "text": "Ya"}), false), None);
        assert_eq!(choice(&json!({"button_id": 4}), false), Some(json!({"id": "4", "title": "4"})));
    }

    #[test]
    fn reactions_and_references_hold_the_id_of_the_other_message() {
        let withdrawn = json!({"reaction": {"message_id": "wamid.1"}});
        assert_eq!(reaction(&withdrawn), Some(json!({"message": "wamid.1", "emoji": ""})));
        let found = references(&json!({"context": {"id": "wamid.2", "forwarded": true}}));
        assert_eq!(Value::Object(found), json!({"reply_to": "wamid.2", "forwarded": true}));
        assert!(references(&json!({"context": null})).is_empty());
    }
}
