//! Choices, polls and orders, which WAHA leaves in the engine's own object (`_data`).
//!
//! Source: the engines' own types: WEBJS (whatsapp-web.js, flat fields), NOWEB (Baileys, `message`), GOWS (whatsmeow,
//! `Message`). Invariant: what is not there is not guessed, and any of it may be missing at any time.
use crate::domain::Kind;
use crate::providers::common::json::{first_text, first_text_at};
use serde_json::{Map, Value, json};

/// What was found in an engine's object.
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) payload: Map<String, Value>,
}

impl Found {
    fn new(kind: Kind, text: String, payload: Value) -> Self {
        Found { kind, text, payload: if let Value::Object(payload) = payload { payload } else { Map::new() } }
    }
}

/// The content of a message whose body says less than the engine's object; `body` is its text.
pub(super) fn read(payload: &Value, body: &str) -> Option<Found> {
    let data = payload.get("_data").filter(|data| data.is_object())?;
    let message = ["message", "Message"].iter().find_map(|key| data.get(*key)).unwrap_or(&Value::Null);
    choice(data, message, body).or_else(|| poll(data, message)).or_else(|| order(data, message, body))
}

/// The answer to a list menu or to buttons.
fn choice(data: &Value, message: &Value, body: &str) -> Option<Found> {
    let list = message.get("listResponseMessage").or_else(|| data.get("listResponse")).filter(|list| list.is_object());
    let buttons = message.get("buttonsResponseMessage").or_else(|| message.get("templateButtonReplyMessage"));
    let (id, title) = if let Some(list) = list {
        let id = first_text_at(list, &["/singleSelectReply/selectedRowId", "/singleSelectReply/selectedRowID"]);
        (id?, first_text(list, &["title"]))
    } else if let Some(buttons) = buttons {
        (
            first_text(buttons, &["selectedButtonId", "selectedButtonID", "selectedId", "selectedID"])?,
            first_text(buttons, &["selectedDisplayText"]),
        )
    } else {
        (first_text(data, &["selectedButtonId", "selectedRowId"])?, None)
    };
    let title =
        title.or_else(|| Some(body.to_owned()).filter(|body| !body.trim().is_empty())).unwrap_or_else(|| id.clone());
    let text = if body.trim().is_empty() { title.clone() } else { body.to_owned() };
    let mut payload = json!({"id": id, "title": title});
    if let Some(description) = list.and_then(|list| first_text(list, &["description"])) {
        payload["description"] = Value::String(description);
    }
    Some(Found::new(Kind::Choice, text, payload))
}

/// A poll: its question and options as lines.
fn poll(data: &Value, message: &Value) -> Option<Found> {
    let versions = ["pollCreationMessage", "pollCreationMessageV2", "pollCreationMessageV3"];
    let poll = versions.iter().find_map(|key| message.get(*key));
    let question = poll.and_then(|poll| first_text(poll, &["name"])).or_else(|| first_text(data, &["pollName"]))?;
    let options = poll.and_then(|poll| poll.get("options")).or_else(|| data.get("pollOptions"));
    let options = options.and_then(Value::as_array).into_iter().flatten();
    let options: Vec<String> = options.filter_map(|option| first_text(option, &["optionName", "name"])).collect();
    let lines: Vec<String> =
        std::iter::once(question.clone()).chain(options.iter().map(|o| format!("- {o}"))).collect();
    Some(Found::new(Kind::Text, lines.join("\n"), json!({"poll": {"question": question, "options": options}})))
}

