//! Genuine bodies that are not quite JSON: nothing that can be read is lost, and what cannot is kept and counted.
use crate::home;
use crate::kit::{Dialect, Home, Webhook, events, wait_until};
use serde_json::{Value, json};

/// The text of the event's message before its bytes are changed.
const MARK: &str = "TANDA";

fn now() -> String {
    jiff::Timestamp::now().as_second().to_string()
}

/// A signed event whose bytes were changed before.
fn changed(dialect: Dialect, id: &str, from: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> Webhook {
    let body = dialect.body(id, from, MARK).to_string().into_bytes();
    dialect.signed_at(&change(&body), &now())
}

fn replace(body: &[u8], what: &str, with: &[u8]) -> Vec<u8> {
    let at = body.windows(what.len()).position(|part| part == what.as_bytes()).unwrap();
    [&body[..at], with, &body[at + what.len()..]].concat()
}

/// Puts a field in front of all others.
fn with_field(body: &[u8], field: &str) -> Vec<u8> {
    [b"{", field.as_bytes(), b",", &body[1..]].concat()
}

/// How many events `doctor` says were not understood.
fn not_understood(home: &Home) -> usize {
    let output = home.run(&["doctor"]).out;
    let Some((before, _)) = output.split_once(" events were not understood") else { return 0 };
    before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

#[test]
fn what_can_be_read_of_a_broken_body_becomes_a_row() {
    type Change = fn(&[u8]) -> Vec<u8>;
    // The change, the text that is read, and whether it is not valid JSON.
    let changes: [(&str, Change, &str, bool); 6] = [
        ("lone surrogate", |b| replace(b, MARK, br"halo \ud83d"), "halo \u{fffd}", false),
        ("byte order mark", |b| [b"\xef\xbb\xbf", b].concat(), MARK, false),
        ("number", |b| with_field(b, r#""angka":1e400"#), MARK, false),
        ("nesting", |b| with_field(b, &format!("\"dalam\":{}1{}", "[".repeat(150), "]".repeat(150))), MARK, false),
        ("not a number", |b| with_field(b, r#""angka":NaN"#), MARK, true),
        ("invalid UTF-8", |b| replace(b, MARK, b"caf\xe9"), "caf\u{fffd}", true),
    ];
    let home = home();
    let engine = home.serve();
    let mut damaged = 0;
    for dialect in Dialect::ALL {
        for (serial, (what, change, _, not_valid)) in changes.iter().enumerate() {
            let event = changed(dialect, &format!("m-{serial}"), &format!("62812300{serial:02}"), change);
            let response = engine.post(dialect.name(), &event);
            assert_eq!(response.status, 200, "{dialect:?} {what}: {response:?}");
            assert_eq!(engine.post(dialect.name(), &event).status, 200, "{dialect:?} {what}, delivered again");
            damaged += usize::from(*not_valid);
        }
    }
    for dialect in Dialect::ALL {
        let messages = home.until_messages(dialect.name(), "every message", |m| m.len() >= changes.len());
        assert_eq!(messages.len(), changes.len(), "{dialect:?}: {messages:?}");
        for (serial, (what, _, text, _)) in changes.iter().enumerate() {
            let peer = format!("62812300{serial:02}");
            let found = messages.iter().find(|m| m["peer"] == json!(peer));
            assert_eq!(found.map(|m| &m["text"]), Some(&json!(text)), "{dialect:?} {what}");
        }
    }
    assert_eq!(not_understood(&home), damaged);
}

#[test]
fn neighbours_of_a_broken_message_are_read() {
    let home = home();
    let engine = home.serve();
    let message = |from: &str, text: &str| {
        json!({"from": from, "id": format!("wamid.{from}"), "timestamp": events::seconds().to_string(),
               "type": "text", "text": {"body": text}})
    };
    let neighbours: Vec<Value> =
        ["satu", MARK, "tiga"].iter().zip(1..).map(|(t, n)| message(&format!("62812300{n:02}"), t)).collect();
    let body = events::meta(&json!({"messages": neighbours})).to_string().into_bytes();
    let body = replace(&body, MARK, br"dua \ud83d");
    assert_eq!(engine.post("meta", &Dialect::CetarMeta.signed_at(&body, &now())).status, 200);
    let messages = home.until_messages("meta", "the batch", |m| m.len() == 3);
    let texts: Vec<_> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["satu", "dua \u{fffd}", "tiga"]);
    // Cut off in the middle of the third message: the two before it are read, and the event is counted.
    let body = events::meta(&json!({"messages": neighbours})).to_string().replace("wamid.", "wamid.b");
    let end = body.find("tiga").unwrap();
    assert_eq!(engine.post("meta", &Dialect::CetarMeta.signed_at(&body.as_bytes()[..end], &now())).status, 200);
    home.until_messages("meta", "what was not cut off", |m| m.len() >= 5);
    assert_eq!(not_understood(&home), 1);
}

#[test]
fn what_is_no_json_is_kept_where_it_is_proved_and_refused_elsewhere() {
    let home = home();
    let engine = home.serve();
    let signing = [Dialect::Chatera, Dialect::Cetar, Dialect::CetarMeta, Dialect::CloudChat];
    let bodies = [&b"halo"[..], b"{\"event\":", b"\xff\xfe{}"];
    for body in bodies {
        for dialect in signing {
            let event = dialect.signed_at(body, &now());
            assert_eq!(engine.post(dialect.name(), &event).status, 200, "{dialect:?} {body:?}");
            assert_eq!(engine.post(dialect.name(), &event).status, 200, "{dialect:?} {body:?}, delivered again");
            let bare = Webhook { headers: Vec::new(), body: body.to_vec() };
            assert_eq!(engine.post(dialect.name(), &bare).status, 401, "{dialect:?} {body:?}");
        }
        // The key that would prove it is inside the body.
        assert_eq!(engine.post("waviro", &Dialect::Waviro.signed_at(body, &now())).status, 400, "{body:?}");
    }
    wait_until("the count", || (not_understood(&home) == bodies.len() * signing.len()).then_some(()));
    assert_eq!(home.json(&["conversations"]), Vec::<Value>::new());
}
