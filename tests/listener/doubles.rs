//! Doubled, late and shuffled deliveries: one message stays one message.

use std::thread;

use crate::home;
use crate::kit::{Dialect, Webhook};

#[test]
fn fifty_at_once_are_one_message() {
    let home = home();
    let engine = home.serve();
    for dialect in Dialect::ALL {
        let event = dialect.text_event("m-1", "6281230001", "sekali saja");
        thread::scope(|scope| {
            let posts: Vec<_> = (0..50).map(|_| scope.spawn(|| engine.post(dialect.name(), &event).status)).collect();
            assert!(posts.into_iter().all(|post| post.join().unwrap() == 200), "{dialect:?}");
        });
        engine.post(dialect.name(), &dialect.text_event("m-2", "6281230002", "lain"));
        let messages = home.until_messages(dialect.name(), "the later one", |m| m.iter().any(|m| m["text"] == "lain"));
        assert_eq!(messages.len(), 2, "{dialect:?}: {messages:?}");
    }
    let conversations = home.json(&["conversations"]);
    assert!(conversations.iter().all(|c| c["unread"] == 1), "{conversations:?}");
}

#[test]
fn a_message_delivered_again_under_another_id_is_one_message() {
    let home = home();
    let engine = home.serve();
    let event = Dialect::Chatera.text_event("m-1", "6281230001", "Halo");
    let again = |id: &str| {
        let mut other = event.clone();
        other.headers.iter_mut().filter(|(n, _)| n == "X-Chatera-Delivery-Id").for_each(|(_, v)| id.clone_into(v));
        other
    };
    for id in ["d-1", "d-2", "d-3"] {
        assert_eq!(engine.post("chatera", &again(id)).status, 200);
    }
    // And one delivery id under two messages (a gateway that counts badly) loses none.
    let second: Webhook = {
        let mut other = Dialect::Chatera.text_event("m-2", "6281230001", "Halo lagi");
        other.headers.iter_mut().filter(|(n, _)| n == "X-Chatera-Delivery-Id").for_each(|(_, v)| "d-1".clone_into(v));
        other
    };
    assert_eq!(engine.post("chatera", &second).status, 200);
    let messages = home.until_messages("chatera", "the second", |m| m.iter().any(|m| m["text"] == "Halo lagi"));
    assert_eq!(messages.len(), 2, "{messages:?}");
}

#[test]
fn a_customer_may_say_the_same_twice() {
    let home = home();
    let engine = home.serve();
    for dialect in [Dialect::Chatera, Dialect::Cetar, Dialect::CetarMeta, Dialect::CloudChat] {
        engine.post(dialect.name(), &dialect.text_event("m-1", "6281230001", "halo?"));
        engine.post(dialect.name(), &dialect.text_event("m-2", "6281230001", "halo?"));
        home.until_messages(dialect.name(), "both", |m| m.len() == 2);
    }
}

#[test]
fn an_event_delivered_again_after_a_restart_is_a_duplicate() {
    let home = home();
    let engine = home.serve();
    let events: Vec<_> = Dialect::ALL.iter().map(|v| (v.name(), v.text_event("m-1", "6281230001", "Halo"))).collect();
    // WAVIRO gives no ids, so that only what comes within seconds is known again.
    let events: Vec<_> = events.into_iter().filter(|(name, _)| *name != "waviro").collect();
    for (name, event) in &events {
        assert_eq!(engine.post(name, event).status, 200);
    }
    engine.kill();
    let engine = home.serve();
    for (name, event) in &events {
        assert_eq!(engine.post(name, event).status, 200);
        engine.post(
            name,
            &Dialect::ALL.iter().find(|v| v.name() == *name).unwrap().text_event("m-2", "6281230009", "lain"),
        );
        let messages = home.until_messages(name, "the later one", |m| m.iter().any(|m| m["text"] == "lain"));
        assert_eq!(messages.len(), 2, "{name}: {messages:?}");
    }
}

#[test]
fn one_post_of_meta_may_hold_many_and_the_same_twice() {
    let home = home();
    let engine = home.serve();
    let mut body = Dialect::CetarMeta.body("m-1", "6281230001", "satu");
    let value = &mut body["entry"][0]["changes"][0]["value"];
    let first = value["messages"][0].clone();
    let mut second = first.clone();
    second["id"] = "wamid.m-2".into();
    second["text"]["body"] = "dua".into();
    let mut broken = first.clone();
    broken["type"] = 7.into();
    broken["id"] = serde_json::Value::Null;
    value["messages"] = serde_json::json!([first, broken, second, first, null, "x"]);
    assert_eq!(engine.post("meta", &Dialect::CetarMeta.signed(&body)).status, 200);
    // Delivered again in another packing.
    assert_eq!(engine.post("meta", &Dialect::CetarMeta.text_event("m-1", "6281230001", "satu")).status, 200);
    engine.post("meta", &Dialect::CetarMeta.text_event("m-3", "6281230001", "tiga"));
    let messages = home.until_messages("meta", "the third", |m| m.iter().any(|m| m["text"] == "tiga"));
    let count = |text: &str| messages.iter().filter(|m| m["text"] == text).count();
    assert_eq!((count("satu"), count("dua"), count("tiga")), (1, 1, 1), "{messages:?}");
}