/// A cart: `3 × Gamis sage (IDR 150000)`, only signs and the shop's own words.
fn order(data: &Value, message: &Value, body: &str) -> Option<Found> {
    let order = message.get("orderMessage").unwrap_or(data);
    let id = first_text(order, &["orderId", "orderID"])?;
    let count = first_text(order, &["itemCount"]).unwrap_or_else(|| "1".to_owned());
    let title = first_text(order, &["orderTitle"]).unwrap_or_else(|| id.clone());
    let currency = first_text(order, &["totalCurrencyCode", "currency"]);
    // In thousandths of the currency.
    let total =
        first_text(order, &["totalAmount1000"]).and_then(|total| total.parse::<u64>().ok()).map(|total| total / 1000);
    let price: Vec<String> = currency.iter().cloned().chain(total.map(|total| total.to_string())).collect();
    let price = if total.is_some() { format!(" ({})", price.join(" ")) } else { String::new() };
    let note = first_text(order, &["message"]).or_else(|| Some(body.to_owned())).filter(|note| !note.trim().is_empty());
    let lines: Vec<String> = note.into_iter().chain([format!("{count} × {title}{price}")]).collect();
    Some(Found::new(
        Kind::Order,
        lines.join("\n"),
        json!({"id": id, "title": title, "count": count, "total": total, "currency": currency}),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(data: &Value, body: &str) -> (Kind, String, Value) {
        let found = read(&json!({"_data": data}), body).unwrap_or_else(|| panic!("{data}"));
        (found.kind, found.text, Value::Object(found.payload))
    }

    #[test]
    fn choices_of_every_engine_are_read() {
        let choice = json!({"id": "r2", "title": "Gamis"});
        for (data, body) in [
            (
                json!({"message": {"listResponseMessage": {"title": "Gamis", "singleSelectReply": {"selectedRowId": "r2"}}}}),
                "",
            ),
            (
                json!({"Message": {"listResponseMessage": {"title": "Gamis", "singleSelectReply": {"selectedRowID": "r2"}}}}),
                "",
            ),
            (
                json!({"type": "list_response", "listResponse": {"title": "Gamis", "singleSelectReply": {"selectedRowId": "r2"}}}),
                "",
            ),
            (
                json!({"message": {"buttonsResponseMessage": {"selectedButtonId": "r2", "selectedDisplayText": "Gamis"}}}),
                "",
            ),
            (
                json!({"message": {"templateButtonReplyMessage": {"selectedId": "r2", "selectedDisplayText": "Gamis"}}}),
                "Gamis",
            ),
            (json!({"type": "buttons_response", "selectedButtonId": "r2"}), "Gamis"),
        ] {
            assert_eq!(found(&data, body), (Kind::Choice, "Gamis".to_owned(), choice.clone()), "{data}");
        }
    }

    #[test]
    fn polls_and_orders_read_as_lines() {
        for data in [
            json!({"message": {"pollCreationMessageV3": {"name": "Warna?", "options": [{"optionName": "Merah"}, {"optionName": "Biru"}]}}}),
            json!({"type": "poll_creation", "pollName": "Warna?", "pollOptions": [{"name": "Merah", "localId": 0}, {"name": "Biru"}]}),
        ] {
            let (kind, text, payload) = found(&data, "");
            assert_eq!((kind, text.as_str()), (Kind::Text, "Warna?\n- Merah\n- Biru"), "{data}");
            assert_eq!(payload["poll"]["options"], json!(["Merah", "Biru"]));
        }
        for data in [
            json!({"message": {"orderMessage": {"orderId": "7", "itemCount": 3, "orderTitle": "Gamis sage", "message": "Cepat ya",
                "totalAmount1000": "150000000", "totalCurrencyCode": "IDR"}}}),
            json!({"type": "order", "orderId": "7", "itemCount": 3, "orderTitle": "Gamis sage", "message": "Cepat ya",
                "totalAmount1000": 150_000_000, "totalCurrencyCode": "IDR"}),
        ] {
            let (kind, text, _) = found(&data, "");
            assert_eq!((kind, text.as_str()), (Kind::Order, "Cepat ya\n3 × Gamis sage (IDR 150000)"), "{data}");
        }
        assert!(read(&json!({"_data": {"type": "chat"}}), "Halo").is_none());
        assert!(read(&json!({}), "Halo").is_none());
    }
}
