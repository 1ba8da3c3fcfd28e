//! Receipts: they tell how far a message came, in whatever order, number and form they arrive.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::gateway::{Answer, Gateway, Seen};
use crate::kit::events::{chatera, meta, seconds};
use crate::kit::{House, Posted, Serving, Voice, ask, hook_path};
use crate::{accepted, fast, status, willing};

/// A word on a message that we sent. `remote` is the id by which the gateway names it.
fn receipt(voice: Voice, remote: &str, to: &str, status: &str) -> Posted {
    match voice {
        Voice::Chatera => voice.signed(&chatera(
            &format!("message.{status}"),
            &format!("{remote}-{status}"),
            json!({
                "messageId": remote, "direction": "outbound", "status": status, "phone": format!("+{to}")
            }),
        )),
        Voice::CetarMeta => voice.signed(&meta(&json!({"statuses": [
            {"id": remote, "status": status, "timestamp": seconds().to_string(), "recipient_id": to}
        ]}))),
        Voice::CloudChat => voice.signed(&json!({
            "event": "message.ack", "id": remote, "timestamp": seconds(), "channel": "whatsapp",
            "session_id": "uuid-session-001", "data": {"id": remote, "status": status}
        })),
        Voice::Waviro => {
            let ack = match status {
                "failed" => -1,
                "sent" => 1,
                "delivered" => 2,
                "read" => 3,
                other => panic!("WAVIRO has no {other}"),
            };
            voice.signed(&json!({"msgid": remote, "ack": ack}))
        }
        Voice::Cetar => panic!("Cetar's documents know no receipts here"),
    }
}

/// Sends a text through a running engine and gives the id by which receipts name it.
#[track_caller]
fn sent(house: &House, to: &str, words: &str) -> Option<String> {
    let ran = house.run(&["--json", "send", "--account", "toko", "--to", to, "--text", words]).ends(0);
    ran.json()[0]["remote_id"].as_str().map(str::to_owned)
}

#[track_caller]
fn tell(engine: &Serving, receipt: &Posted) {
    // WAVIRO has a URL of its own for its acks, and no proof but that URL.
    let is_ack = receipt.body.starts_with(b"{\"msgid\"");
    let path = format!("{}{}", hook_path("toko"), if is_ack { "/ack" } else { "" });
    assert_eq!(ask(engine.address, "POST", &path, &receipt.headers, &receipt.body).unwrap().status, 200);
}

/// Waits until everything that was told so far has been read: the engine reads in the order of arrival.
fn settle(house: &House, engine: &Serving, voice: Voice, n: u32) {
    let words = format!("tanda {n}");
    tell(engine, &voice.says(&format!("tanda-{n}"), "6281999999", &words));
    house.until_messages("toko", "the mark", |m| status(m, &words) == "received");
}

#[test]
fn shuffled_doubled_and_late_receipts_only_go_forward() {
    for (voice, name) in [(Voice::Chatera, "c-1"), (Voice::Waviro, "3EB00001")] {
        let gateway = willing(voice);
        let house = crate::shop(voice, &gateway);
        let engine = house.serve();
        assert_eq!(sent(&house, "6281230001", "halo").as_deref(), Some(name));
        let told = ["delivered", "read", "delivered", "sent", "read", "failed"];
        for (n, word) in told.iter().enumerate() {
            tell(&engine, &receipt(voice, name, "6281230001", word));
            tell(&engine, &receipt(voice, name, "6281230001", word));
            settle(&house, &engine, voice, u32::try_from(n).unwrap());
            let reached = if n == 0 { "delivered" } else { "read" };
            assert_eq!(status(&house.messages("toko"), "halo"), reached, "{voice:?} after {word}");
        }
        let messages = house.messages("toko");
        assert_eq!(messages.iter().filter(|m| m["direction"] == "out").count(), 1, "{messages:?}");
        assert_eq!(gateway.seen().len(), 1);
    }
}

#[test]
fn a_failure_is_told_and_a_later_delivery_beats_it() {
    let gateway = willing(Voice::Chatera);
    let house = crate::shop(Voice::Chatera, &gateway);
    let engine = house.serve();
    let id = sent(&house, "6281230001", "halo").unwrap();
    tell(&engine, &receipt(Voice::Chatera, &id, "6281230001", "failed"));
    let failed = house.until_messages("toko", "the failure", |m| status(m, "halo") == "failed");
    assert!(failed[0]["error"]["code"].is_string(), "{failed:?}");
    tell(&engine, &receipt(Voice::Chatera, &id, "6281230001", "delivered"));
    house.until_messages("toko", "the delivery", |m| status(m, "halo") == "delivered");
    assert_eq!(gateway.seen().len(), 1, "a failure is not sent again by itself");
}

