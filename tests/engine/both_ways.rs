//! The main job from end to end: on every gateway a customer writes and an agent answers, and no log holds what they wrote.
use crate::kit::{Dialect, Home};
use crate::{accepting_gateway, fast, status, text};
use serde_json::{Value, json};

#[test]
fn customers_write_and_are_answered_on_every_gateway() {
    let gateways: Vec<_> = Dialect::ALL.iter().map(|dialect| (*dialect, accepting_gateway(*dialect))).collect();
    let config: String =
        gateways.iter().map(|(dialect, gateway)| fast(dialect.name(), *dialect, &gateway.url())).collect();
    let home = Home::new(&config);
    let engine = home.serve();
    for (dialect, gateway) in &gateways {
        let name = dialect.name();
        let response = engine.post(name, &dialect.text_event("m-1", "6281230001", "TANYA-RAHASIA"));
        assert_eq!(response.json()["success"], json!(true));
        let question = home.until_messages(name, "the question", |m| m.len() == 1).remove(0);
        let answer = [
            "--json",
            "send",
            "--account",
            name,
            "--to",
            question["peer"].as_str().unwrap(),
            "--text",
            "JAWAB-RAHASIA",
        ];
        let sent = home.run(&answer).expect_status(0).json().remove(0);
        assert_eq!(
            sent["conversation"], question["conversation"],
            "{name}: the answer is in the conversation of the question"
        );
        let [request] = &gateway.requests()[..] else { panic!("{name}: {:?}", gateway.requests()) };
        assert_eq!(text(request), "JAWAB-RAHASIA", "{name}");
    }
    let all = home.json(&["conversations"]);
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(all.iter().all(|c| c["waiting_since"] == Value::Null && c["last_text"] == "JAWAB-RAHASIA"), "{all:?}");
    // Neither what people wrote nor the keys are logged.
    let (log, out, metrics) = (engine.log(), engine.out(), engine.get("/metrics").body);
    for word in ["RAHASIA", "sk_live_kunci", "6281230001"] {
        assert!(!log.contains(word) && !out.contains(word) && !metrics.contains(word), "{word} is logged: {log}");
    }
    assert!(metrics.contains("loket_events_total 5"), "{metrics}");
}

#[test]
fn every_channel_of_a_gateway_has_conversations_of_its_own() {
    let gateway = accepting_gateway(Dialect::CloudChat);
    let home = crate::home_with_account(Dialect::CloudChat, &gateway);
    let engine = home.serve();
    for (n, channel) in ["whatsapp", "telegram", "instagram", "messenger"].iter().enumerate() {
        let mut body = Dialect::CloudChat.body(&format!("m-{n}"), "6281230001", &format!("dari {channel}"));
        body["channel"] = json!(channel);
        assert_eq!(engine.post("toko", &Dialect::CloudChat.signed(&body)).status, 200);
        home.until_messages("toko", channel, |m| status(m, &format!("dari {channel}")) == "received");
        let to = ["--to", "6281230001", "--channel", channel, "--text", channel];
        let sent =
            home.run(&[&["--json", "send", "--account", "toko"], &to[..]].concat()).expect_status(0).json().remove(0);
        assert_eq!(sent["channel"], *channel);
        let request = gateway.wait_for_requests(n + 1).pop().unwrap().json();
        assert_eq!((&request["channel"], &request["to"]), (&json!(channel), &json!("6281230001")));
    }
    let all = home.json(&["conversations"]);
    assert_eq!(all.len(), 4, "{all:?}");
    for c in all {
        let id = c["id"].as_str().unwrap();
        assert_eq!(home.json(&["messages", "--conversation", id]).len(), 2, "{c}");
    }
}

#[test]
fn a_group_is_answered_as_a_group() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let home = crate::home_with_account(Dialect::Waviro, &gateway);
    let engine = home.serve();
    let group = "120363000000000001";
    let mut body = Dialect::Waviro.body("m-1", group, "halo semua");
    body["data"]["nohp"] = json!("6281230007");
    assert_eq!(engine.post("toko", &Dialect::Waviro.signed(&body)).status, 200);
    home.until_messages("toko", "the group's message", |m| m.len() == 1);
    let found = home.json(&["conversations"]).remove(0);
    assert_eq!((&found["group"], &found["peer"]), (&json!(true), &json!(group)), "{found}");
    let sent =
        home.run(&["--json", "send", "--account", "toko", "--to-group", group, "--text", "halo"]).expect_status(0);
    assert_eq!(sent.json()[0]["conversation"], found["id"]);
    assert_eq!(gateway.requests()[0].path, "/api/sendwatogroup");
}
