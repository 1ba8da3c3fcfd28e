//! `loket send` as scripts use it: exit statuses, JSON, and refusals before anything leaves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::gateway::{Answer, Gate, Gateway};
use crate::kit::{House, Voice, account};
use crate::{base, fast, queue, status, willing};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The contract's message object: exactly these fields, each of its type.
#[track_caller]
fn is_a_message(m: &Value) {
    let expected: BTreeSet<_> = [
        "id",
        "conversation",
        "account",
        "channel",
        "peer",
        "direction",
        "author",
        "kind",
        "text",
        "media",
        "payload",
        "remote_id",
        "status",
        "error",
        "at",
    ]
    .into();
    assert_eq!(keys(m), expected, "{m}");
    for text in ["id", "conversation", "account", "channel", "peer", "direction", "kind", "text", "status"] {
        assert!(m[text].is_string(), "{text}: {m}");
    }
    assert_eq!(keys(&m["author"]), ["kind", "name"].into(), "{m}");
    assert!(m["media"].is_null() || keys(&m["media"]) == ["url", "mime", "name", "size", "remote_id"].into(), "{m}");
    assert!(m["payload"].is_null() || m["payload"].is_object(), "{m}");
    assert!(m["remote_id"].is_null() || m["remote_id"].is_string(), "{m}");
    assert!(m["error"].is_null() || keys(&m["error"]) == ["code", "message"].into(), "{m}");
    let at = m["at"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok(), "{at}");
}

#[test]
fn the_message_is_printed_as_the_contract_has_it_with_and_without_an_engine() {
    let gateway = willing(Voice::Chatera);
    let house = House::new(&format!("agent = \"Sari\"\n{}", fast("toko", Voice::Chatera, &gateway.url())));
    for (n, with_engine) in [false, true].into_iter().enumerate() {
        let engine = with_engine.then(|| house.serve());
        let ran = house.run(&["--json", "send", "--account", "toko", "--to", "0812 3000 1", "--text", "Halo"]).ends(0);
        assert_eq!(ran.err, "");
        let [m] = &ran.json()[..] else { panic!("{ran:?}") };
        is_a_message(m);
        assert_eq!(
            (&m["direction"], &m["kind"], &m["status"], &m["peer"], &m["text"]),
            (&json!("out"), &json!("text"), &json!("sent"), &json!("6281230001"), &json!("Halo"))
        );
        assert_eq!(m["author"], json!({"kind": "agent", "name": "Sari"}));
        assert_eq!(m["remote_id"], format!("c-{}", 2 * n + 1));
        let shown = house.run(&["send", "--account", "toko", "--to", "0812 3000 9", "--text", "x"]).ends(0);
        assert_eq!(shown.out.lines().count(), 1);
        assert!(shown.out.contains("sent"), "{}", shown.out);
        drop(engine);
        gateway.wait_for(2 * (n + 1));
    }
}

#[test]
fn flags_go_before_and_after_the_command() {
    let gateway = willing(Voice::Chatera);
    let house = crate::shop(Voice::Chatera, &gateway);
    let ran = house.run(&["send", "--account", "toko", "--to", "6281230001", "--text", "x", "--json"]).ends(0);
    is_a_message(&ran.json()[0]);
}

#[test]
fn every_kind_of_content_is_kept_as_it_was_said() {
    let gateway = willing(Voice::Waviro);
    let house = crate::shop(Voice::Waviro, &gateway);
    let send = |args: &[&str]| {
        let all = [&["--json", "send", "--account", "toko", "--to", "6281230001"], args].concat();
        let message = house.run(&all).ends(0).json().remove(0);
        is_a_message(&message);
        message
    };
    let media = send(&["--media-url", "https://a.id/x.pdf", "--text", "brosur"]);
    assert_eq!(
        (&media["kind"], &media["text"], &media["media"]["url"]),
        (&json!("document"), &json!("brosur"), &json!("https://a.id/x.pdf"))
    );
    let place = send(&["--location", "-6.200000,106.816666", "--text", "toko"]);
    assert_eq!((&place["kind"], &place["payload"]["latitude"]), (&json!("location"), &json!("-6.200000")));
    let card = send(&["--card", "Budi", "--card-number", "0812400001"]);
    assert_eq!((&card["kind"], &card["payload"]["contacts"][0]["name"]), (&json!("contacts"), &json!("Budi")));
    assert_eq!(house.messages("toko").len(), 3);
}

