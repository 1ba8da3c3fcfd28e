//! Receipts: they tell how far a message came, in whatever order, number and form they arrive.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use crate::gateway::{Answer, Gateway, Request};
use crate::kit::events::{chatera, meta, seconds};
use crate::kit::{Dialect, Home, RunningEngine, Webhook, request, webhook_path};
use crate::{accepted, accepting_gateway, fast, status};
use serde_json::json;

/// A word on a message that we sent. `remote` is the id by which the gateway names it.
fn receipt(dialect: Dialect, remote: &str, to: &str, status: &str) -> Webhook {
    match dialect {
        Dialect::Chatera => dialect.signed(&chatera(
            &format!("message.{status}"),
            &format!("{remote}-{status}"),
            json!({
                "messageId": remote, "direction": "outbound", "status": status, "phone": format!("+{to}")
            }),
        )),
        Dialect::CetarMeta => dialect.signed(&meta(&json!({"statuses": [
            {"id": remote, "status": status, "timestamp": seconds().to_string(), "recipient_id": to}
        ]}))),
        Dialect::CloudChat => dialect.signed(&json!({
            "event": "message.ack", "id": remote, "timestamp": seconds(), "channel": "whatsapp",
            "session_id": "uuid-session-001", "data": {"id": remote, "status": status}
        })),
        Dialect::Waviro => {
            let ack = match status {
                "failed" => -1,
                "sent" => 1,
                "delivered" => 2,
                "read" => 3,
                other => panic!("WAVIRO has no {other}"),
            };
            dialect.signed(&json!({"msgid": remote, "ack": ack}))
        }
        Dialect::Cetar => panic!("Cetar's documents know no receipts here"),
    }
}

/// Sends a text through a running engine and gives the id by which receipts name it.
#[track_caller]
fn sent(home: &Home, to: &str, content: &str) -> Option<String> {
    let output = home.run(&["--json", "send", "--account", "toko", "--to", to, "--text", content]).expect_status(0);
    output.json()[0]["remote_id"].as_str().map(str::to_owned)
}

#[track_caller]
fn post(engine: &RunningEngine, receipt: &Webhook) {
    // WAVIRO has a URL of its own for its acks, and no proof but that URL.
    let is_ack = receipt.body.starts_with(b"{\"msgid\"");
    let path = format!("{}{}", webhook_path("toko"), if is_ack { "/ack" } else { "" });
    assert_eq!(request(engine.address, "POST", &path, &receipt.headers, &receipt.body).unwrap().status, 200);
}

/// Waits until everything that was posted so far has been read: the engine reads in the order of arrival.
fn post_marker(home: &Home, engine: &RunningEngine, dialect: Dialect, n: u32) {
    let content = format!("tanda {n}");
    post(engine, &dialect.text_event(&format!("tanda-{n}"), "6281999999", &content));
    home.until_messages("toko", "the mark", |m| status(m, &content) == "received");
}

#[test]
fn shuffled_doubled_and_late_receipts_only_go_forward() {
    for (dialect, name) in [(Dialect::Chatera, "c-1"), (Dialect::Waviro, "3EB00001")] {
        let gateway = accepting_gateway(dialect);
        let home = crate::home_with_account(dialect, &gateway);
        let engine = home.serve();
        assert_eq!(sent(&home, "6281230001", "halo").as_deref(), Some(name));
        let receipts = ["delivered", "read", "delivered", "sent", "read", "failed"];
        for (n, word) in receipts.iter().enumerate() {
            post(&engine, &receipt(dialect, name, "6281230001", word));
            post(&engine, &receipt(dialect, name, "6281230001", word));
            post_marker(&home, &engine, dialect, u32::try_from(n).unwrap());
            let reached = if n == 0 { "delivered" } else { "read" };
            assert_eq!(status(&home.messages("toko"), "halo"), reached, "{dialect:?} after {word}");
        }
        let messages = home.messages("toko");
        assert_eq!(messages.iter().filter(|m| m["direction"] == "out").count(), 1, "{messages:?}");
        assert_eq!(gateway.requests().len(), 1);
    }
}

#[test]
fn a_failure_is_shown_and_a_later_delivery_replaces_it() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    let id = sent(&home, "6281230001", "halo").unwrap();
    post(&engine, &receipt(Dialect::Chatera, &id, "6281230001", "failed"));
    let failed = home.until_messages("toko", "the failure", |m| status(m, "halo") == "failed");
    assert!(failed[0]["error"]["code"].is_string(), "{failed:?}");
    post(&engine, &receipt(Dialect::Chatera, &id, "6281230001", "delivered"));
    home.until_messages("toko", "the delivery", |m| status(m, "halo") == "delivered");
    assert_eq!(gateway.requests().len(), 1, "a failure is not sent again by itself");
}

