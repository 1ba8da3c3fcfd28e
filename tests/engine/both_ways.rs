//! The main job from end to end: on every gateway a customer writes, an agent answers, and the door tells no tales.

use serde_json::{Value, json};

use crate::kit::{House, Voice};
use crate::{fast, status, text, willing};

#[test]
fn customers_write_and_are_answered_on_every_gateway() {
    let gateways: Vec<_> = Voice::ALL.iter().map(|voice| (*voice, willing(*voice))).collect();
    let config: String = gateways.iter().map(|(voice, gateway)| fast(voice.name(), *voice, &gateway.url())).collect();
    let house = House::new(&config);
    let engine = house.serve();
    for (voice, gateway) in &gateways {
        let name = voice.name();
        let got = engine.post(name, &voice.says("m-1", "6281230001", "TANYA-RAHASIA"));
        assert_eq!(got.json()["success"], json!(true));
        let asked = house.until_messages(name, "the question", |m| m.len() == 1).remove(0);
        let answer =
            ["--json", "send", "--account", name, "--to", asked["peer"].as_str().unwrap(), "--text", "JAWAB-RAHASIA"];
        let said = house.run(&answer).ends(0).json().remove(0);
        assert_eq!(said["conversation"], asked["conversation"], "{name}: the answer stands where the question does");
        let [request] = &gateway.seen()[..] else { panic!("{name}: {:?}", gateway.seen()) };
        assert_eq!(text(request), "JAWAB-RAHASIA", "{name}");
    }
    let all = house.json(&["conversations"]);
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(all.iter().all(|c| c["waiting_since"] == Value::Null && c["last_text"] == "JAWAB-RAHASIA"), "{all:?}");
    // What people wrote and what the gateways were told stays between them.
    let (log, out, metrics) = (engine.log(), engine.out(), engine.get("/metrics").body);
    for word in ["RAHASIA", "sk_live_kunci", "6281230001"] {
        assert!(!log.contains(word) && !out.contains(word) && !metrics.contains(word), "{word} is told: {log}");
    }
    assert!(metrics.contains("loket_events_total 5"), "{metrics}");
}

#[test]
fn every_channel_of_a_gateway_has_conversations_of_its_own() {
    let gateway = willing(Voice::CloudChat);
    let house = crate::shop(Voice::CloudChat, &gateway);
    let engine = house.serve();
    for (n, channel) in ["whatsapp", "telegram", "instagram", "messenger"].iter().enumerate() {
        let mut body = Voice::CloudChat.body(&format!("m-{n}"), "6281230001", &format!("dari {channel}"));
        body["channel"] = json!(channel);
        assert_eq!(engine.post("toko", &Voice::CloudChat.signed(&body)).status, 200);
        house.until_messages("toko", channel, |m| status(m, &format!("dari {channel}")) == "received");
        let to = ["--to", "6281230001", "--channel", channel, "--text", channel];
        let said = house.run(&[&["--json", "send", "--account", "toko"], &to[..]].concat()).ends(0).json().remove(0);
        assert_eq!(said["channel"], *channel);
        let request = gateway.wait_for(n + 1).pop().unwrap().json();
        assert_eq!((&request["channel"], &request["to"]), (&json!(channel), &json!("6281230001")));
    }
    let all = house.json(&["conversations"]);
    assert_eq!(all.len(), 4, "{all:?}");
    for c in all {
        let id = c["id"].as_str().unwrap();
        assert_eq!(house.json(&["messages", "--conversation", id]).len(), 2, "{c}");
    }
}

#[test]
fn a_group_is_answered_as_a_group() {
    let gateway = willing(Voice::Waviro);
    let house = crate::shop(Voice::Waviro, &gateway);
    let engine = house.serve();
    let group = "120363000000000001";
    let mut body = Voice::Waviro.body("m-1", group, "halo semua");
    body["data"]["nohp"] = json!("6281230007");
    assert_eq!(engine.post("toko", &Voice::Waviro.signed(&body)).status, 200);
    house.until_messages("toko", "the group's message", |m| m.len() == 1);
    let there = house.json(&["conversations"]).remove(0);
    assert_eq!((&there["group"], &there["peer"]), (&json!(true), &json!(group)), "{there}");
    let said = house.run(&["--json", "send", "--account", "toko", "--to-group", group, "--text", "halo"]).ends(0);
    assert_eq!(said.json()[0]["conversation"], there["id"]);
    assert_eq!(gateway.seen()[0].path, "/api/sendwatogroup");
}