#[test]
fn what_cannot_be_carried_is_refused_with_2_before_any_request() {
    let gateway = willing(Voice::Chatera);
    let all = [
        account("chatera", Voice::Chatera, &base(Voice::Chatera, &gateway.url()), ""),
        fast("bebas", Voice::Chatera, &gateway.url()),
        fast("cetar", Voice::Cetar, &gateway.url()),
        account("meta", Voice::CetarMeta, &base(Voice::CetarMeta, &gateway.url()), ""),
        fast("waviro", Voice::Waviro, &gateway.url()),
        fast("cloudchat", Voice::CloudChat, &gateway.url()),
    ];
    let house = House::new(&all.concat());
    let long = "x".repeat(70_000);
    let to = ["--to", "6281230001"];
    let table: &[(&str, &[&str], &str)] = &[
        ("nobody", &["--to", "6281230001", "--text", "x"], "nobody"),
        ("bebas", &to, "--text"),
        ("bebas", &["--text", "x"], "--to"),
        ("bebas", &["--to", "6281230001", "--to-group", "1", "--text", "x"], "--to-group"),
        ("bebas", &["--to", "bukan nomor", "--text", "x"], "Chatera"),
        ("bebas", &["--to", "12", "--text", "x"], "Chatera"),
        ("bebas", &["--to", "", "--text", "x"], "Chatera"),
        ("bebas", &["--to", "6281230001", "--text", " \n"], "Chatera"),
        ("bebas", &["--to", "6281230001", "--text", &long], "Chatera"),
        ("chatera", &["--to", "6281230001", "--text", "x"], "Chatera"),
        ("meta", &["--to", "6281230001", "--text", "x"], "Cetar"),
        ("bebas", &["--to", "6281230001", "--location", "1,2"], "Chatera"),
        ("bebas", &["--to", "6281230001", "--card", "B", "--card-number", "0812400001"], "Chatera"),
        ("bebas", &["--to-group", "120363000000000001", "--text", "x"], "Chatera"),
        ("bebas", &["--to", "x", "--channel", "telegram", "--text", "x"], "Chatera"),
        ("cetar", &["--to", "6281230001", "--location", "1,2"], "Cetar"),
        ("cetar", &["--to", "6281230001", "--template", "bukan_angka"], "Cetar"),
        (
            "cetar",
            &[
                "--to",
                "6281230001",
                "--text",
                "x",
                "--button",
                "reply|1|a",
                "--button",
                "reply|2|b",
                "--button",
                "reply|3|c",
                "--button",
                "reply|4|d",
            ],
            "Cetar",
        ),
        ("waviro", &["--to", "6281230001", "--text", "x", "--button", "reply|1|a"], "WAVIRO"),
        ("waviro", &["--to", "6281230001", "--template", "x"], "WAVIRO"),
        ("waviro", &["--to", "6281230001", "--location", "91,2"], "WAVIRO"),
        ("waviro", &["--to", "6281230001", "--location", "satu,dua"], "WAVIRO"),
        ("waviro", &["--to", "6281230001", "--location", "1"], "--location"),
        ("waviro", &["--to", "6281230001", "--card", "B", "--card-number", "bukan"], "WAVIRO"),
        ("waviro", &["--to", "6281230001", "--media-url", "ftp://a.id/x.jpg"], "WAVIRO"),
        ("waviro", &["--to", "6281230001", "--media-url", "/etc/passwd"], "WAVIRO"),
        ("cloudchat", &["--to-group", "120363000000000001", "--text", "x"], "CloudChat"),
        ("cloudchat", &["--to", "6281230001", "--text", "x", "--wait", "lama"], "--wait"),
        ("cloudchat", &["--to", "6281230001", "--text", "x", "--button", "apa"], "--button"),
        (
            "cloudchat",
            &["--to", "6281230001", "--text", "x", "--location", "1,2", "--card", "B", "--card-number", "1"],
            "--card",
        ),
    ];
    for with_engine in [false, true] {
        let engine = with_engine.then(|| house.serve());
        for (account, args, says) in table {
            let ran = house.run(&[&["--json", "send", "--account", account], *args].concat());
            let shown = &args[..args.len().min(6)];
            assert_eq!(ran.status, 2, "{account} {shown:.60?}: {} {}", ran.out, ran.err);
            assert_eq!(ran.out, "", "{account} {shown:.60?}");
            assert!(ran.err.contains(says), "{account} {shown:.60?}: {}", ran.err);
            if ["Chatera", "Cetar", "WAVIRO", "CloudChat"].contains(says) {
                let first = ran.err.lines().next().unwrap();
                let named = first.contains(account) && first.contains(says) && first.contains("text");
                assert!(named, "account, gateway and what it carries: {first}");
            }
        }
        drop(engine);
    }
    assert_eq!(gateway.seen().len(), 0);
    assert_eq!(house.json(&["conversations"]), Vec::<Value>::new(), "a refused message leaves nothing");
}

