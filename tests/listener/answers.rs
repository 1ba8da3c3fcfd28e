//! The contract's table: what is taken, what is refused, and that a refusal leaves nothing behind.
use serde_json::{Value, json};

use crate::home;
use crate::kit::events::{TOKEN, WEBHOOK_SECRET};
use crate::kit::{Dialect, Home, Response, RunningEngine, Webhook, request, wait_until, webhook_path};

const MAX: usize = 4 * 1024 * 1024;

fn taken(dialect: Dialect) -> Value {
    if dialect == Dialect::Waviro {
        json!({"success": true, "message": {"reply": []}})
    } else {
        json!({"success": true})
    }
}

fn texts(home: &Home, account: &str) -> Vec<String> {
    home.messages(account).iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect()
}

/// Without its signature (and for a key in the body, without the key).
fn unsigned(event: &Webhook) -> Webhook {
    let mut bare = event.clone();
    bare.headers.retain(|(name, _)| !name.ends_with("Signature") && !name.ends_with("Signature-256"));
    let text = String::from_utf8(bare.body).unwrap();
    bare.body = text.replace(&format!(",\"webhookkey\":\"{WEBHOOK_SECRET}\""), "").into_bytes();
    bare
}

/// With another text than the one that was signed (or with another key).
pub(crate) fn forged(event: &Webhook) -> Webhook {
    let mut forged = event.clone();
    let text = String::from_utf8(forged.body).unwrap();
    forged.body = text.replace(WEBHOOK_SECRET, "whsec_rahasiA").replace("Budi", "Badi").into_bytes();
    forged
}

fn nothing_is_kept(home: &Home) {
    for dialect in Dialect::ALL {
        assert_eq!(texts(home, dialect.name()), Vec::<String>::new(), "{dialect:?}");
    }
    assert_eq!(home.json(&["conversations"]), Vec::<Value>::new());
}

#[test]
fn genuine_events_of_every_gateway_are_taken_and_can_be_read() {
    let home = home();
    let engine = home.serve();
    for dialect in Dialect::ALL {
        let response = engine.post(dialect.name(), &dialect.text_event("m-1", "6281230001", "Halo, ada stok?"));
        assert_eq!((response.status, response.json()), (200, taken(dialect)), "{dialect:?}");
        assert!(response.header("content-type").unwrap().starts_with("application/json"));
    }
    for dialect in Dialect::ALL {
        let messages = home.until_messages(dialect.name(), "the message", |m| !m.is_empty());
        let [message] = &messages[..] else { panic!("{messages:?}") };
        assert_eq!(message["text"], "Halo, ada stok?", "{dialect:?}");
        assert_eq!((&message["direction"], &message["status"]), (&json!("in"), &json!("received")));
        assert_eq!(
            (&message["peer"], &message["author"]),
            (&json!("6281230001"), &json!({"kind": "contact", "name": "Budi"}))
        );
    }
}

#[test]
fn what_proves_nothing_is_refused_and_leaves_nothing() {
    let home = home();
    let engine = home.serve();
    for dialect in Dialect::ALL {
        let good = dialect.text_event("m-1", "6281230001", "RAHASIA-ISI");
        for (what, bad) in [("missing", unsigned(&good)), ("wrong", forged(&good))] {
            let response = engine.post(dialect.name(), &bad);
            assert_eq!(response.status, 401, "{dialect:?} {what}: {response:?}");
            assert_eq!(response.json(), json!({"success": false, "message": "Unauthorized"}), "{dialect:?} {what}");
        }
    }
    nothing_is_kept(&home);
    assert!(!engine.log().contains("RAHASIA-ISI"), "a refused body stands in the log");
    assert!(!engine.log().contains(TOKEN), "a token stands in the log");
    let metrics = engine.get("/metrics").body;
    assert!(metrics.contains("loket_webhooks_refused_total{reason=\"unauthorised\"} 10"), "{metrics}");
    assert_eq!(home.json(&["account", "list"])[0]["last_event_at"], Value::Null);
}

#[test]
fn hostile_signatures_are_refused() {
    let home = home();
    let engine = home.serve();
    for dialect in [Dialect::Chatera, Dialect::Cetar, Dialect::CetarMeta, Dialect::CloudChat] {
        let good = dialect.text_event("m-1", "6281230001", "Halo");
        for value in ["", "sha256=", "00", "é", &"0".repeat(64), &"A".repeat(10_000), "null"] {
            let mut bad = good.clone();
            for (name, old) in &mut bad.headers {
                if name.ends_with("Signature") || name.ends_with("Signature-256") {
                    value.clone_into(old);
                }
            }
            assert_eq!(engine.post(dialect.name(), &bad).status, 401, "{dialect:?} {value:?}");
        }
    }
    nothing_is_kept(&home);
}

