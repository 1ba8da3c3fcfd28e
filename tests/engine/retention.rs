//! `[privacy] keep_days`: what is older is deleted by the running engine, which goes on taking webhooks.

use serde_json::{Value, json};

use crate::kit::{Dialect, Home, account, wait_until};

const DAY: i64 = 86_400;

fn config(privacy: &str) -> String {
    format!("{privacy}\n{}", account("toko", Dialect::Chatera, "http://127.0.0.1:9", ""))
}

fn days_ago(days: i64) -> String {
    let now = i64::try_from(crate::kit::events::seconds()).unwrap();
    jiff::Timestamp::from_second(now - days * DAY).unwrap().to_string()
}

fn line(id: u32, days: i64, direction: &str, text: &str) -> Value {
    let (kind, status) = if direction == "in" { ("contact", "received") } else { ("agent", "sent") };
    json!({"id": id.to_string(), "conversation": "7", "account": "toko", "channel": "whatsapp", "peer": "628111111111",
        "direction": direction, "author": {"kind": kind, "name": "x"}, "kind": "text", "text": text, "media": null,
        "payload": null, "remote_id": null, "status": status, "error": null, "at": days_ago(days),
        "about": {"name": "Budi", "group": false, "state": "open", "labels": [], "aliases": ["628111111111"],
                  "window": "none"}})
}

fn home_with_old_messages(privacy: &str) -> Home {
    let home = Home::new(&config(privacy));
    let old = (0..900).map(|n| {
        let direction = if n % 2 == 0 { "in" } else { "out" };
        line(n + 1, 400 - i64::from(n) / 10, direction, &format!("lama {n}"))
    });
    let lines: Vec<String> = old.chain([line(1000, 2, "in", "baru")]).map(|line| line.to_string()).collect();
    let file = home.config().with_file_name("in.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    home.run(&["import", file.to_str().unwrap()]).expect_status(0);
    home
}

#[test]
fn old_messages_are_deleted_while_webhooks_are_taken() {
    let home = home_with_old_messages("[privacy]\nkeep_days = 30");
    let engine = home.serve();
    for n in 0..20 {
        let event = Dialect::Chatera.text_event(&format!("m-{n}"), "6281230001", "Halo");
        assert_eq!(engine.post("toko", &event).status, 200, "{n}");
    }
    let left = home.until_messages("toko", "the end of what is old", |m| m.len() == 21);
    assert!(left.iter().any(|m| m["text"] == "baru"), "{left:?}");
    assert_eq!(home.json(&["search", "lama"]), Vec::<Value>::new());
    let report = home.run(&["doctor"]).out;
    assert!(report.contains("30 days"), "{report}");
}

#[test]
fn nothing_is_deleted_unless_it_is_set_and_then_without_a_restart() {
    let home = home_with_old_messages("");
    let engine = home.serve();
    engine.post("toko", &Dialect::Chatera.text_event("m-1", "6281230001", "Halo"));
    home.until_messages("toko", "the new message", |m| m.len() == 902);
    let report = home.run(&["doctor"]).out;
    assert!(report.contains("keep_days"), "{report}");
    home.configure(&config("[privacy]\nkeep_days = 30"));
    wait_until("the end of what is old", || (home.messages("toko").len() == 2).then_some(()));
}

#[test]
fn a_wrong_setting_is_refused_with_the_nearest_key() {
    for (privacy, reason) in [
        ("[privacy]\nkeep_days = -1", "keep_days"),
        ("[privacy]\nkeep_days = \"30\"", "keep_days"),
        ("[privacy]\nkeep_day = 30", "keep_days"),
        ("[listener]\ntrusted_proxies = [\"10.0.0.0/40\"]", "10.0.0.0/8"),
        ("[listener]\ntrusted_proxies = \"10.0.0.0/8\"", "trusted_proxies"),
    ] {
        let output = Home::new(&config(privacy)).run(&["conversations"]).expect_status(2);
        assert!(output.err.contains(reason), "{privacy}: {output:?}");
    }
}
