//! Scenes: keys and events, and what the screen then shows and asks.

mod assignment;
mod beginning;
mod cards;
mod composer;
mod customer;
mod every_command;
mod facts;
mod files;
mod forms;
mod frame;
mod keys;
mod list;
mod list_anchor;
mod measure;
mod notes;
mod notifications;
mod overlays;
mod pictures;
mod quotes;
mod reactions;
mod search;
mod send_later;
mod sentences;
mod settings;
mod team;
mod team_marks;
mod thread;
mod unsure;
mod views;
mod voice;
mod words;
use crate::kit::{FakeStore, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, Content, ConversationId, WindowRule};
use loket::tui::{Effect, Write};

pub fn two_conversations() -> (FakeStore, ConversationId, ConversationId) {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    store.add_account("resmi", Channel::WhatsApp, WindowRule::Day);
    let budi = store.add_conversation(1, "Budi", "toko", Channel::WhatsApp);
    store.receive(budi, minutes_ago(20), "Halo");
    let ayu = store.add_conversation(2, "Ayu", "toko", Channel::WhatsApp);
    store.receive(ayu, minutes_ago(10), "Permisi");
    (store, budi, ayu)
}

pub(super) fn open_screen(store: &FakeStore) -> TestScreen {
    TestScreen::new(store.clone(), Locale::En, (80, 24))
}

pub(super) fn add_long_history(store: &FakeStore, id: ConversationId, count: i64) {
    for n in 0..count {
        store.receive(
            id,
            minutes_ago(5000 - n),
            &format!("message number {n} {}", "word ".repeat(usize::try_from(n % 23).unwrap())),
        );
    }
    store.mark_seen(id);
}

pub(super) fn anchor_line(screen: &TestScreen) -> String {
    screen.text().lines().nth(2).unwrap_or_default().chars().skip(29).collect()
}

pub(super) fn sent_texts(effects: &[Effect]) -> Vec<String> {
    let body = |e: &Effect| match e {
        Effect::Write(Write::Send { content: Content::Text { body }, .. }) => Some(body.clone()),
        _ => None,
    };
    effects.iter().filter_map(body).collect()
}