#[test]
fn chateras_timestamp_is_part_of_the_proof() {
    let home = home();
    let engine = home.serve();
    let body = Dialect::Chatera.body("m-1", "6281230001", "Halo").to_string().into_bytes();
    let now = jiff::Timestamp::now().as_second();
    for (at, status) in [(now - 301, 401), (now + 310, 401), (now - 290, 200), (now + 290, 200)] {
        let response = engine.post("chatera", &Dialect::Chatera.signed_at(&body, &at.to_string()));
        assert_eq!(response.status, status, "{}", at - now);
    }
    // Milliseconds too.
    let at = jiff::Timestamp::now().as_millisecond().to_string();
    assert_eq!(engine.post("chatera", &Dialect::Chatera.signed_at(&body, &at)).status, 200);
    // An old event under a new time is not what was signed.
    let mut moved = Dialect::Chatera.signed_at(&body, &(now - 5000).to_string());
    moved.headers.iter_mut().filter(|(n, _)| n == "X-Chatera-Timestamp").for_each(|(_, v)| *v = now.to_string());
    assert_eq!(engine.post("chatera", &moved).status, 401);
}

#[test]
fn a_signature_may_be_spelled_in_any_way_that_gateways_use() {
    let home = home();
    let engine = home.serve();
    let good = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    let hex = good.headers.iter().find(|(n, _)| n == "X-CloudChat-Signature").unwrap().1.clone();
    for value in [hex.to_uppercase(), format!("sha256={hex}"), format!("SHA256={hex}"), format!("sha256:{hex}")] {
        let mut other = good.clone();
        other.headers.iter_mut().filter(|(n, _)| n == "X-CloudChat-Signature").for_each(|(_, v)| v.clone_from(&value));
        assert_eq!(engine.post("cloudchat", &other).status, 200, "{value}");
    }
}

#[test]
fn an_unknown_account_and_an_unknown_token_are_answered_alike() {
    let home = home();
    let engine = home.serve();
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    let post = |path: &str| request(engine.address, "POST", path, &event.headers, &event.body).unwrap();
    let alike = |response: &Response| {
        (response.status, response.body.clone(), response.header("content-type").map(str::to_owned))
    };
    let stranger = post(&format!("/webhooks/nobody/{TOKEN}"));
    assert_eq!(stranger.status, 404);
    let near = format!("/webhooks/cloudchat/{}", TOKEN.replace("cdef", "cdee"));
    for path in [
        near.as_str(),
        "/webhooks/cloudchat/x",
        "/webhooks/CLOUDCHAT/x",
        &format!("{near}/ack"),
        "/webhooks",
        "/",
        "/webhooks/%00/%ff",
    ] {
        assert_eq!(alike(&post(path)), alike(&stranger), "{path}");
    }
    for path in [near.as_str(), "/webhooks/nobody/x"] {
        assert_eq!(alike(&engine.get(path)), alike(&stranger), "GET {path}");
    }
    nothing_is_kept(&home);
}

#[test]
fn other_methods_are_405_and_name_the_right_ones() {
    let home = home();
    let engine = home.serve();
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let response =
            request(engine.address, method, &webhook_path("cloudchat"), &event.headers, &event.body).unwrap();
        assert_eq!(response.status, 405, "{method}");
        assert!(response.header("allow").unwrap().contains("POST"));
        let ack = request(engine.address, method, &format!("{}/ack", webhook_path("waviro")), &[], b"{}").unwrap();
        assert_eq!(ack.status, 405, "{method} ack");
    }
    nothing_is_kept(&home);
}

#[test]
fn four_mebibytes_are_taken_and_not_a_byte_more() {
    let home = home();
    let engine = home.serve();
    let padded = |length: usize| {
        let mut body = Dialect::CloudChat.body("m-1", "6281230001", "besar");
        body["data"]["padding"] = json!("");
        let bare = body.to_string().len();
        body["data"]["padding"] = json!("x".repeat(length - bare));
        Dialect::CloudChat.signed(&body)
    };
    let (whole, over) = (padded(MAX), padded(MAX + 1));
    assert_eq!((whole.body.len(), over.body.len()), (MAX, MAX + 1));
    assert_eq!(engine.post("cloudchat", &over).status, 413);
    nothing_is_kept(&home);
    assert_eq!(engine.post("cloudchat", &whole).status, 200);
    home.until_messages("cloudchat", "the large event", |m| m.len() == 1);
}

