//! `loket forget` beside a running engine: a customer is gone from every table, every output and every byte.

use std::path::Path;

use serde_json::{Value, json};

use crate::gateway::{Answer, Gate, Gateway};
use crate::kit::{Dialect, Home, RunningEngine, account, events};
use crate::{accepted, accepting_gateway, base, home_with_account, queue};

const VICTIM: &str = "6281377001122";
const OTHER: &str = "6281377001133";
/// Words that only the victim's conversation has.
const SECRET: &str = "zamrudbiru";
const NAME: &str = "Wulandari";

/// The number of files below a directory that hold these bytes, each with its name.
fn files_with(dir: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files_with(&entry, needle));
        } else if std::fs::read(&entry).unwrap().windows(needle.len()).any(|window| window == needle.as_bytes()) {
            found.push(entry.display().to_string());
        }
    }
    found
}

#[track_caller]
fn assert_gone(home: &Home) {
    for needle in [VICTIM, SECRET, NAME, "81377001122"] {
        assert_eq!(files_with(&home.data(), needle), Vec::<String>::new(), "{needle}");
    }
}

fn post(engine: &RunningEngine, account: &str, dialect: Dialect, body: &Value) -> u16 {
    engine.post(account, &dialect.signed(body)).status
}

fn message(id: usize, from: &str, text: &str) -> Value {
    let mut body = Dialect::Chatera.body(&format!("m-{id}"), from, text);
    body["data"]["sender"]["name"] = json!(if from == VICTIM { NAME } else { "Budi" });
    body
}

fn forget(home: &Home) -> Value {
    home.json(&["forget", "--account", "toko", "--peer", "0813-7700-1122", "--yes"]).remove(0)
}

#[test]
fn a_forgotten_customer_is_gone_from_every_byte_and_others_stay() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    // Long and short texts, so that pages are split, merged and freed.
    let long = format!("{SECRET} ").repeat(800);
    let once_more = message(1000, VICTIM, &format!("{SECRET} halo"));
    assert_eq!(post(&engine, "toko", Dialect::Chatera, &once_more), 200);
    for n in 0..149 {
        let text = if n % 10 == 0 { format!("{n} {long}") } else { format!("{SECRET}{n} halo {NAME}") };
        assert_eq!(post(&engine, "toko", Dialect::Chatera, &message(2 * n, VICTIM, &text)), 200);
        assert_eq!(post(&engine, "toko", Dialect::Chatera, &message(2 * n + 1, OTHER, &format!("pesan {n}"))), 200);
    }
    queue(&home, "toko", VICTIM, &format!("jawaban {SECRET}"));
    home.until_messages("toko", "every message", |m| {
        m.len() == 300 && m.iter().all(|m| m["status"] == "received" || m["status"] == "sent")
    });
    assert_ne!(files_with(&home.data(), SECRET), Vec::<String>::new());

    let done = forget(&home);
    assert_eq!(done, json!({"conversations": 1, "messages": 151, "events": 150, "contacts": 0, "erased": true}));
    assert_gone(&home);

    let left = home.messages("toko");
    assert_eq!((left.len(), left.iter().all(|m| m["peer"] == OTHER)), (149, true));
    assert_eq!(home.json(&["search", SECRET]), Vec::<Value>::new());
    assert_eq!(home.json(&["search", "pesan"]).len(), 50);
    let exported = home.run(&["export"]).expect_status(0).out;
    assert!(!exported.contains(VICTIM) && !exported.contains(SECRET));
    let copy = home.data().join("../copy.db");
    home.run(&["backup", copy.to_str().unwrap()]).expect_status(0);
    let copied = std::fs::read(&copy).unwrap();
    assert!(!copied.windows(VICTIM.len()).any(|window| window == VICTIM.as_bytes()));
    let doctor = home.run(&["doctor"]);
    assert!(doctor.out.contains("intact") || !doctor.out.contains("damaged"), "{doctor:?}");

    // What the gateway delivers once more is not new; what the person writes now begins anew.
    assert_eq!(post(&engine, "toko", Dialect::Chatera, &once_more), 200);
    assert_eq!(post(&engine, "toko", Dialect::Chatera, &message(900, VICTIM, "permisi")), 200);
    let now = home.until_messages("toko", "the new message", |m| m.iter().any(|m| m["text"] == "permisi"));
    assert_eq!(now.len(), 150);
    let conversations = home.json(&["conversations"]);
    assert_eq!((conversations.len(), &conversations[0]["peer"]), (2, &json!(VICTIM)));
    let output = home.run(&["forget", "--account", "toko", "--peer", VICTIM, "--yes"]).expect_status(0);
    assert!(output.out.contains("is forgotten: 1 messages"), "{output:?}");
    assert_gone(&home);
}

