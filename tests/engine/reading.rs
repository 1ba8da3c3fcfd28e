//! `conversations`, `messages`, `search`, `account list`: what scripts read, and in which order.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::gateway::Gateway;
use crate::kit::{Dialect, Home, RunningEngine, wait_until};
use crate::{accepting_gateway, fast};

fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|m| m["text"].as_str().unwrap()).collect()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A home in which three customers wrote: one twice, one through another account.
fn visited() -> (Home, (RunningEngine, Gateway)) {
    let gateway = accepting_gateway(Dialect::CloudChat);
    let home = Home::new(&format!(
        "{}{}",
        fast("toko", Dialect::CloudChat, &gateway.url()),
        fast("lain", Dialect::Cetar, &gateway.url())
    ));
    let engine = home.serve();
    // Posted in order of their times, a second apart, in the past.
    let now = jiff::Timestamp::now().as_second();
    let sent = [("6281230001", "satu"), ("6281230002", "dua"), ("6281230001", "tiga sepatu"), ("6281230001", "empat")];
    for (n, (from, content)) in sent.iter().enumerate() {
        let mut body = Dialect::CloudChat.body(&format!("m-{n}"), from, content);
        body["timestamp"] = json!(now - 100 + i64::try_from(n).unwrap());
        assert_eq!(engine.post("toko", &Dialect::CloudChat.signed(&body)).status, 200);
    }
    assert_eq!(engine.post("lain", &Dialect::Cetar.text_event("m-9", "6281230003", "sepatu")).status, 200);
    home.until_messages("toko", "all", |m| m.len() == 4);
    home.until_messages("lain", "all", |m| m.len() == 1);
    (home, (engine, gateway))
}

#[test]
fn messages_are_the_newest_and_oldest_first() {
    let (home, _engine) = visited();
    let list = |args: &[&str]| home.json(&[&["messages"], args].concat());
    assert_eq!(texts(&list(&["--account", "toko"])), ["satu", "dua", "tiga sepatu", "empat"]);
    let newest = list(&["--account", "toko", "--limit", "2"]);
    assert_eq!(texts(&newest), ["tiga sepatu", "empat"]);
    let before = newest[0]["id"].as_str().unwrap();
    assert_eq!(texts(&list(&["--account", "toko", "--limit", "1", "--before", before])), ["dua"]);
    for peer in ["6281230001", "0812-3000-1", "+62 812 30001"] {
        let theirs = list(&["--account", "toko", "--peer", peer]);
        assert_eq!(texts(&theirs), ["satu", "tiga sepatu", "empat"], "{peer}");
        let conversation = theirs[0]["conversation"].as_str().unwrap();
        assert_eq!(list(&["--conversation", conversation]), theirs);
        let final_id = theirs[2]["id"].as_str().unwrap();
        assert_eq!(
            texts(&list(&["--conversation", conversation, "--before", final_id, "--limit", "1"])),
            ["tiga sepatu"]
        );
    }
    assert!(list(&["--account", "toko", "--peer", "6281239999"]).is_empty());
    assert!(list(&["--account", "toko", "--limit", "0"]).is_empty());
    let odd = home.run(&["messages", "--account", "toko", "--conversation", "1"]);
    assert_eq!(odd.status, 2, "{odd:?}");
}

#[test]
fn conversations_are_as_the_contract_has_them_newest_first() {
    let (home, _engine) = visited();
    let all = home.json(&["conversations"]);
    let peers: Vec<_> = all.iter().map(|c| c["peer"].as_str().unwrap()).collect();
    assert_eq!(peers, ["6281230003", "6281230001", "6281230002"]);
    let expected: BTreeSet<_> = [
        "id",
        "account",
        "channel",
        "peer",
        "name",
        "group",
        "unread",
        "waiting_since",
        "last_at",
        "last_text",
        "state",
        "labels",
        "assignee",
        "snoozed_until",
        "window_until",
    ]
    .into();
    for c in &all {
        assert_eq!(keys(c), expected, "{c}");
        for text in ["id", "account", "channel", "peer", "name", "last_at", "last_text", "state"] {
            assert!(c[text].is_string(), "{text}: {c}");
        }
        assert!(c["group"].is_boolean() && c["unread"].is_u64() && c["labels"].is_array(), "{c}");
        assert!(c["window_until"].is_null() && c["waiting_since"].is_string(), "{c}");
    }
    let busy = &all[1];
    assert_eq!((&busy["unread"], &busy["last_text"], &busy["name"]), (&json!(3), &json!("empat"), &json!("Budi")));
    assert_eq!((&busy["state"], &busy["channel"], &busy["group"]), (&json!("open"), &json!("whatsapp"), &json!(false)));
    // What arrived first has waited longest, whatever the gateways' clocks say.
    assert!(busy["waiting_since"].as_str() < all[0]["waiting_since"].as_str());
    let count = |args: &[&str]| home.json(&[&["conversations"], args].concat()).len();
    assert_eq!((count(&["--account", "toko"]), count(&["--unread"])), (2, 3));
    assert_eq!(
        (count(&["--state", "open"]), count(&["--state", "resolved"]), count(&["--state", "snoozed"])),
        (3, 0, 0)
    );
}

#[test]
fn an_answer_ends_the_waiting_and_is_the_last_text() {
    let (home, _engine) = visited();
    home.run(&["send", "--account", "toko", "--to", "6281230001", "--text", "Siap kak"]).expect_status(0);
    let all = home.json(&["conversations", "--account", "toko"]);
    assert_eq!((&all[0]["peer"], &all[0]["last_text"]), (&json!("6281230001"), &json!("Siap kak")));
    assert_eq!(all[0]["waiting_since"], Value::Null, "{}", all[0]);
}

#[test]
fn words_are_found_newest_first() {
    let (home, _engine) = visited();
    let found = wait_until("the index", || Some(home.json(&["search", "sepatu"])).filter(|found| found.len() == 2));
    assert_eq!(texts(&found), ["sepatu", "tiga sepatu"]);
    assert_eq!(texts(&home.json(&["search", "sepa", "--account", "toko"])), ["tiga sepatu"]);
    assert_eq!(texts(&home.json(&["search", "sepatu", "--limit", "1"])), ["sepatu"]);
    assert!(home.json(&["search", "sandal"]).is_empty());
    for odd in ["\"", "*", "sepatu AND", "a OR b NEAR", "(", "-x", "text:sepatu", "'; DROP TABLE messages"] {
        let output = home.run(&["--json", "search", "--", odd]);
        assert_eq!(output.status, 0, "{odd}: {output:?}");
    }
}

#[test]
fn accounts_are_as_the_contract_has_them() {
    let (home, _engine) = visited();
    let all = home.json(&["account", "list"]);
    let expected: BTreeSet<_> =
        ["name", "provider", "mode", "channel", "state", "since", "last_event_at", "webhook_path"].into();
    for a in &all {
        assert_eq!(keys(a), expected, "{a}");
        assert!(a["last_event_at"].is_string(), "{a}");
    }
    assert_eq!(
        (&all[0]["name"], &all[0]["provider"], &all[0]["mode"]),
        (&json!("toko"), &json!("cloudchat"), &Value::Null)
    );
    assert_eq!((&all[1]["provider"], &all[1]["mode"]), (&json!("cetar"), &json!("unofficial")));
    assert_eq!(all[0]["webhook_path"], crate::kit::webhook_path("toko"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (home, _engine) = visited();
    let mut command = home.command(&["messages", "--account", "toko", "--json"]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