#[test]
fn a_subscription_is_answered_with_its_challenge() {
    let home = home();
    let engine = home.serve();
    let challenge = |account: &str, token: &str| {
        engine.get(&format!(
            "{}?hub.mode=subscribe&hub.challenge=11582%2001444&hub.verify_token={token}",
            webhook_path(account)
        ))
    };
    let response = challenge("meta", TOKEN);
    assert_eq!((response.status, response.body.as_str()), (200, "11582 01444"));
    assert!(response.header("content-type").unwrap().starts_with("text/plain"));
    let wrong = challenge("meta", "wrong");
    assert!(wrong.status >= 400 && !wrong.body.contains("11582"), "{wrong:?}");
    let other =
        engine.get(&format!("{}?hub.mode=other&hub.challenge=1&hub.verify_token={TOKEN}", webhook_path("meta")));
    assert!(other.status >= 400, "{other:?}");
}

#[test]
fn pings_are_answered_and_keep_nothing() {
    let home = home();
    let engine = home.serve();
    let bare = |body: &str| Webhook { headers: Vec::new(), body: body.as_bytes().to_vec() };
    for dialect in Dialect::ALL {
        assert_eq!(engine.get(&webhook_path(dialect.name())).status, 200, "{dialect:?}");
        assert_eq!(engine.post(dialect.name(), &bare("")).status, 200, "{dialect:?}");
    }
    for event in ["verification_ping", "test.ping"] {
        let ping =
            json!({"event": event, "timestamp": 1, "message": "hi", "data": {"from": "6281230001", "text": "X"}});
        let response = engine.post("cloudchat", &bare(&ping.to_string()));
        assert_eq!((response.status, response.json()), (200, json!({"success": true})), "{event}");
    }
    nothing_is_kept(&home);
    let metrics = engine.get("/metrics").body;
    assert!(metrics.contains("loket_events_total 0"), "{metrics}");
}

