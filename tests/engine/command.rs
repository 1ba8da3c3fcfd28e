//! `loket send` as scripts use it: exit statuses, JSON, and refusals before anything leaves.

use crate::gateway::{Answer, Gate, Gateway};
use crate::kit::{Dialect, Home, account};
use crate::{accepting_gateway, base, fast, queue, status};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
    let of_media = ["url", "mime", "name", "size", "remote_id", "state", "file", "sha256", "error"];
    assert!(m["media"].is_null() || keys(&m["media"]) == of_media.into(), "{m}");
    assert!(m["payload"].is_null() || m["payload"].is_object(), "{m}");
    assert!(m["remote_id"].is_null() || m["remote_id"].is_string(), "{m}");
    assert!(m["error"].is_null() || keys(&m["error"]) == ["code", "message"].into(), "{m}");
    let at = m["at"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok(), "{at}");
}

#[test]
fn the_message_is_printed_as_the_contract_has_it_with_and_without_an_engine() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = Home::new(&format!("agent = \"Sari\"\n{}", fast("toko", Dialect::Chatera, &gateway.url())));
    for (n, with_engine) in [false, true].into_iter().enumerate() {
        let engine = with_engine.then(|| home.serve());
        let output = home
            .run(&["--json", "send", "--account", "toko", "--to", "0812 3000 1", "--text", "Halo"])
            .expect_status(0);
        assert_eq!(output.err, "");
        let [m] = &output.json()[..] else { panic!("{output:?}") };
        is_a_message(m);
        assert_eq!(
            (&m["direction"], &m["kind"], &m["status"], &m["peer"], &m["text"]),
            (&json!("out"), &json!("text"), &json!("sent"), &json!("6281230001"), &json!("Halo"))
        );
        assert_eq!(m["author"], json!({"kind": "agent", "name": "Sari"}));
        assert_eq!(m["remote_id"], format!("c-{}", 2 * n + 1));
        let shown = home.run(&["send", "--account", "toko", "--to", "0812 3000 9", "--text", "x"]).expect_status(0);
        assert_eq!(shown.out.lines().count(), 1);
        assert!(shown.out.contains("sent"), "{}", shown.out);
        drop(engine);
        gateway.wait_for_requests(2 * (n + 1));
    }
}

#[test]
fn flags_go_before_and_after_the_command() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let output =
        home.run(&["send", "--account", "toko", "--to", "6281230001", "--text", "x", "--json"]).expect_status(0);
    is_a_message(&output.json()[0]);
}

#[test]
fn every_kind_of_content_is_stored_as_it_was_sent() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let home = crate::home_with_account(Dialect::Waviro, &gateway);
    let send = |args: &[&str]| {
        let all = [&["--json", "send", "--account", "toko", "--to", "6281230001"], args].concat();
        let message = home.run(&all).expect_status(0).json().remove(0);
        is_a_message(&message);
        message
    };
    let media = send(&["--media-url", "https://a.id/x.pdf", "--text", "brosur"]);
    assert_eq!(
        (&media["kind"], &media["text"], &media["media"]["url"]),
        (&json!("document"), &json!("brosur"), &json!("https://a.id/x.pdf"))
    );
    let location = send(&["--location", "-6.200000,106.816666", "--text", "toko"]);
    assert_eq!((&location["kind"], &location["payload"]["latitude"]), (&json!("location"), &json!("-6.200000")));
    let card = send(&["--card", "Budi", "--card-number", "0812400001"]);
    assert_eq!((&card["kind"], &card["payload"]["contacts"][0]["name"]), (&json!("contacts"), &json!("Budi")));
    assert_eq!(home.messages("toko").len(), 3);
}

