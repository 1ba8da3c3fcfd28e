//! Automatic answers: in WAVIRO's webhook answer as its page shows, elsewhere through the outbox, never twice.
use crate::kit::{Dialect, Home};
use crate::{accepting_gateway, base, fast, status, text};
use serde_json::{Value, json};

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

fn outgoing(home: &Home) -> Vec<Value> {
    home.messages("toko").into_iter().filter(|m| m["direction"] == "out").collect()
}

#[test]
fn waviro_is_answered_in_its_webhook_and_each_answer_stands_in_the_conversation() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let home = Home::new(&format!("{}{RULES}", fast("toko", Dialect::Waviro, &base(Dialect::Waviro, &gateway.url()))));
    let engine = home.serve();
    let event = Dialect::Waviro.text_event("m-1", "6281230001", "Harga");
    let response = engine.post("toko", &event).json();
    let reply = json!([
        {"type": "message", "content": "Halo Budi, ini harganya."},
        {"type": "image", "content": "https://example.com/a.png"},
        {"type": "location", "content": [{"coordinate": "-6.20-106.8"}]}
    ]);
    assert_eq!(response, json!({"success": true, "message": {"reply": reply}}));
    // The answer is read before its end is recorded.
    let is_sent = |m: &[Value]| m.iter().filter(|m| m["direction"] == "out" && m["status"] == "sent").count() == 3;
    home.until_messages("toko", "the answers to be sent", is_sent);
    let sent = outgoing(&home);
    assert_eq!(sent.len(), 3, "{sent:?}");
    for message in &sent {
        assert_eq!((&message["author"]["kind"], &message["status"]), (&json!("rule"), &json!("sent")), "{message}");
    }
    // Posted again at once: the customer is not answered twice.
    assert_eq!(engine.post("toko", &event).json(), json!({"success": true, "message": {"reply": []}}));
    assert_eq!(outgoing(&home).len(), 3);
    // The fields of a keyword, once for each customer.
    let mut body = Dialect::Waviro.body("m-2", "6281230002", "penawaran#");
    body["data"] = json!(["Jhon {2} Doe", "x@y"]);
    let first = engine.post("toko", &Dialect::Waviro.signed(&body)).json();
    let answer = json!([{"type": "message", "content": "Terima kasih Jhon {2} Doe, kami kirim ke x@y."}]);
    assert_eq!(first["message"]["reply"], answer);
    body["data"] = json!(["Jhon", "z@y"]);
    assert_eq!(engine.post("toko", &Dialect::Waviro.signed(&body)).json()["message"]["reply"], json!([]));
    assert_eq!(gateway.requests().len(), 0, "WAVIRO itself sends what stands in the answer");
}

#[test]
fn elsewhere_a_rule_speaks_through_the_outbox_once() {
    let gateway = accepting_gateway(Dialect::CloudChat);
    let rule = "[[account.rule]]\nkeyword = \"harga\"\nreply = [ { text = \"Rp 10.000\" } ]\n";
    let home = Home::new(&format!("{}{rule}", fast("toko", Dialect::CloudChat, &gateway.url())));
    let engine = home.serve();
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "HARGA");
    for _ in 0..5 {
        assert_eq!(engine.post("toko", &event).status, 200);
    }
    home.until_messages("toko", "the answer", |m| status(m, "Rp 10.000") == "sent");
    engine.kill();
    let engine = home.serve();
    assert_eq!(engine.post("toko", &event).status, 200);
    engine.post("toko", &Dialect::CloudChat.text_event("m-2", "6281230002", "lain"));
    home.until_messages("toko", "a later one", |m| status(m, "lain") == "received");
    assert_eq!(gateway.requests().iter().map(text).collect::<Vec<_>>(), ["Rp 10.000"]);
    // People still see that the customer waits for one of them.
    let waits = home.json(&["conversations"]).into_iter().find(|c| c["peer"] == "6281230001").unwrap();
    assert!(waits["waiting_since"].is_string(), "{waits}");
}

#[test]
fn a_loop_with_another_bot_ends_and_groups_are_not_answered() {
    let gateway = accepting_gateway(Dialect::CloudChat);
    let rule = "[[account.rule]]\nkeyword = \"halo\"\nmatch = \"prefix\"\nreply = [ { text = \"Halo, ada yang bisa dibantu?\" } ]\n";
    let home = Home::new(&format!("{}{rule}", fast("toko", Dialect::CloudChat, &gateway.url())));
    let engine = home.serve();
    let group = Dialect::CloudChat.text_event("g-1", "120363000000000001@g.us", "halo semua");
    assert_eq!(engine.post("toko", &group).status, 200);
    // The other side answers every answer, and more than that.
    for n in 0..20 {
        let event = Dialect::CloudChat.text_event(&format!("m-{n}"), "6281230001", "Halo, silakan tunggu");
        assert_eq!(engine.post("toko", &event).status, 200);
    }
    engine.post("toko", &Dialect::CloudChat.text_event("m-last", "6281230002", "halo kak"));
    let sent = |peer: &str, messages: &[Value]| {
        messages.iter().filter(|m| m["peer"] == peer && m["direction"] == "out" && m["status"] == "sent").count()
    };
    let messages = home.until_messages("toko", "all answers", |m| {
        m.iter().filter(|m| m["direction"] == "in").count() == 22
            && sent("6281230002", m) == 1
            && sent("6281230001", m) == 3
    });
    assert_eq!(messages.iter().filter(|m| m["direction"] == "out").count(), 4, "{messages:?}");
    assert_eq!(gateway.requests().len(), 4);
}
