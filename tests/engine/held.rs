//! A gateway that does not respond: the message becomes unsure, is never sent again, and blocks no other conversation.

use crate::gateway::{Answer, Gate, Gateway};
use crate::kit::Dialect;
use crate::{accepted, queue, status, text, times};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_gateway_that_does_not_respond_makes_a_message_unsure_and_blocks_no_other_conversation() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |seen| {
        let answer = Answer::json(200, &accepted(Dialect::Chatera, 1));
        if text(seen) == "macet" { Answer::After(held.clone(), Box::new(answer)) } else { answer }
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    queue(&home, "toko", "6281230001", "macet");
    queue(&home, "toko", "6281230001", "di belakangnya");
    gateway.wait_for_requests(1);
    let others: Vec<_> = (2..8).map(|n| format!("lain {n}")).collect();
    for (n, content) in others.iter().enumerate() {
        home.run(&["send", "--account", "toko", "--to", &format!("628123000{}", n + 20), "--text", content])
            .expect_status(0);
    }
    let messages = home.messages("toko");
    assert_eq!((status(&messages, "macet"), status(&messages, "di belakangnya")), ("sending".into(), "queued".into()));
    let done = home.until_messages("toko", "the end of patience", |m| {
        status(m, "macet") == "unsure" && status(m, "di belakangnya") == "sent"
    });
    let stuck = done.iter().find(|m| m["text"] == "macet").unwrap();
    assert_eq!(stuck["error"]["code"], "timeout", "{stuck}");
    gate.open();
    engine.end();
    let _engine = home.serve();
    queue(&home, "toko", "6281230001", "sesudah");
    home.until_messages("toko", "a later one", |m| status(m, "sesudah") == "sent");
    assert_eq!((times(&gateway, "macet"), status(&home.messages("toko"), "macet")), (1, "unsure".to_owned()));
}

#[test]
fn stopping_waits_for_attempts_that_have_begun() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |_| {
        Answer::After(held.clone(), Box::new(Answer::json(200, &accepted(Dialect::Chatera, 1))))
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    queue(&home, "toko", "6281230001", "satu");
    queue(&home, "toko", "6281230001", "dua");
    gateway.wait_for_requests(1);
    engine.signal("TERM");
    let opener = std::thread::spawn(move || {
        crate::kit::wait_until("the listener to close", || {
            std::net::TcpStream::connect(engine.address).is_err().then_some(())
        });
        gate.open();
        engine
    });
    assert_eq!(opener.join().unwrap().end().code(), Some(0));
    let messages = home.messages("toko");
    assert_eq!((status(&messages, "satu"), status(&messages, "dua")), ("sent".into(), "queued".into()));
    let _engine = home.serve();
    home.until_messages("toko", "the second", |m| status(m, "dua") == "sent");
    assert_eq!((times(&gateway, "satu"), times(&gateway, "dua")), (1, 1));
}

#[test]
fn stopping_does_not_wait_for_a_gateway_that_never_responds() {
    let silent = Arc::new(AtomicBool::new(true));
    let quiet = silent.clone();
    let gateway = Gateway::start(move |_| {
        let answer = Answer::json(200, &accepted(Dialect::Chatera, 1));
        if quiet.load(Ordering::SeqCst) { Answer::After(Gate::default(), Box::new(answer)) } else { answer }
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    queue(&home, "toko", "6281230001", "satu");
    gateway.wait_for_requests(1);
    assert_eq!(engine.end().code(), Some(0));
    let stuck = home.messages("toko").remove(0);
    let end = (stuck["status"].as_str(), stuck["error"]["code"].as_str());
    assert_eq!(end, (Some("unsure"), Some("interrupted")), "it tells the truth before the next start");
    silent.store(false, Ordering::SeqCst);
    let _engine = home.serve();
    queue(&home, "toko", "6281230001", "dua");
    let messages = home.until_messages("toko", "a later one", |m| status(m, "dua") == "sent");
    assert_eq!((status(&messages, "satu"), times(&gateway, "satu")), ("unsure".to_owned(), 1));
}