#[test]
fn a_receipt_that_comes_before_the_gateways_own_answer_is_not_lost() {
    let listener_address: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
    let known_address = listener_address.clone();
    let gateway = Gateway::start(move |seen: &Request| {
        let url = seen.json()["notifyurl"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("https://inbox.example.com").unwrap().to_owned();
        let address = known_address.lock().unwrap().unwrap();
        let response = request(address, "POST", &path, &[], br#"{"msgid":"3EB00001","ack":3}"#).unwrap();
        assert_eq!(response.status, 200);
        Answer::json(200, &accepted(Dialect::Waviro, 1))
    });
    let listener = "[listener]\npublic_url = \"https://inbox.example.com/\"\n";
    let home = Home::new(&format!("{listener}{}", fast("toko", Dialect::Waviro, &gateway.url())));
    let engine = home.serve();
    *listener_address.lock().unwrap() = Some(engine.address);
    sent(&home, "6281230001", "halo");
    home.until_messages("toko", "the early receipt", |m| status(m, "halo") == "read");
}

#[test]
fn acks_come_to_the_url_that_was_given_and_codes_mean_what_they_say() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let home = crate::home_with_account(Dialect::Waviro, &gateway);
    let engine = home.serve();
    let path = format!("{}/ack", webhook_path("toko"));
    for (n, (ack, reached)) in
        [("-1", "failed"), ("1", "sent"), ("2", "delivered"), ("3", "read"), ("4", "read")].iter().enumerate()
    {
        let content = format!("pesan {ack}");
        let id = sent(&home, &format!("628123000{n}"), &content).unwrap();
        for ack in ["0", ack, "0", "99", "\"x\""] {
            let body = format!(r#"{{"msgid":"{id}","ack":{ack}}}"#);
            assert_eq!(request(engine.address, "POST", &path, &[], body.as_bytes()).unwrap().status, 200);
        }
        finish_by_ack(&home, &engine, n);
        assert_eq!(status(&home.messages("toko"), &content), *reached, "ack {ack}");
    }
}

/// A keyword event is read when it is answered, an ack afterwards; so the mark is an ack too.
fn finish_by_ack(home: &Home, engine: &RunningEngine, n: usize) {
    let content = format!("tanda {n}");
    let id = sent(home, &format!("62819999{n}"), &content).unwrap();
    let body = format!(r#"{{"msgid":"{id}","ack":3}}"#);
    request(engine.address, "POST", &format!("{}/ack", webhook_path("toko")), &[], body.as_bytes()).unwrap();
    home.until_messages("toko", "the mark", |m| status(m, &content) == "read");
}

#[test]
fn a_receipt_without_a_known_id_is_matched_only_without_doubt_and_marked_inferred() {
    for dialect in [Dialect::CetarMeta, Dialect::CloudChat] {
        let gateway = accepting_gateway(dialect);
        let home = crate::home_with_account(dialect, &gateway);
        let engine = home.serve();
        sent(&home, "6281230001", "sendiri");
        post(&engine, &receipt(dialect, "wamid.A", "6281230001", "delivered"));
        post_marker(&home, &engine, dialect, 1);
        let tied = home.messages("toko").into_iter().find(|m| m["text"] == "sendiri").unwrap();
        assert_eq!((tied["status"].as_str(), tied["inferred"].as_bool()), (Some("delivered"), Some(true)), "{tied}");
        post(&engine, &receipt(dialect, "wamid.A", "6281230001", "read"));
        home.until_messages("toko", "the next of the same id", |m| status(m, "sendiri") == "read");
        // Two that it could be: the first is the older one's; where no recipient is named, neither.
        sent(&home, "6281230002", "kembar 1");
        sent(&home, "6281230002", "kembar 2");
        post(&engine, &receipt(dialect, "wamid.B", "6281230002", "delivered"));
        post_marker(&home, &engine, dialect, 2);
        let reached = || {
            let messages = home.messages("toko");
            (status(&messages, "kembar 1"), status(&messages, "kembar 2"))
        };
        let names_recipient = dialect == Dialect::CetarMeta;
        let first = if names_recipient { "delivered" } else { "sent" };
        assert_eq!(reached(), (first.into(), "sent".into()), "{dialect:?}");
        if names_recipient {
            post(&engine, &receipt(dialect, "wamid.B2", "6281230002", "read"));
            // A colleague's on the dashboard: nobody knows that it is not ours, but ours has not failed.
            post(&engine, &receipt(dialect, "wamid.B3", "6281230002", "failed"));
            post_marker(&home, &engine, dialect, 4);
            assert_eq!(reached(), ("delivered".into(), "read".into()));
            let messages = home.messages("toko");
            let notices = messages.iter().filter(|m| m["kind"] == "system" && m["peer"] == "6281230002").count();
            assert_eq!(notices, 1, "{messages:?}");
        }
        // Nobody that it could be: nothing new.
        post(&engine, &receipt(dialect, "wamid.C", "6281230777", "read"));
        post_marker(&home, &engine, dialect, 3);
        assert!(home.messages("toko").iter().all(|m| m["peer"] != "6281230777"));
    }
}

#[test]
fn what_somebody_else_sent_stands_in_the_conversation_once() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    let id = sent(&home, "6281230001", "dari sini").unwrap();
    let echo = |id: &str, content: &str| {
        Dialect::Chatera.signed(&chatera(
            "message.sent",
            &format!("e-{id}"),
            json!({
                "messageId": id, "direction": "outbound", "contentType": "text", "content": {"text": content},
                "phone": "+6281230001", "contactId": "k-6281230001", "conversationId": "c-6281230001"
            }),
        ))
    };
    // Our own message comes back, and one that a colleague wrote in the dashboard.
    post(&engine, &echo(&id, "dari sini"));
    post(&engine, &echo("c-99", "dari dasbor"));
    post_marker(&home, &engine, Dialect::Chatera, 1);
    let messages = home.messages("toko");
    let count = |content: &str| messages.iter().filter(|m| m["text"] == content).count();
    assert_eq!((count("dari sini"), count("dari dasbor")), (1, 1), "{messages:?}");
    let colleague = messages.iter().find(|m| m["text"] == "dari dasbor").unwrap();
    assert_eq!((&colleague["direction"], &colleague["author"]["kind"]), (&json!("out"), &json!("agent")));
    assert_eq!(gateway.requests().len(), 1);
}
