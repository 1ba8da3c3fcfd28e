//! Scenes of the conversation list.

use crate::kit::{Fake, NOW, Stage, minutes_ago};
use loket::domain::window::WindowRule;
use loket::domain::{Channel, ConversationId, ConversationState, MessageId};
use loket::tui::Msg;
use loket::tui::effect::Effect;
use loket::tui::effect::Write;

use super::{shop, stage};

#[test]
fn moving_over_conversations_marks_nothing_and_opening_does() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("j k j k");
    assert_eq!(stage.deeds(), []);
    stage.keys("enter");
    let newest = MessageId(1);
    assert_eq!(stage.deeds(), [Effect::Write(Write::MarkSeen { conversation: budi, message: newest })]);
}

#[test]
fn a_filter_opens_what_matches_even_when_typed_faster_than_it_is_read() {
    let (fake, _, ayu) = shop();
    let mut stage = stage(&fake);
    let mut effects = Vec::new();
    for key in ["/", "a", "y", "u", "enter", "h", "i"] {
        effects.extend(loket::tui::update(&mut stage.model, Msg::Key(crate::kit::key(key))));
    }
    // Only now does the store answer.
    for effect in effects {
        if let Some(msg) = stage.read(effect) {
            stage.hear(msg);
        }
    }
    assert_eq!(stage.model.open_id(), Some(ayu));
    assert_eq!(stage.model.composer.editor.text(), "hi");
}

#[test]
fn arrivals_move_neither_the_selection_nor_what_is_read_in_a_scrolled_list() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=60 {
        let id = fake.conversation(n, &format!("Customer {n:02}"), "toko", Channel::WhatsApp);
        fake.hears(id, minutes_ago(n), "hello");
    }
    let mut stage = stage(&fake);
    stage.keys("pgdn pgdn j");
    let rows = |stage: &Stage| -> Vec<String> {
        let text = stage.text();
        text.lines().skip(2).step_by(2).take(10).map(|l| l.chars().skip(1).take(18).collect()).collect()
    };
    let (before, selected) = (rows(&stage), stage.model.conversations.selected);
    for n in 50..=59 {
        fake.hears(ConversationId(n), NOW, "again");
    }
    stage.wake();
    assert_eq!(stage.model.conversations.selected, selected);
    assert_eq!(rows(&stage), before);
    stage.keys("g");
    assert!(stage.text().lines().nth(2).unwrap().contains("Customer 59"), "{}", stage.text());
}

#[test]
fn the_list_looks_only_at_visible_rows_and_reads_in_pages() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=1500 {
        let id = fake.conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        fake.set(id, |c| c.last_at = minutes_ago(n));
    }
    let mut stage = stage(&fake);
    assert!(fake.world().handed_out <= 100, "{}", fake.world().handed_out);
    assert!(stage.model.conversations.visible_rows().count() <= 12);
    for _ in 0..12 {
        stage.keys("G");
    }
    assert!(stage.text().contains("Customer 12"), "{}", stage.text());
    assert!(stage.model.conversations.len() >= 1200);
}

#[test]
fn unread_only_shows_unread_ones_and_keeps_the_open_one() {
    let (fake, budi, ayu) = shop();
    fake.seen(ayu);
    let mut stage = stage(&fake);
    stage.keys("u");
    assert!(stage.text().contains("Budi") && !stage.text().contains("Ayu"));
    stage.keys("enter");
    stage.wake();
    assert!(stage.model.conversations.get(budi).is_some(), "the open one left the list");
    stage.keys("esc esc");
    assert!(stage.text().contains("Ayu"));
}

#[test]
fn the_next_unread_conversation_is_the_one_that_waits_longest() {
    let (fake, budi, ayu) = shop();
    let mut stage = stage(&fake);
    stage.keys("ctrl-n");
    assert_eq!(stage.model.open_id(), Some(ayu));
    stage.keys("ctrl-n");
    assert_eq!(stage.model.open_id(), Some(budi));
    stage.keys("ctrl-n");
    assert!(stage.text().contains("Everything is read."));
}

#[test]
fn resolving_takes_a_conversation_off_the_list_and_a_new_message_brings_it_back() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("e");
    let done = Effect::Write(Write::SetState { conversation: budi, state: ConversationState::Resolved, until: None });
    assert!(stage.deeds().contains(&done));
    assert!(!stage.text().contains("Budi"));
    fake.set(budi, |c| c.state = ConversationState::Open);
    fake.hears(budi, NOW, "Satu lagi");
    stage.wake();
    assert!(stage.text().contains("Satu lagi"));
}

#[test]
fn marking_unread_closes_the_conversation_so_that_it_stays_unread() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter esc tab");
    stage.deeds();
    stage.keys("m");
    assert_eq!(stage.deeds(), [Effect::Write(Write::MarkUnread { conversation: budi })]);
    assert_eq!(stage.model.open_id(), None);
    stage.wake();
    assert_eq!(stage.deeds(), []);
}
