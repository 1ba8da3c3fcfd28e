//! What keeps an account from sending: messages wait for it and go on by themselves, and nobody waits without a limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::gateway::{Answer, Gateway};
use crate::kit::{Dialect, Home, account, wait_until};
use crate::{accepted, base, fast, queue, state, status, text};
use serde_json::json;

/// A gateway that answers with this refusal until it is switched to accept.
fn refusing(status: u16, body: serde_json::Value) -> (Gateway, Arc<AtomicBool>) {
    let accepts = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&accepts);
    let gateway = Gateway::start(move |_| {
        if switch.load(Ordering::SeqCst) {
            return Answer::json(200, &accepted(Dialect::Chatera, 1));
        }
        Answer::json(status, &body)
    });
    (gateway, accepts)
}

#[test]
fn a_refused_key_keeps_the_queue_and_an_accepted_one_sends_it() {
    let refusal = json!({"success": false, "error": {"code": "INVALID_API_KEY", "message": "kata gerbang"}});
    let (gateway, accepts) = refusing(401, refusal);
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    let send = ["--json", "send", "--account", "toko", "--to", "6281230001", "--text", "pesan 0", "--wait", "2"];
    let output = home.run(&send).expect_status(3);
    let message = &output.json()[0];
    assert_eq!((&message["status"], &message["error"]["code"]), (&json!("queued"), &json!("INVALID_API_KEY")));
    assert!(output.err.contains("kata gerbang"), "{}", output.err);
    for n in 1..8 {
        queue(&home, "toko", &format!("628123000{n}"), &format!("pesan {n}"));
    }
    // One that was not tried itself says what it waits for too.
    let send = ["send", "--account", "toko", "--to", "6281230009", "--text", "pesan 8", "--wait", "0"];
    let output = home.run(&send).expect_status(3);
    assert!(output.err.contains("API key"), "{}", output.err);
    wait_until("the account's state", || (state(&home, "toko") == "key_refused").then_some(()));
    let tried = gateway.wait_for_requests(3).len();
    assert!(tried < 8, "one probe at a time: {tried} requests");
    let waiting = home.messages("toko");
    assert!(waiting.iter().all(|m| m["status"] == "queued"), "{waiting:?}");
    accepts.store(true, Ordering::SeqCst);
    home.until_messages("toko", "all", |m| m.len() == 9 && m.iter().all(|m| m["status"] == "sent"));
    wait_until("the account's state", || (state(&home, "toko") == "unknown").then_some(()));
    drop(engine);
}

