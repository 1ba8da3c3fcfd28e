//! Scenes of the conversation.
use super::{add_long_history, anchor_line, open_screen, two_conversations};
use crate::kit::{NOW, answer, key, minutes_ago};
use loket::domain::{Kind, Media, MessageId, MessageKey, Status, Timestamp};
use loket::tui::{Anchor, Effect, Msg, TerminalAction, Write, update};

#[test]
fn a_terminal_without_focus_marks_nothing_until_it_is_looked_at() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    screen.actions();
    screen.update(Msg::Focused(false));
    store.receive(budi, NOW, "Masih di sana?");
    screen.store_changed();
    assert_eq!(screen.actions(), []);
    screen.update(Msg::Focused(true));
    assert!(
        matches!(screen.actions()[..], [Effect::Write(Write::MarkSeen { conversation, .. })] if conversation == budi)
    );
}

#[test]
fn a_conversation_that_is_opened_without_the_focus_is_read_once_it_is_looked_at() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.update(Msg::Focused(false));
    screen.keys("enter");
    assert_eq!(screen.actions(), []);
    screen.update(Msg::Focused(true));
    assert!(
        matches!(screen.actions()[..], [Effect::Write(Write::MarkSeen { conversation, .. })] if conversation == budi)
    );
}

#[test]
fn a_message_that_comes_while_the_reader_is_in_the_list_stays_unread() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter esc");
    screen.actions();
    store.receive(budi, NOW, "Masih di sana?");
    screen.store_changed();
    assert_eq!(screen.actions(), []);
    assert!(screen.text().contains("Masih di sana?"));
    screen.keys("tab");
    assert!(matches!(screen.actions()[..], [Effect::Write(Write::MarkSeen { .. })]));
}

#[test]
fn an_arrival_never_moves_what_is_read_and_the_divider_stays() {
    let (store, budi, _) = two_conversations();
    add_long_history(&store, budi, 80);
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab pgup pgup");
    let before = anchor_line(&screen);
    let selected = screen.model.thread.as_ref().unwrap().selected;
    for n in 0..5 {
        store.receive(budi, NOW, &format!("new {n}"));
        screen.store_changed();
        assert_eq!(anchor_line(&screen), before);
    }
    assert_eq!(screen.model.thread.as_ref().unwrap().selected, selected);
    assert!(screen.text().contains("↓ 5 new"), "{}", screen.text());
    assert!(
        !screen.actions().iter().any(|e| matches!(e, Effect::Write(Write::MarkSeen { message, .. }) if message.0 > 82))
    );
    screen.keys("G");
    assert!(screen.text().contains("new 4") && screen.text().contains("New messages"), "{}", screen.text());
    store.receive(budi, NOW, "one more");
    screen.store_changed();
    assert!(screen.text().contains("one more") && screen.text().contains("New messages"));
}

#[test]
fn a_reader_at_the_end_follows_what_arrives() {
    let (store, budi, _) = two_conversations();
    add_long_history(&store, budi, 80);
    let mut screen = open_screen(&store);
    screen.keys("enter");
    store.receive(budi, NOW, "seen at once");
    screen.store_changed();
    assert!(screen.text().contains("seen at once"));
    assert_eq!(screen.model.thread.as_ref().unwrap().anchor, Anchor::Bottom);
}

#[test]
fn a_long_conversation_is_read_in_pages_from_end_to_beginning_and_back() {
    let (store, budi, _) = two_conversations();
    add_long_history(&store, budi, 900);
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab");
    let mut last = String::new();
    for _ in 0..900 {
        screen.keys("pgup");
        let now = anchor_line(&screen);
        if now == last {
            break;
        }
        last = now;
    }
    assert!(screen.text().contains("message number 0"), "{}", screen.text());
    assert!(screen.model.thread.as_ref().unwrap().entries.len() <= 700);
    screen.keys("G");
    assert!(screen.text().contains("message number 899") || screen.text().contains("Halo"), "{}", screen.text());
    screen.keys("g");
    assert!(screen.text().contains("message number 0"), "{}", screen.text());
    for _ in 0..2000 {
        screen.keys("pgdn");
    }
    assert!(screen.model.thread.as_ref().unwrap().viewport.at_bottom);
    assert!(!screen.model.thread.as_ref().unwrap().newer);
}

#[test]
fn a_waiting_message_is_sent_now_without_a_question() {
    let (store, budi, _) = two_conversations();
    let message = store.add_sent(budi, minutes_ago(1), Status::Queued, "Sudah?");
    let mut screen = open_screen(&store);
    screen.keys("j enter esc tab R");
    assert!(screen.actions().contains(&Effect::Write(Write::SendNow { message })));
    assert!(screen.text().contains("Is being tried now."), "{}", screen.text());
}

