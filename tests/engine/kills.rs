//! A kill while messages are being sent: none is sent twice, and none that was queued is lost.

use crate::gateway::{Answer, Gate, Gateway};
use crate::kit::{Dialect, wait_until};
use crate::{accepted, queue, status, times};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[test]
fn after_a_kill_what_was_being_sent_is_unsure_and_what_was_queued_goes_on() {
    let holding = Arc::new(AtomicBool::new(true));
    let hold = holding.clone();
    let gateway = Gateway::start(move |_| {
        let answer = Answer::json(200, &accepted(Dialect::Chatera, 1));
        if hold.load(Ordering::SeqCst) { Answer::After(Gate::default(), Box::new(answer)) } else { answer }
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let engine = home.serve();
    for (to, content) in [("6281230001", "a1"), ("6281230001", "a2"), ("6281230002", "b1"), ("6281230001", "a3")] {
        queue(&home, "toko", to, content);
    }
    gateway.wait_for_requests(2);
    engine.kill();
    let messages = home.messages("toko");
    let of = |content: &str| status(&messages, content);
    assert_eq!([of("a1"), of("a2"), of("b1"), of("a3")], ["sending", "queued", "sending", "queued"]);
    holding.store(false, Ordering::SeqCst);
    let _engine = home.serve();
    let messages = home.until_messages("toko", "the queued ones", |m| status(m, "a3") == "sent");
    let of = |content: &str| status(&messages, content);
    assert_eq!([of("a1"), of("a2"), of("b1")], ["unsure", "sent", "unsure"]);
    for content in ["a1", "a2", "a3", "b1"] {
        assert_eq!(times(&gateway, content), 1, "{content}");
    }
    let stuck = messages.iter().find(|m| m["text"] == "a1").unwrap();
    assert_eq!(stuck["error"]["code"], "interrupted", "{stuck}");
}

#[test]
fn kills_at_random_moments_send_nothing_twice_and_lose_nothing() {
    let count = AtomicU64::new(0);
    let gateway = Gateway::start(move |_| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        // Answers differ in how long they take, so that cuts fall everywhere in an attempt.
        std::thread::sleep(Duration::from_millis(n * 7 % 23));
        Answer::json(200, &accepted(Dialect::Chatera, n))
    });
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let texts: Vec<_> = (0..36).map(|n| format!("pesan {n}")).collect();
    for (round, part) in texts.chunks(6).enumerate() {
        let engine = home.serve();
        let before = gateway.requests().len();
        for (n, content) in part.iter().enumerate() {
            queue(&home, "toko", &format!("62812300{:02}", n % 4), content);
        }
        wait_until("some to leave", || (gateway.requests().len() >= before + round % 5).then_some(()));
        engine.kill();
    }
    let _engine = home.serve();
    let messages = home.until_messages("toko", "an end of all", |m| {
        m.iter().all(|m| m["status"] == "sent" || m["status"] == "unsure")
    });
    assert_eq!(messages.len(), texts.len(), "lost: {messages:?}");
    for content in &texts {
        let (times, status) = (times(&gateway, content), status(&messages, content));
        assert!(times == 1 || (times == 0 && status == "unsure"), "{content} is {status} and left {times} times");
    }
}

#[test]
fn a_command_that_is_killed_while_sending_leaves_its_message_unsure() {
    let gateway = Gateway::start(|_| Answer::After(Gate::default(), Box::new(Answer::Close)));
    let home = crate::home_with_account(Dialect::Chatera, &gateway);
    let mut send =
        home.command(&["send", "--account", "toko", "--to", "6281230001", "--text", "satu"]).spawn().unwrap();
    gateway.wait_for_requests(1);
    send.kill().unwrap();
    send.wait().unwrap();
    let _engine = home.serve();
    home.until_messages("toko", "the message", |m| status(m, "satu") == "unsure");
    assert_eq!(times(&gateway, "satu"), 1);
}
