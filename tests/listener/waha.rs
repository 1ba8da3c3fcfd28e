//! WAHA's events beside plain messages, through the real binary: what people do becomes a row, nothing encoded is shown.
use crate::kit::{Home, Webhook, events};
use serde_json::{Value, json};

const CUSTOMER: &str = "628123456789@c.us";
const GROUP: &str = "120363000000000001@g.us";

fn home() -> Home {
    Home::new(&format!(
        "[[account]]\nname = \"waha\"\nprovider = \"waha\"\nbase_url = \"http://127.0.0.1:9\"\napi_key = \"kunci\"\n\
         webhook_token = \"{}\"\n",
        events::TOKEN
    ))
}

fn event(serial: usize, name: &str, payload: &Value) -> Webhook {
    let body = json!({"id": format!("evt_{serial}"), "event": name, "session": "default", "payload": payload});
    Webhook { headers: Vec::new(), body: body.to_string().into_bytes() }
}

#[test]
fn calls_votes_cards_places_and_choices_are_rows() {
    let home = home();
    let engine = home.serve();
    let at = events::seconds();
    let vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nTEL;waid=628120000001:+62 812\nEND:VCARD";
    let picture = "/9j/".repeat(40);
    let incoming = |id: &str, further: Value| {
        let mut payload =
            json!({"id": format!("false_{CUSTOMER}_{id}"), "from": CUSTOMER, "timestamp": at, "body": ""});
        payload.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        payload
    };
    let call = json!({"id": "CALL1", "from": CUSTOMER, "timestamp": at, "isVideo": false});
    let list = json!({"title": "Gamis", "singleSelectReply": {"selectedRowId": "r2"}});
    let vote = json!({"id": format!("false_{GROUP}_V1_{CUSTOMER}"), "from": GROUP, "selectedOptions": ["Merah"], "timestamp": at});
    let posts = [
        ("call.received", call.clone()),
        ("call.rejected", call),
        ("message", incoming("M1", json!({"body": vcard, "vCards": [vcard]}))),
        ("message", incoming("M2", json!({"body": picture, "location": {"latitude": "-6.2", "longitude": "106.8"}}))),
        ("message", incoming("M3", json!({"_data": {"message": {"listResponseMessage": list}}}))),
        ("poll.vote", json!({"vote": vote, "poll": {"id": format!("true_{GROUP}_P1")}})),
    ];
    for (serial, (name, payload)) in posts.iter().enumerate() {
        assert_eq!(engine.post("waha", &event(serial, name, payload)).status, 200, "{name}");
    }
    let messages = home.until_messages("waha", "every row", |m| m.len() == 5 && m[0]["payload"]["state"] == "missed");
    let rows: Vec<_> = messages.iter().map(|m| (m["kind"].as_str().unwrap(), m["text"].as_str().unwrap())).collect();
    assert_eq!(rows, [("call", ""), ("contacts", ""), ("location", ""), ("choice", "Gamis"), ("choice", "Merah")]);
    assert_eq!(messages[1]["payload"], json!({"contacts": [{"name": "Jane Doe", "numbers": ["628120000001"]}]}));
    assert_eq!(messages[4]["author"]["name"], "628123456789", "who voted: {}", messages[4]);
}