#[test]
fn unknown_events_are_taken_for_trying_again_cannot_help() {
    let home = home();
    let engine = home.serve();
    for dialect in Dialect::ALL {
        let mut body = dialect.body("m-9", "6281230001", "Halo");
        for (key, value) in [("event", json!("surprise.happened")), ("object", json!("page")), ("keyword", json!(7))] {
            if body.get(key).is_some() {
                body[key] = value;
            }
        }
        let response = engine.post(dialect.name(), &dialect.signed(&body));
        assert_eq!(response.status, 200, "{dialect:?}: {response:?}");
        // Whatever the shape: an array, a number, a deep nest, a wrong type everywhere.
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        let odd = ["[]", "7", "null", "\"x\"", "{}", r#"{"event":{},"data":[1],"entry":{"x":null}}"#, deep.as_str()];
        for body in odd.iter().filter(|_| dialect != Dialect::Waviro) {
            let at = jiff::Timestamp::now().as_second().to_string();
            let response = engine.post(dialect.name(), &dialect.signed_at(body.as_bytes(), &at));
            assert!(matches!(response.status, 200 | 400), "{dialect:?} {body}: {response:?}");
        }
    }
    // And the engine goes on.
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230002", "masih hidup?"));
    home.until_messages("cloudchat", "a later message", |m| m.iter().any(|m| m["text"] == "masih hidup?"));
}

#[test]
fn acknowledgements_are_taken_only_where_the_gateway_sends_them() {
    let home = home();
    let engine = home.serve();
    let ack = |account: &str| {
        let path = format!("{}/ack", webhook_path(account));
        request(engine.address, "POST", &path, &[], br#"{"msgid":"3EB0AA","ack":3}"#).unwrap()
    };
    assert_eq!(ack("waviro").status, 200, "an unknown message is no reason to be asked again");
    let missing = engine.get("/nothing");
    for account in ["chatera", "cetar", "meta", "cloudchat"] {
        assert_eq!((ack(account).status, ack(account).body), (404, missing.body.clone()), "{account}");
    }
    assert_eq!(engine.get(&format!("{}/ack", webhook_path("waviro"))).status, 405);
    // A customer's words do not come in by the URL that has no key.
    let smuggled = Dialect::Waviro.body("m", "6281230001", "palsu").to_string();
    let bare = smuggled.replace(",\"webhookkey\":\"whsec_rahasia\"", "");
    request(engine.address, "POST", &format!("{}/ack", webhook_path("waviro")), &[], bare.as_bytes()).unwrap();
    engine.post("waviro", &Dialect::Waviro.text_event("m", "6281230002", "asli"));
    let messages = home.until_messages("waviro", "the genuine message", |m| !m.is_empty());
    assert_eq!(messages.iter().map(|m| m["text"].clone()).collect::<Vec<_>>(), ["asli"]);
}

#[test]
fn an_account_that_needs_no_signature_says_so_in_its_settings() {
    let open: String = [
        crate::kit::account("open", Dialect::CloudChat, "http://127.0.0.1:9", "allow_unsigned = true"),
        crate::kit::account("none", Dialect::Cetar, "http://127.0.0.1:9", "")
            .replace("webhook_secret = \"whsec_rahasia\"\n", ""),
    ]
    .concat();
    let home = Home::new(&open);
    let engine = home.serve();
    let good = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    assert_eq!(engine.post("open", &unsigned(&good)).status, 200);
    let forged = engine.post("open", &forged(&Dialect::CloudChat.text_event("m-2", "6281230001", "Halo")));
    assert_eq!(forged.status, 401, "a wrong signature is wrong all the same");
    assert_eq!(engine.post("none", &unsigned(&Dialect::Cetar.text_event("m-1", "6281230001", "Halo"))).status, 200);
    home.until_messages("open", "the message", |m| m.len() == 1);
    home.until_messages("none", "the message", |m| m.len() == 1);
}

#[test]
fn a_body_that_breaks_off_is_never_taken() {
    use std::io::Write as _;
    let home = home();
    let engine = home.serve();
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    let mut stream = std::net::TcpStream::connect(engine.address).unwrap();
    let head =
        format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", webhook_path("cloudchat"), event.body.len());
    let signature = &event.headers.iter().find(|(n, _)| n == "X-CloudChat-Signature").unwrap().1;
    stream.write_all(format!("{head}X-CloudChat-Signature: {signature}\r\n\r\n").as_bytes()).unwrap();
    stream.write_all(&event.body[..event.body.len() - 5]).unwrap();
    drop(stream);
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-2", "6281230002", "utuh"));
    home.until_messages("cloudchat", "the whole one", |m| m.len() == 1 && m[0]["text"] == "utuh");
}

#[test]
fn a_rotated_token_is_printed_and_the_old_url_is_refused() {
    let config = crate::all_accounts().replace(&format!("webhook_token = \"{TOKEN}\"\n"), "");
    let home = Home::new(&config);
    let path =
        |home: &Home| home.run(&["account", "url", "cloudchat", "--path"]).expect_status(0).out.trim().to_owned();
    let (old, same) = (path(&home), path(&home));
    assert_eq!(old, same, "the token is kept");
    let token = old.strip_prefix("/webhooks/cloudchat/").unwrap();
    assert!(token.len() >= 22 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{old}");
    let post = |engine: &RunningEngine, path: &str| {
        let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
        request(engine.address, "POST", path, &event.headers, &event.body).unwrap().status
    };
    let engine = home.serve();
    assert_eq!(post(&engine, &old), 200);
    drop(engine);
    home.run(&["account", "rotate-token", "cloudchat"]).expect_status(0);
    let new = path(&home);
    assert_ne!(new, old);
    let engine = home.serve();
    assert_eq!((post(&engine, &old), post(&engine, &new)), (404, 200));
    // While an engine runs, a new token counts as soon as the engine is notified of it.
    home.run(&["account", "rotate-token", "cloudchat"]).expect_status(0);
    let newest = path(&home);
    wait_until("the new URL is taken", || (post(&engine, &newest) == 200).then_some(()));
    assert_eq!(post(&engine, &new), 404);
}

#[test]
fn names_and_texts_of_strangers_steer_nothing() {
    let home = home();
    let engine = home.serve();
    let hostile = "\u{1b}]0;x\u{7}\u{9b}31m Halo\u{202e}\u{0}\r\nkedua\u{2028}👩\u{200d}👧";
    engine.post("cloudchat", &Dialect::CloudChat.text_event("m-1", "6281230001", hostile));
    let message = home.until_messages("cloudchat", "the message", |m| m.len() == 1).remove(0);
    assert_eq!(message["text"], hostile, "JSON keeps the original");
    let steers =
        |c: char| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}');
    for args in [&["messages", "--account", "cloudchat"][..], &["conversations"], &["search", "Halo"]] {
        let shown = wait_until("the index", || {
            let output = home.run(args).expect_status(0);
            (!output.out.is_empty()).then_some(output.out)
        });
        assert!(!shown.contains(steers), "{args:?}: {shown:?}");
        assert_eq!(shown.lines().count(), 1, "{args:?}: {shown:?}");
        let json = home.run(&[&["--json"], args].concat()).expect_status(0).out;
        assert!(!json.contains(steers), "{args:?}: {json:?}");
    }
}