#[test]
fn what_cannot_be_carried_is_refused_with_2_before_any_request() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let all = [
        account("chatera", Dialect::Chatera, &base(Dialect::Chatera, &gateway.url()), ""),
        fast("bebas", Dialect::Chatera, &gateway.url()),
        fast("cetar", Dialect::Cetar, &gateway.url()),
        account("meta", Dialect::CetarMeta, &base(Dialect::CetarMeta, &gateway.url()), ""),
        fast("waviro", Dialect::Waviro, &gateway.url()),
        fast("cloudchat", Dialect::CloudChat, &gateway.url()),
    ];
    let home = Home::new(&all.concat());
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
        let engine = with_engine.then(|| home.serve());
        for (account, args, says) in table {
            let output = home.run(&[&["--json", "send", "--account", account], *args].concat());
            let shown = &args[..args.len().min(6)];
            assert_eq!(output.status, 2, "{account} {shown:.60?}: {} {}", output.out, output.err);
            assert_eq!(output.out, "", "{account} {shown:.60?}");
            assert!(output.err.contains(says), "{account} {shown:.60?}: {}", output.err);
            if ["Chatera", "Cetar", "WAVIRO", "CloudChat"].contains(says) {
                let first = output.err.lines().next().unwrap();
                let named = first.contains(account) && first.contains(says) && first.contains("text");
                assert!(named, "account, gateway and what it carries: {first}");
            }
        }
        drop(engine);
    }
    assert_eq!(gateway.requests().len(), 0);
    assert_eq!(home.json(&["conversations"]), Vec::<Value>::new(), "a refused message leaves nothing");
}

#[test]
fn the_window_opens_with_a_customers_message_and_a_template_may_always_go() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = Home::new(&account("toko", Dialect::Chatera, &base(Dialect::Chatera, &gateway.url()), ""));
    let send = |args: &[&str]| home.run(&[&["send", "--account", "toko", "--to", "6281230001"], args].concat());
    send(&["--text", "x"]).expect_status(2);
    assert_eq!(gateway.requests().len(), 0);
    send(&["--template", "halo", "--lang", "id"]).expect_status(0);
    send(&["--text", "x"]).expect_status(2);
    let engine = home.serve();
    engine.post("toko", &Dialect::Chatera.text_event("m-1", "6281230001", "Ya?"));
    home.until_messages("toko", "the customer", |m| status(m, "Ya?") == "received");
    let found = home.json(&["conversations"]);
    assert_eq!(found.len(), 1, "the template and the answer are one conversation: {found:?}");
    let until: jiff::Timestamp = found[0]["window_until"].as_str().unwrap().parse().unwrap();
    let hours = until.duration_since(jiff::Timestamp::now()).as_hours();
    assert!((23..=24).contains(&hours), "{found:?}");
    send(&["--text", "x"]).expect_status(0);
    assert_eq!(gateway.requests().len(), 2);
}

#[test]
fn waiting_ends_after_its_time_and_the_message_is_sent_later() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |_| {
        Answer::After(held.clone(), Box::new(Answer::json(200, &crate::accepted(Dialect::Chatera, 1))))
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let _engine = home.serve();
    let output = home.run(&["--json", "send", "--account", "toko", "--to", "6281230001", "--text", "x", "--wait", "1"]);
    let message = output.expect_status(3).json().remove(0);
    is_a_message(&message);
    assert_eq!(message["status"], "sending");
    gate.open();
    home.until_messages("toko", "the answer", |m| status(m, "x") == "sent");
}

#[test]
fn many_commands_at_once_send_each_message_once() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let home = &home;
            scope.spawn(move || {
                let to = format!("628123000{n}");
                let content = format!("pesan {n}");
                let send = ["send", "--account", "toko", "--to", &to, "--text", &content, "--wait", "40"];
                home.run(&send).expect_status(0);
            });
        }
    });
    assert_eq!(gateway.requests().len(), 8);
}

#[test]
fn an_engine_that_starts_while_a_command_sends_waits_for_it() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |_| {
        Answer::After(held.clone(), Box::new(Answer::json(200, &crate::accepted(Dialect::Chatera, 1))))
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    std::thread::scope(|scope| {
        let send = scope.spawn(|| home.run(&["send", "--account", "toko", "--to", "6281230001", "--text", "x"]));
        gateway.wait_for_requests(1);
        let engine = scope.spawn(|| home.serve());
        gate.open();
        send.join().unwrap().expect_status(0);
        assert_eq!(engine.join().unwrap().get("/healthz").status, 200);
    });
    assert_eq!((status(&home.messages("toko"), "x").as_str(), gateway.requests().len()), ("sent", 1));
}

#[test]
fn wrong_arguments_exit_with_2() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
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
        let output = home.run(args);
        assert_eq!((output.status, output.out.as_str()), (2, ""), "{args:?}: {}", output.err);
        assert!(!output.err.is_empty(), "{args:?}");
    }
    queue(&home, "toko", "6281230001", "x");
}
