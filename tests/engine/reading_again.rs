//! Events that an earlier version did not understand: read again after an upgrade and on demand, never doubled, never
//! answered by a rule.

use crate::kit::{Dialect, Home};
use crate::{accepting_gateway, fast};
use loket::domain::{AccountName, Channel, Inbound, Timestamp, WindowRule};
use loket::store::{NewEvent, Store};

const RULE: &str = "[[account.rule]]\nmatch = \"any\"\nreply = [ { text = \"otomatis\" } ]\n";

/// Stores a customer's text as an earlier version did that did not understand it.
fn not_understood(home: &Home, id: &str) {
    let store = Store::open(&home.data()).unwrap();
    let account = AccountName::new("toko").unwrap();
    let webhook = Dialect::Cetar.text_event(id, "6281230001", id);
    let event = NewEvent {
        account: account.clone(),
        key: id.to_owned(),
        within: None,
        ack: false,
        received_at: Timestamp(i64::try_from(crate::kit::events::seconds()).unwrap() * 1000),
        headers: Vec::new(),
        body: webhook.body,
    };
    let id = store.append_event(event).wait().unwrap().id;
    let unknown = vec![Inbound::Unknown { event: "message.received".into() }];
    store.apply_event(id, &account, Channel::WhatsApp, WindowRule::None, unknown).wait().unwrap();
}

#[test]
fn what_was_not_understood_is_read_again_after_an_upgrade() {
    let gateway = accepting_gateway(Dialect::Cetar);
    let home = Home::new(&format!("{}{RULE}", fast("toko", Dialect::Cetar, &gateway.url())));
    not_understood(&home, "pertama");
    // The store was last opened by no version that is known.
    let engine = home.serve();
    home.until_messages("toko", "the message", |m| m.len() == 1);
    engine.kill();
    // The same version does not read it again, and the message stays the only one.
    not_understood(&home, "kedua");
    let engine = home.serve();
    engine.post("toko", &Dialect::Cetar.text_event("ketiga", "6281230002", "ketiga"));
    home.until_messages("toko", "the new message and its answer", |m| {
        m.iter().any(|m| m["text"] == "otomatis" && m["status"] == "sent")
    });
    let texts: Vec<_> = home.messages("toko").iter().map(|m| m["text"].to_string()).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(gateway.requests().len(), 1, "only the new message is answered");
}

#[test]
fn what_was_not_understood_is_read_again_on_demand() {
    let gateway = accepting_gateway(Dialect::Cetar);
    let home = Home::new(&format!("{}{RULE}", fast("toko", Dialect::Cetar, &gateway.url())));
    // The engine has read again what the upgrade is for, once it has read this.
    not_understood(&home, "sebelum");
    let _engine = home.serve();
    home.until_messages("toko", "the message of the upgrade", |m| m.len() == 1);
    not_understood(&home, "pertama");
    let events = |args: &[&str]| {
        let lines = home.run(&[&["--json", "doctor"], args].concat()).json();
        lines.into_iter().filter(|line| line["check"] == "events").map(|line| line.to_string()).collect::<Vec<_>>()
    };
    assert!(events(&[])[0].contains("--read-again"), "{:?}", events(&[]));
    let lines = events(&["--read-again"]);
    assert!(lines[0].contains("1 events that were not understood are read again"), "{lines:?}");
    home.until_messages("toko", "the message", |m| m.len() == 2);
    assert!(events(&[]).last().unwrap().contains("every event"));
    assert_eq!(home.messages("toko").len(), 2, "nothing is answered");
}
