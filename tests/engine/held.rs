//! A gateway that does not answer: the message becomes unsure, is never repeated, and holds nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::gateway::{Answer, Gate, Gateway};
use crate::kit::Voice;
use crate::{accepted, queue, status, text, times};

#[test]
fn silence_is_unsure_after_a_while_and_holds_no_other_conversation() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway = Gateway::start(move |seen| {
        let answer = Answer::json(200, &accepted(Voice::Chatera, 1));
        if text(seen) == "macet" { Answer::After(held.clone(), Box::new(answer)) } else { answer }
    });
    let house = crate::shop(Voice::Chatera, &gateway);
    let engine = house.serve();
    queue(&house, "toko", "6281230001", "macet");
    queue(&house, "toko", "6281230001", "di belakangnya");
    gateway.wait_for(1);
    let others: Vec<_> = (2..8).map(|n| format!("lain {n}")).collect();
    for (n, words) in others.iter().enumerate() {
        house.run(&["send", "--account", "toko", "--to", &format!("628123000{}", n + 20), "--text", words]).ends(0);
    }
    let messages = house.messages("toko");
    assert_eq!((status(&messages, "macet"), status(&messages, "di belakangnya")), ("sending".into(), "queued".into()));
    let done = house.until_messages("toko", "the end of patience", |m| {
        status(m, "macet") == "unsure" && status(m, "di belakangnya") == "sent"
    });
    let stuck = done.iter().find(|m| m["text"] == "macet").unwrap();
    assert_eq!(stuck["error"]["code"], "timeout", "{stuck}");
    gate.open();
    engine.end();
    let _engine = house.serve();
    queue(&house, "toko", "6281230001", "sesudah");
    house.until_messages("toko", "a later one", |m| status(m, "sesudah") == "sent");
    assert_eq!((times(&gateway, "macet"), status(&house.messages("toko"), "macet")), (1, "unsure".to_owned()));
}

#[test]
fn an_end_lets_what_is_on_its_way_come_home() {
    let gate = Gate::default();
    let held = gate.clone();
    let gateway =
        Gateway::start(move |_| Answer::After(held.clone(), Box::new(Answer::json(200, &accepted(Voice::Chatera, 1)))));
    let house = crate::shop(Voice::Chatera, &gateway);
    let engine = house.serve();
    queue(&house, "toko", "6281230001", "satu");
    queue(&house, "toko", "6281230001", "dua");
    gateway.wait_for(1);
    engine.signal("TERM");
    let opener = std::thread::spawn(move || {
        crate::kit::until("the door to close", || std::net::TcpStream::connect(engine.address).is_err().then_some(()));
        gate.open();
        engine
    });
    assert_eq!(opener.join().unwrap().end().code(), Some(0));
    let messages = house.messages("toko");
    assert_eq!((status(&messages, "satu"), status(&messages, "dua")), ("sent".into(), "queued".into()));
    let _engine = house.serve();
    house.until_messages("toko", "the second", |m| status(m, "dua") == "sent");
    assert_eq!((times(&gateway, "satu"), times(&gateway, "dua")), (1, 1));
}

#[test]
fn an_end_does_not_wait_for_a_gateway_that_never_answers() {
    let silent = Arc::new(AtomicBool::new(true));
    let quiet = silent.clone();
    let gateway = Gateway::start(move |_| {
        let answer = Answer::json(200, &accepted(Voice::Chatera, 1));
        if quiet.load(Ordering::SeqCst) { Answer::After(Gate::default(), Box::new(answer)) } else { answer }
    });
    let house = crate::shop(Voice::Chatera, &gateway);
    let engine = house.serve();
    queue(&house, "toko", "6281230001", "satu");
    gateway.wait_for(1);
    assert_eq!(engine.end().code(), Some(0));
    silent.store(false, Ordering::SeqCst);
    let _engine = house.serve();
    queue(&house, "toko", "6281230001", "dua");
    let messages = house.until_messages("toko", "a later one", |m| status(m, "dua") == "sent");
    assert_eq!((status(&messages, "satu"), times(&gateway, "satu")), ("unsure".to_owned(), 1));
}