#[test]
fn the_window_opens_with_a_customers_message_and_a_template_may_always_go() {
    let gateway = willing(Voice::Chatera);
    let house = House::new(&account("toko", Voice::Chatera, &base(Voice::Chatera, &gateway.url()), ""));
    let send = |args: &[&str]| house.run(&[&["send", "--account", "toko", "--to", "6281230001"], args].concat());
    send(&["--text", "x"]).ends(2);
    assert_eq!(gateway.seen().len(), 0);
    send(&["--template", "halo", "--lang", "id"]).ends(0);
    send(&["--text", "x"]).ends(2);
    let engine = house.serve();
    engine.post("toko", &Voice::Chatera.says("m-1", "6281230001", "Ya?"));
    house.until_messages("toko", "the customer", |m| status(m, "Ya?") == "received");
    let there = house.json(&["conversations"]);
    assert_eq!(there.len(), 1, "the template and the answer are one conversation: {there:?}");
    let until: jiff::Timestamp = there[0]["window_until"].as_str().unwrap().parse().unwrap();
    let hours = until.duration_since(jiff::Timestamp::now()).as_hours();
    assert!((23..=24).contains(&hours), "{there:?}");
    send(&["--text", "x"]).ends(0);
    assert_eq!(gateway.seen().len(), 2);
}

#[test]
fn waiting_ends_when_it_was_said_to_and_the_message_goes_on() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |_| {
        Answer::After(held.clone(), Box::new(Answer::json(200, &crate::accepted(Voice::Chatera, 1))))
    });
    let house = crate::shop(Voice::Chatera, &gateway);
    let _engine = house.serve();
    let ran = house.run(&["--json", "send", "--account", "toko", "--to", "6281230001", "--text", "x", "--wait", "1"]);
    let message = ran.ends(3).json().remove(0);
    is_a_message(&message);
    assert_eq!(message["status"], "sending");
    gate.open();
    house.until_messages("toko", "the answer", |m| status(m, "x") == "sent");
}

#[test]
fn many_commands_at_once_send_each_message_once() {
    let gateway = willing(Voice::Chatera);
    let house = crate::shop(Voice::Chatera, &gateway);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let house = &house;
            scope.spawn(move || {
                let to = format!("628123000{n}");
                let words = format!("pesan {n}");
                let send = ["send", "--account", "toko", "--to", &to, "--text", &words, "--wait", "40"];
                house.run(&send).ends(0);
            });
        }
    });
    assert_eq!(gateway.seen().len(), 8);
}

#[test]
fn an_engine_that_starts_while_a_command_sends_waits_for_it() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |_| {
        Answer::After(held.clone(), Box::new(Answer::json(200, &crate::accepted(Voice::Chatera, 1))))
    });
    let house = crate::shop(Voice::Chatera, &gateway);
    std::thread::scope(|scope| {
        let send = scope.spawn(|| house.run(&["send", "--account", "toko", "--to", "6281230001", "--text", "x"]));
        gateway.wait_for(1);
        let engine = scope.spawn(|| house.serve());
        gate.open();
        send.join().unwrap().ends(0);
        assert_eq!(engine.join().unwrap().get("/healthz").status, 200);
    });
    assert_eq!((status(&house.messages("toko"), "x").as_str(), gateway.seen().len()), ("sent", 1));
}

#[test]
fn wrong_words_on_the_command_line_end_with_2() {
    let gateway = willing(Voice::Chatera);
    let house = crate::shop(Voice::Chatera, &gateway);
    for args in [
        &["sned"][..],
        &["send"],
        &["send", "--account", "toko"],
        &["messages"],
        &["messages", "--account", "nobody"],
        &["messages", "--conversation", "999"],
        &["messages", "--account", "toko", "--before", "999"],
        &["conversations", "--state", "gone"],
        &["conversations", "--account", "nobody"],
        &["account", "url", "nobody"],
        &["--config", "/nonexistent/x.toml", "conversations"],
    ] {
        let ran = house.run(args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        assert!(!ran.err.is_empty(), "{args:?}");
    }
    queue(&house, "toko", "6281230001", "x");
}
