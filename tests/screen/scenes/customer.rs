//! What is known of the customer: read while it is shown, changed by keys.

use crate::customer::known_customer;
use crate::kit::{TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Action, AuditEntry, CustomerField, Origin};
use loket::tui::{Effect, Read, Write};

fn customer_reads(screen: &TestScreen) -> usize {
    screen.effects.iter().filter(|e| matches!(e, Effect::Read(Read::Customer { .. }))).count()
}

#[test]
fn the_customer_is_read_only_while_shown_and_again_when_something_came() {
    let (store, id, _) = known_customer();
    let mut screen = TestScreen::new(store.clone(), Locale::En, (120, 40));
    screen.keys("enter");
    assert_eq!(customer_reads(&screen), 0);
    screen.resize(160, 45);
    assert_eq!(customer_reads(&screen), 1);
    assert!(screen.text().contains("Jl. Melati 3, Bandung"), "{}", screen.text());
    // Keys and time read nothing.
    screen.keys("esc tab j k");
    screen.advance(60);
    let reads = customer_reads(&screen);
    store.receive(id, minutes_ago(0), "INV-30000 juga");
    screen.store_changed();
    assert!(customer_reads(&screen) > reads);
    assert!(screen.text().contains("INV-30000"), "{}", screen.text());
}

#[test]
fn a_field_is_changed_and_a_new_one_added() {
    let (store, id, _) = known_customer();
    let mut screen = TestScreen::new(store, Locale::Id, (80, 24));
    // The first row that does something is the other conversation, then come the labels and the fields.
    screen.keys("ctrl-x c down down down down enter");
    assert!(screen.text().contains("Sebelumnya: Jl. Melati 3"), "{}", screen.text());
    screen.keys("ctrl-u 'Jl. Mawar 5' enter");
    let edits: Vec<Effect> = screen.actions();
    let (field, value) = (CustomerField::Custom("alamat".into()), "Jl. Mawar 5".to_owned());
    let before = "Jl. Melati 3, Bandung".to_owned();
    assert!(
        edits.contains(&Effect::Write(Write::EditCustomer { conversation: id, field, value, before })),
        "{edits:?}"
    );
    assert!(screen.text().contains("Jl. Mawar 5*"), "{}", screen.text());
    // Two further fields, then the row that adds one.
    screen.keys("down down enter 'kota' enter 'Bandung' enter");
    assert!(screen.text().contains("kota"), "{}", screen.text());
    // Esc leaves the line without a change, and then the box.
    screen.actions();
    screen.keys("enter 'x' esc esc");
    assert!(screen.model.overlays.is_empty());
    assert!(screen.actions().is_empty());
}

#[test]
fn an_order_leads_to_its_message_and_the_other_conversation_opens() {
    let (store, id, old) = known_customer();
    let mut screen = TestScreen::new(store, Locale::En, (80, 24));
    screen.keys("ctrl-x c enter");
    assert_eq!(screen.model.open_id(), Some(old));
    screen.keys("esc");
    screen.keys("/ 'wulandari' enter esc tab ctrl-x c");
    for _ in 0..40 {
        if screen.text().lines().any(|line| line.contains("█ INV-20481")) {
            break;
        }
        screen.keys("down");
    }
    screen.keys("enter");
    assert_eq!(screen.model.open_id(), Some(id));
    assert!(screen.model.thread.as_ref().unwrap().selected_message().unwrap().text.contains("INV-20481"));
}

#[test]
fn the_panel_says_who_resolved_last_and_when() {
    for (locale, words) in [(Locale::En, "20 Aug by Budi"), (Locale::Id, "20 Agu oleh Budi")] {
        let (store, id, _) = known_customer();
        store.contents().resolved.insert(id, ("Budi".into(), crate::kit::minutes_ago(60 * 48)));
        let mut screen = TestScreen::new(store, locale, (160, 45));
        screen.keys("enter");
        assert!(screen.text().contains(words), "{}", screen.text());
    }
}

#[test]
fn what_agents_did_is_said_in_words() {
    let (store, id, _) = known_customer();
    let entry = |action, value: Option<String>| AuditEntry {
        at: minutes_ago(3),
        agent: "Budi".to_owned(),
        action,
        value,
        origin: Some(Origin::Screen),
        address: None,
    };
    let until = minutes_ago(-60).to_string();
    store.contents().acts = vec![
        entry(Action::Snoozed, Some(until)),
        entry(Action::Labelled, Some("komplain\u{1b}[2J".to_owned())),
        entry(Action::Resolved, None),
    ];
    store.receive(id, minutes_ago(0), "halo");
    let mut screen = TestScreen::new(store, Locale::Id, (160, 60));
    screen.keys("enter");
    let text = screen.text();
    for words in ["yang dilakukan", "ditunda sampai", "label komplain", "diselesaikan"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