#[test]
fn a_receipt_that_comes_before_the_gateways_own_answer_is_not_lost() {
    let door: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
    let way = door.clone();
    let gateway = Gateway::start(move |seen: &Seen| {
        let url = seen.json()["notifyurl"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("https://inbox.example.com").unwrap().to_owned();
        let address = way.lock().unwrap().unwrap();
        let got = ask(address, "POST", &path, &[], br#"{"msgid":"3EB00001","ack":3}"#).unwrap();
        assert_eq!(got.status, 200);
        Answer::json(200, &accepted(Voice::Waviro, 1))
    });
    let listener = "[listener]\npublic_url = \"https://inbox.example.com/\"\n";
    let house = House::new(&format!("{listener}{}", fast("toko", Voice::Waviro, &gateway.url())));
    let engine = house.serve();
    *door.lock().unwrap() = Some(engine.address);
    sent(&house, "6281230001", "halo");
    house.until_messages("toko", "the early receipt", |m| status(m, "halo") == "read");
}

#[test]
fn acks_come_to_the_url_that_was_given_and_codes_mean_what_they_say() {
    let gateway = willing(Voice::Waviro);
    let house = crate::shop(Voice::Waviro, &gateway);
    let engine = house.serve();
    let path = format!("{}/ack", hook_path("toko"));
    for (n, (ack, reached)) in
        [("-1", "failed"), ("1", "sent"), ("2", "delivered"), ("3", "read"), ("4", "read")].iter().enumerate()
    {
        let words = format!("pesan {ack}");
        let id = sent(&house, &format!("628123000{n}"), &words).unwrap();
        for ack in ["0", ack, "0", "99", "\"x\""] {
            let body = format!(r#"{{"msgid":"{id}","ack":{ack}}}"#);
            assert_eq!(ask(engine.address, "POST", &path, &[], body.as_bytes()).unwrap().status, 200);
        }
        settle_by_ack(&house, &engine, n);
        assert_eq!(status(&house.messages("toko"), &words), *reached, "ack {ack}");
    }
}

/// A keyword event is read when it is answered, an ack afterwards; so the mark is an ack too.
fn settle_by_ack(house: &House, engine: &Serving, n: usize) {
    let words = format!("tanda {n}");
    let id = sent(house, &format!("62819999{n}"), &words).unwrap();
    let body = format!(r#"{{"msgid":"{id}","ack":3}}"#);
    ask(engine.address, "POST", &format!("{}/ack", hook_path("toko")), &[], body.as_bytes()).unwrap();
    house.until_messages("toko", "the mark", |m| status(m, &words) == "read");
}

#[test]
fn a_status_without_a_known_id_is_tied_only_when_there_is_no_doubt_and_says_so() {
    for voice in [Voice::CetarMeta, Voice::CloudChat] {
        let gateway = willing(voice);
        let house = crate::shop(voice, &gateway);
        let engine = house.serve();
        sent(&house, "6281230001", "sendiri");
        tell(&engine, &receipt(voice, "wamid.A", "6281230001", "delivered"));
        settle(&house, &engine, voice, 1);
        let tied = house.messages("toko").into_iter().find(|m| m["text"] == "sendiri").unwrap();
        assert_eq!((tied["status"].as_str(), tied["inferred"].as_bool()), (Some("delivered"), Some(true)), "{tied}");
        tell(&engine, &receipt(voice, "wamid.A", "6281230001", "read"));
        house.until_messages("toko", "the next of the same id", |m| status(m, "sendiri") == "read");
        // Two that it could be: neither.
        sent(&house, "6281230002", "kembar 1");
        sent(&house, "6281230002", "kembar 2");
        tell(&engine, &receipt(voice, "wamid.B", "6281230002", "delivered"));
        settle(&house, &engine, voice, 2);
        let messages = house.messages("toko");
        assert_eq!(
            (status(&messages, "kembar 1"), status(&messages, "kembar 2")),
            ("sent".into(), "sent".into()),
            "{voice:?}"
        );
        // Nobody that it could be: nothing new.
        tell(&engine, &receipt(voice, "wamid.C", "6281230777", "read"));
        settle(&house, &engine, voice, 3);
        assert!(house.messages("toko").iter().all(|m| m["peer"] != "6281230777"));
    }
}

#[test]
fn what_somebody_else_sent_stands_in_the_conversation_once() {
    let gateway = willing(Voice::Chatera);
    let house = crate::shop(Voice::Chatera, &gateway);
    let engine = house.serve();
    let id = sent(&house, "6281230001", "dari sini").unwrap();
    let echo = |id: &str, words: &str| {
        Voice::Chatera.signed(&chatera(
            "message.sent",
            &format!("e-{id}"),
            json!({
                "messageId": id, "direction": "outbound", "contentType": "text", "content": {"text": words},
                "phone": "+6281230001", "contactId": "k-6281230001", "conversationId": "c-6281230001"
            }),
        ))
    };
    // Our own message comes back, and one that a colleague wrote in the dashboard.
    tell(&engine, &echo(&id, "dari sini"));
    tell(&engine, &echo("c-99", "dari dasbor"));
    settle(&house, &engine, Voice::Chatera, 1);
    let messages = house.messages("toko");
    let count = |words: &str| messages.iter().filter(|m| m["text"] == words).count();
    assert_eq!((count("dari sini"), count("dari dasbor")), (1, 1), "{messages:?}");
    let colleague = messages.iter().find(|m| m["text"] == "dari dasbor").unwrap();
    assert_eq!((&colleague["direction"], &colleague["author"]["kind"]), (&json!("out"), &json!("agent")));
    assert_eq!(gateway.seen().len(), 1);
}
