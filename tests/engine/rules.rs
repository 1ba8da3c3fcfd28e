//! Automatic answers: in WAVIRO's webhook answer as its page shows, elsewhere through the outbox, never twice.

use serde_json::{Value, json};

use crate::kit::{House, Voice};
use crate::{base, fast, status, text, willing};

const RULES: &str = r#"
[[account.rule]]
keyword = "harga"
reply = [
  { text = "Halo {name}, ini harganya." },
  { image = "https://example.com/a.png" },
  { location = "-6.20, 106.8" },
]

[[account.rule]]
keyword = "penawaran#"
once_per_customer = "once"
reply = [ { text = "Terima kasih {1}, kami kirim ke {2}." } ]
"#;

fn outgoing(house: &House) -> Vec<Value> {
    house.messages("toko").into_iter().filter(|m| m["direction"] == "out").collect()
}

#[test]
fn waviro_is_answered_in_its_webhook_and_each_answer_stands_in_the_conversation() {
    let gateway = willing(Voice::Waviro);
    let house = House::new(&format!("{}{RULES}", fast("toko", Voice::Waviro, &base(Voice::Waviro, &gateway.url()))));
    let engine = house.serve();
    let event = Voice::Waviro.says("m-1", "6281230001", "Harga");
    let got = engine.post("toko", &event).json();
    let reply = json!([
        {"type": "message", "content": "Halo Budi, ini harganya."},
        {"type": "image", "content": "https://example.com/a.png"},
        {"type": "location", "content": [{"coordinate": "-6.20-106.8"}]}
    ]);
    assert_eq!(got, json!({"success": true, "message": {"reply": reply}}));
    let said = outgoing(&house);
    assert_eq!(said.len(), 3, "{said:?}");
    for message in &said {
        assert_eq!((&message["author"]["kind"], &message["status"]), (&json!("rule"), &json!("sent")), "{message}");
    }
    // Told again at once: the customer is not answered twice.
    assert_eq!(engine.post("toko", &event).json(), json!({"success": true, "message": {"reply": []}}));
    assert_eq!(outgoing(&house).len(), 3);
    // The fields of a keyword, once for each customer.
    let mut body = Voice::Waviro.body("m-2", "6281230002", "penawaran#");
    body["data"] = json!(["Jhon {2} Doe", "x@y"]);
    let first = engine.post("toko", &Voice::Waviro.signed(&body)).json();
    let answer = json!([{"type": "message", "content": "Terima kasih Jhon {2} Doe, kami kirim ke x@y."}]);
    assert_eq!(first["message"]["reply"], answer);
    body["data"] = json!(["Jhon", "z@y"]);
    assert_eq!(engine.post("toko", &Voice::Waviro.signed(&body)).json()["message"]["reply"], json!([]));
    assert_eq!(gateway.seen().len(), 0, "WAVIRO itself sends what stands in the answer");
}

#[test]
fn elsewhere_a_rule_speaks_through_the_outbox_once() {
    let gateway = willing(Voice::CloudChat);
    let rule = "[[account.rule]]\nkeyword = \"harga\"\nreply = [ { text = \"Rp 10.000\" } ]\n";
    let house = House::new(&format!("{}{rule}", fast("toko", Voice::CloudChat, &gateway.url())));
    let engine = house.serve();
    let event = Voice::CloudChat.says("m-1", "6281230001", "HARGA");
    for _ in 0..5 {
        assert_eq!(engine.post("toko", &event).status, 200);
    }
    house.until_messages("toko", "the answer", |m| status(m, "Rp 10.000") == "sent");
    engine.kill();
    let engine = house.serve();
    assert_eq!(engine.post("toko", &event).status, 200);
    engine.post("toko", &Voice::CloudChat.says("m-2", "6281230002", "lain"));
    house.until_messages("toko", "a later one", |m| status(m, "lain") == "received");
    assert_eq!(gateway.seen().iter().map(text).collect::<Vec<_>>(), ["Rp 10.000"]);
    // People still see that the customer waits for one of them.
    let waits = house.json(&["conversations"]).into_iter().find(|c| c["peer"] == "6281230001").unwrap();
    assert!(waits["waiting_since"].is_string(), "{waits}");
}
