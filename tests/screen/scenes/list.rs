//! Scenes of the conversation list.
use super::{open_screen, two_conversations};
use crate::kit::{FakeStore, NOW, TestScreen, minutes_ago};
use loket::domain::{Channel, ConversationId, ConversationState, MessageId, WindowRule};
use loket::tui::{Effect, Msg, Write};

#[test]
fn moving_over_conversations_marks_nothing_and_opening_does() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("j k j k");
    assert_eq!(screen.actions(), []);
    screen.keys("enter");
    let newest = MessageId(1);
    assert_eq!(screen.actions(), [Effect::Write(Write::MarkSeen { conversation: budi, message: newest })]);
}

#[test]
fn a_filter_opens_what_matches_even_when_typed_faster_than_it_is_read() {
    let (store, _, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    let mut effects = Vec::new();
    for key in ["/", "a", "y", "u", "enter", "h", "i"] {
        effects.extend(loket::tui::update(&mut screen.model, Msg::Key(crate::kit::key(key))));
    }
    // Only now does the store answer.
    for effect in effects {
        if let Some(msg) = crate::kit::answer(&store, effect) {
            screen.update(msg);
        }
    }
    assert_eq!(screen.model.open_id(), Some(ayu));
    assert_eq!(screen.model.composer.editor.text(), "hi");
}

#[test]
fn arrivals_move_neither_the_selection_nor_what_is_read_in_a_scrolled_list() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=60 {
        let id = store.add_conversation(n, &format!("Customer {n:02}"), "toko", Channel::WhatsApp);
        store.receive(id, minutes_ago(n), "hello");
    }
    let mut screen = open_screen(&store);
    screen.keys("pgdn pgdn j");
    let rows = |screen: &TestScreen| -> Vec<String> {
        let text = screen.text();
        text.lines().skip(2).step_by(2).take(10).map(|l| l.chars().skip(1).take(18).collect()).collect()
    };
    let (before, selected) = (rows(&screen), screen.model.conversations.selected);
    for n in 50..=59 {
        store.receive(ConversationId(n), NOW, "again");
    }
    screen.store_changed();
    assert_eq!(screen.model.conversations.selected, selected);
    assert_eq!(rows(&screen), before);
    screen.keys("g");
    assert!(screen.text().lines().nth(2).unwrap().contains("Customer 59"), "{}", screen.text());
}

#[test]
fn the_list_looks_only_at_visible_rows_and_reads_in_pages() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=1500 {
        let id = store.add_conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        store.change_conversation(id, |c| c.last_at = minutes_ago(n));
    }
    let mut screen = open_screen(&store);
    assert!(store.contents().rows_read <= 100, "{}", store.contents().rows_read);
    assert!(screen.model.conversations.visible_rows().count() <= 12);
    for _ in 0..12 {
        screen.keys("G");
    }
    assert!(screen.text().contains("Customer 12"), "{}", screen.text());
    assert!(screen.model.conversations.len() >= 1200);
}

#[test]
fn unread_only_shows_unread_ones_and_keeps_the_open_one() {
    let (store, budi, ayu) = two_conversations();
    store.mark_seen(ayu);
    let mut screen = open_screen(&store);
    screen.keys("u");
    assert!(screen.text().contains("Budi") && !screen.text().contains("Ayu"));
    screen.keys("enter");
    screen.store_changed();
    assert!(screen.model.conversations.get(budi).is_some(), "the open one left the list");
    screen.keys("esc esc");
    assert!(screen.text().contains("Ayu"));
}

#[test]
fn the_next_unread_conversation_is_the_one_that_waits_longest() {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("ctrl-n");
    assert_eq!(screen.model.open_id(), Some(ayu));
    screen.keys("ctrl-n");
    assert_eq!(screen.model.open_id(), Some(budi));
    screen.keys("ctrl-n");
    assert!(screen.text().contains("Everything is read."));
}

#[test]
fn resolving_takes_a_conversation_off_the_list_and_a_new_message_brings_it_back() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("e");
    let done = Effect::Write(Write::SetState { conversation: budi, state: ConversationState::Resolved, until: None });
    assert!(screen.actions().contains(&done));
    assert!(screen.model.conversations.get(budi).is_none());
    store.change_conversation(budi, |c| c.state = ConversationState::Open);
    store.receive(budi, NOW, "Satu lagi");
    screen.store_changed();
    assert!(screen.text().contains("Satu lagi"));
}

#[test]
fn marking_unread_closes_the_conversation_so_that_it_stays_unread() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab");
    screen.actions();
    screen.keys("m");
    assert_eq!(screen.actions(), [Effect::Write(Write::MarkUnread { conversation: budi })]);
    assert_eq!(screen.model.open_id(), None);
    screen.store_changed();
    assert_eq!(screen.actions(), []);
}