#[test]
fn what_others_wrote_in_the_same_event_stays() {
    let home = Home::new(&account("toko", Dialect::CetarMeta, "http://127.0.0.1:9", ""));
    let engine = home.serve();
    let both = events::meta(&json!({
        "contacts": [{"profile": {"name": NAME}, "wa_id": VICTIM}, {"profile": {"name": "Budi"}, "wa_id": OTHER}],
        "messages": [
            {"from": VICTIM, "id": "wamid.1", "timestamp": "1700000000", "type": "text", "text": {"body": SECRET}},
            {"from": OTHER, "id": "wamid.2", "timestamp": "1700000001", "type": "text", "text": {"body": "punyaku"}},
            {"from": OTHER, "id": "wamid.3", "timestamp": "1700000002", "type": "terbaru", "terbaru": {"a": "tetap ada"}},
        ]
    }));
    assert_eq!(post(&engine, "toko", Dialect::CetarMeta, &both), 200);
    home.until_messages("toko", "the messages", |m| m.len() >= 2);
    let done = forget(&home);
    assert_eq!((&done["messages"], &done["events"]), (&json!(1), &json!(1)));
    assert_gone(&home);
    assert_eq!(files_with(&home.data(), "tetap ada").len(), 1, "the raw event of the other is kept");
    assert_eq!(post(&engine, "toko", Dialect::CetarMeta, &both), 200);
    assert!(home.messages("toko").iter().all(|m| m["peer"] == OTHER), "delivered once more, it is no news");
}

#[test]
fn somebody_is_forgotten_by_any_id_without_an_engine_too() {
    let home = Home::new(&account("toko", Dialect::Chatera, "http://127.0.0.1:9", ""));
    let line = |id: u32, text: &str, aliases: &[&str]| {
        json!({"id": id.to_string(), "conversation": (id + 6).to_string(), "account": "toko", "channel": "whatsapp",
            "peer": aliases[0], "direction": "in", "author": {"kind": "contact", "name": NAME}, "kind": "text",
            "text": text, "media": null, "payload": null, "remote_id": null, "status": "received", "error": null,
            "at": "2026-01-04T08:49:07Z", "about": {"name": "Tim", "group": false, "state": "open",
            "labels": ["vip"], "aliases": aliases, "window": "24h"}})
    };
    let lines = format!("{}\n{}\n", line(1, "rapat besok", &[OTHER]), line(2, SECRET, &[VICTIM, "ID.wulan"]));
    let file = home.config().with_file_name("in.jsonl");
    std::fs::write(&file, lines.replacen(NAME, "Budi", 1)).unwrap();
    home.run(&["import", file.to_str().unwrap()]).expect_status(0);
    let done = home.json(&["forget", "--account", "toko", "--peer", "ID.wulan", "--yes"]).remove(0);
    assert_eq!((&done["conversations"], &done["messages"]), (&json!(1), &json!(1)));
    assert_gone(&home);
    assert_eq!(home.messages("toko").len(), 1);
}

#[test]
fn nobody_is_forgotten_without_being_asked_for_or_while_a_message_is_on_its_way() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |_| {
        Answer::After(held.clone(), Box::new(Answer::json(200, &accepted(Dialect::Chatera, 1))))
    });
    let config = account("toko", Dialect::Chatera, &base(Dialect::Chatera, &gateway.url()), "window = \"none\"");
    let home = Home::new(&config);
    let _engine = home.serve();
    queue(&home, "toko", VICTIM, SECRET);
    gateway.wait_for_requests(1);

    let output = home.run(&["forget", "--account", "toko", "--peer", OTHER, "--yes"]).expect_status(2);
    assert!(output.err.contains("knows nobody"), "{output:?}");
    home.run(&["forget", "--account", "tko", "--peer", VICTIM, "--yes"]).expect_status(2);
    let output = home.run(&["forget", "--account", "toko", "--peer", VICTIM]).expect_status(2);
    assert!(output.err.contains("--yes"), "{output:?}");
    let output = home.run(&["--locale", "id", "forget", "--account", "toko", "--peer", OTHER]).expect_status(2);
    assert!(output.err.contains("tidak mengenal"), "{output:?}");
    let output = home.run(&["forget", "--account", "toko", "--peer", VICTIM, "--yes"]).expect_status(1);
    assert!(output.err.contains("just being sent"), "{output:?}");
    assert_eq!(home.messages("toko").len(), 1, "nothing was deleted");

    gate.open();
    home.until_messages("toko", "the message", |m| m[0]["status"] == "sent");
    forget(&home);
    assert_gone(&home);
}
