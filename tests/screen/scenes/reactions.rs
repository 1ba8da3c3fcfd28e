//! Reactions stand on the message that they are about.

use super::{open_screen, two_conversations};
use crate::kit::{FakeStore, NOW, TestScreen};
use loket::domain::{Author, AuthorKind, ConversationId, Direction, Kind, Status};
use serde_json::json;

fn react(store: &FakeStore, id: ConversationId, direction: Direction, name: &str, emoji: &str) {
    store.add_message(id, NOW, |m| {
        m.kind = Kind::Reaction;
        m.direction = direction;
        m.author = Author { kind: AuthorKind::Contact, name: name.into() };
        m.status = if direction == Direction::In { Status::Received } else { Status::Sent };
        m.payload = Some(json!({"message": "remote-1", "emoji": emoji}));
    });
}

/// The row below the first message.
fn below(screen: &TestScreen) -> String {
    let text = screen.text();
    let mut lines = text.lines().skip_while(|line| !line.contains("Halo  09:40"));
    let found = lines.nth(1).unwrap_or_default().to_owned();
    found.chars().skip(29).collect::<String>().trim().trim_start_matches('▎').trim().to_owned()
}

#[test]
fn reactions_of_both_sides_stand_on_their_message() {
    let (store, budi, _) = two_conversations();
    react(&store, budi, Direction::In, "Budi", "👍");
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert_eq!(below(&screen), "👍");
    react(&store, budi, Direction::Out, "Sari", "🙏");
    screen.store_changed();
    assert_eq!(below(&screen), "👍  🙏");
    // Another one of the same person replaces the first, and an empty one takes it away.
    react(&store, budi, Direction::In, "Budi", "🙏");
    screen.store_changed();
    assert_eq!(below(&screen), "🙏 2");
    react(&store, budi, Direction::Out, "Sari", "");
    screen.store_changed();
    assert_eq!(below(&screen), "🙏");
    react(&store, budi, Direction::In, "Budi", "");
    screen.store_changed();
    assert!(!below(&screen).contains('🙏'), "{}", screen.text());
}

#[test]
fn a_reaction_that_was_not_sent_stands_nowhere_and_a_hostile_one_is_cut() {
    let (store, budi, _) = two_conversations();
    react(&store, budi, Direction::Out, "Sari", "👍");
    let last = store.contents().messages[&budi].last().unwrap().id;
    store.change_message(last, |m| m.status = Status::Failed);
    react(&store, budi, Direction::In, "Budi", "bukan emoji\u{1b}[31m sama sekali");
    let mut screen = open_screen(&store);
    screen.keys("enter");
    let shown = below(&screen);
    assert!(!shown.contains('👍') && !shown.contains('\u{1b}') && shown.chars().count() <= 8, "{shown}");
}