#[test]
fn sending_again_asks_and_warns_of_the_doubt() {
    let (store, budi, _) = two_conversations();
    let message = store.add_sent(budi, minutes_ago(1), Status::Unsure, "Sudah?");
    let mut screen = open_screen(&store);
    screen.keys("j enter esc tab R");
    assert!(screen.text().contains("may already have arrived"), "{}", screen.text());
    screen.keys("n");
    assert!(!screen.actions().contains(&Effect::Write(Write::SendAgain { message })));
    screen.keys("R y");
    assert!(screen.actions().contains(&Effect::Write(Write::SendAgain { message })));
    store.change_message(message, |m| m.status = Status::Delivered);
    screen.store_changed();
    screen.keys("R");
    assert!(screen.text().contains("only a failed, unsure or waiting message"), "{}", screen.text());
}

#[test]
fn links_are_shown_with_their_host_before_they_are_opened() {
    let (store, budi, _) = two_conversations();
    store.add_message(budi, minutes_ago(1), |m| {
        m.kind = Kind::Image;
        m.text = "lihat https://xn--tko-ena.example/a dan javascript:alert(1)".into();
        m.media = Some(Media { url: Some("https://media.example/1.jpg".into()), ..Media::default() });
    });
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab o");
    assert!(screen.text().contains("Open which?") && !screen.text().contains("│ javascript"), "{}", screen.text());
    screen.keys("j enter");
    assert!(screen.text().contains("It leads to xn--tko-ena.example") && screen.text().contains("Careful"));
    assert!(!screen.actions().iter().any(|e| matches!(e, Effect::Terminal(TerminalAction::OpenLink { .. }))));
    screen.keys("enter");
    let opened = screen.actions().into_iter().find_map(|e| match e {
        Effect::Terminal(TerminalAction::OpenLink { url }) => Some(url.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(opened.as_deref(), Some("https://xn--tko-ena.example/a"));
}

#[test]
fn a_host_in_look_alike_letters_is_shown_as_the_network_knows_it() {
    let (store, budi, _) = two_conversations();
    store.receive(budi, minutes_ago(1), "https://аррӏе.com/masuk atau https://toko.example/a");
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab o");
    let listed = screen.text();
    assert!(listed.contains("xn--80ak6aa92e.com ← https://аррӏе.com/masuk"), "{listed}");
    assert!(listed.contains(" https://toko.example/a") && !listed.contains("← https://toko"), "{listed}");
    screen.keys("enter");
    assert!(screen.text().contains("It leads to xn--80ak6aa92e.com (аррӏе.com)"), "{}", screen.text());
}

#[test]
fn copying_cleans_the_text() {
    let (store, budi, _) = two_conversations();
    store.receive(budi, minutes_ago(1), "a\u{1b}]52;c;eA==\u{7}b\nc");
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab y");
    let copied = screen.actions().into_iter().find_map(|e| match e {
        Effect::Terminal(TerminalAction::Copy { text }) => Some(text.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("ab\nc"));
}

#[test]
fn a_late_page_does_not_undo_what_is_newer() {
    let (store, budi, _) = two_conversations();
    let message = store.add_sent(budi, minutes_ago(1), Status::Sent, "Baik");
    let mut screen = open_screen(&store);
    screen.keys("j enter");
    let old = store.contents().messages[&budi].clone();
    store.change_message(message, |m| m.status = Status::Read);
    screen.store_changed();
    let window = loket::domain::MessageRange::Before(MessageKey { at: NOW, id: MessageId(i64::MAX) });
    screen.update(Msg::MessagesRead { conversation: budi, window, limit: 60, messages: Ok(old) });
    assert!(screen.text().contains("✓✓"), "{}", screen.text());
}

#[test]
fn a_key_to_an_end_that_comes_before_the_conversation_is_read_is_not_lost() {
    let (store, budi, _) = two_conversations();
    for n in 0..40 {
        store.receive(budi, minutes_ago(40 - n), &format!("pesan {n}"));
    }
    let mut screen = open_screen(&store);
    let enter = Msg::Key(key("enter"));
    let effects = update(&mut screen.model, enter);
    // Tab and G come over a slow line before the answer does.
    for name in ["backtab", "G"] {
        update(&mut screen.model, Msg::Key(key(name)));
    }
    update(&mut screen.model, Msg::Now(Timestamp(NOW.0 + 1000)));
    for effect in effects {
        if let Some(msg) = answer(&store, effect) {
            screen.update(msg);
        }
    }
    assert!(screen.text().contains("pesan 39"), "{}", screen.text());
    assert!(screen.model.thread.as_ref().unwrap().viewport.at_bottom);
}