#[test]
fn a_dead_gateway_uses_up_nothing_and_all_goes_out_when_it_is_back() {
    let address = Gateway::closed_address();
    // The documented limit: 60 a minute.
    let home = Home::new(&account("toko", Dialect::Chatera, &format!("http://{address}/v1"), "window = \"none\""));
    let _engine = home.serve();
    for n in 0..40 {
        queue(&home, "toko", &format!("62812300{n:02}"), &format!("pesan {n}"));
    }
    home.until_messages("toko", "an attempt", |m| m.iter().any(|m| m["error"]["code"] == "unreachable"));
    assert!(home.messages("toko").iter().all(|m| m["status"] == "queued"));
    let gateway = Gateway::start_at(address, |_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    home.until_messages("toko", "all", |m| m.iter().all(|m| m["status"] == "sent"));
    assert_eq!(gateway.requests().len(), 40);
}

#[test]
fn a_wait_until_2083_is_no_longer_than_a_quarter_of_an_hour() {
    for value in ["3590000000", "3590000000000", "18446744073709551615"] {
        let gateway = Gateway::start(move |_| {
            let header = vec![("Retry-After".to_owned(), value.to_owned())];
            Answer::Respond(429, header, "{}".to_owned())
        });
        let home = crate::home_with_account(Dialect::Chatera, &gateway);
        let send = ["send", "--account", "toko", "--to", "6281230001", "--text", "satu", "--wait", "1"];
        let output = home.run(&send).expect_status(3);
        assert!(output.err.contains("slow down"), "{}", output.err);
        let database = rusqlite_rows(&home, "SELECT until FROM request_pauses UNION SELECT not_before FROM outbox");
        let now = jiff::Timestamp::now().as_millisecond();
        assert!(!database.is_empty() && database.iter().all(|at| *at <= now + 900_000), "{database:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "no command shows what a test checks here")]
fn rusqlite_rows(home: &Home, sql: &str) -> Vec<i64> {
    let database = rusqlite::Connection::open(home.data().join("loket.db")).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_window_is_looked_at_again_when_the_message_is_sent() {
    let address = Gateway::closed_address();
    let home = Home::new(&account("toko", Dialect::Chatera, &format!("http://{address}/v1"), ""));
    let engine = home.serve();
    engine.post("toko", &Dialect::Chatera.text_event("m-1", "6281230001", "Ya?"));
    home.until_messages("toko", "the customer", |m| status(m, "Ya?") == "received");
    queue(&home, "toko", "6281230001", "jawaban");
    home.until_messages("toko", "an attempt", |m| m.iter().any(|m| m["error"]["code"] == "unreachable"));
    drop(engine);
    // A day goes by for the customer's message alone, so that the message itself has not waited for too long.
    rusqlite_write(&home, "UPDATE conversations SET customer_at = customer_at - 86400000");
    let gateway = Gateway::start_at(address, |_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    let _engine = home.serve();
    let failed = home.until_messages("toko", "the refusal", |m| status(m, "jawaban") == "failed");
    let failed = failed.iter().find(|m| m["text"] == "jawaban").unwrap();
    assert_eq!((&failed["error"]["code"], gateway.requests().len()), (&json!("window_closed"), 0));
}

#[expect(clippy::disallowed_methods, reason = "no command lets a day go by")]
fn rusqlite_write(home: &Home, sql: &str) {
    rusqlite::Connection::open(home.data().join("loket.db")).unwrap().execute(sql, []).unwrap();
}

#[test]
fn commands_share_the_budget_of_the_account() {
    // An address book without an end.
    let gateway = Gateway::start(|seen| {
        if seen.method == "GET" {
            let contacts: Vec<_> = (0..100)
                .map(|n| json!({"id": format!("{}-{n}", seen.path.len()), "name": "Budi", "phone": format!("62812{n:07}")}))
                .collect();
            let meta = json!({"page": 1, "limit": 100, "total": 1_000_000, "totalPages": 10_000, "hasMore": true});
            return Answer::json(200, &json!({"success": true, "data": contacts, "meta": meta, "pagination": meta}));
        }
        Answer::json(200, &accepted(Dialect::Chatera, 1))
    });
    let further = "window = \"none\"\nrequests_per_minute = 10";
    let home = Home::new(&account("toko", Dialect::Chatera, &base(Dialect::Chatera, &gateway.url()), further));
    let mut sync = home.command(&["contacts", "sync", "--account", "toko"]).spawn().unwrap();
    // It leaves five for sends.
    gateway.wait_for_requests(5);
    for n in 0..5 {
        home.run(&["send", "--account", "toko", "--to", &format!("628123000{n}"), "--text", "x"]).expect_status(0);
    }
    let send = ["send", "--account", "toko", "--to", "6281230009", "--text", "x", "--wait", "1"];
    let output = home.run(&send).expect_status(3);
    assert!(output.err.contains("as many requests"), "{}", output.err);
    let _engine = home.serve();
    queue(&home, "toko", "6281230008", "y");
    sync.kill().unwrap();
    sync.wait().unwrap();
    let posts = gateway.requests().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!((posts, gateway.requests().len()), (5, 10));
}

#[test]
fn a_message_of_a_broken_conversation_holds_up_nobody() {
    let gateway = Gateway::start(|seen| match text(seen).as_str() {
        "macet" => Answer::json(500, &json!({"error": "x"})),
        _ => Answer::json(200, &accepted(Dialect::Chatera, 1)),
    });
    let home = Home::new(&fast("toko", Dialect::Chatera, &gateway.url()));
    let _engine = home.serve();
    queue(&home, "toko", "6281230001", "macet");
    for n in 2..6 {
        queue(&home, "toko", &format!("628123000{n}"), &format!("pesan {n}"));
    }
    home.until_messages("toko", "the others", |m| m.iter().filter(|m| m["status"] == "sent").count() == 4);
    assert_eq!(status(&home.messages("toko"), "macet"), "unsure");
}
