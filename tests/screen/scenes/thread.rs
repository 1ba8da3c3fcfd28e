//! Scenes of the conversation.

use crate::kit::{NOW, minutes_ago};
use loket::domain::message::MessageKey;
use loket::domain::{Kind, Media, MessageId, Status};
use loket::tui::Msg;
use loket::tui::effect::Effect;
use loket::tui::effect::{TerminalAction, Write};
use loket::tui::thread::state::Anchor;

use super::{anchor_line, long, shop, stage};

#[test]
fn a_terminal_without_focus_marks_nothing_until_it_is_looked_at() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter");
    stage.deeds();
    stage.hear(Msg::Focused(false));
    fake.hears(budi, NOW, "Masih di sana?");
    stage.wake();
    assert_eq!(stage.deeds(), []);
    stage.hear(Msg::Focused(true));
    assert!(matches!(stage.deeds()[..], [Effect::Write(Write::MarkSeen { conversation, .. })] if conversation == budi));
}

#[test]
fn a_key_tells_that_the_terminal_has_the_focus() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.hear(Msg::Focused(false));
    stage.keys("enter");
    assert!(matches!(stage.deeds()[..], [Effect::Write(Write::MarkSeen { conversation, .. })] if conversation == budi));
}

#[test]
fn a_message_that_comes_while_the_reader_is_in_the_list_stays_unread() {
    let (fake, budi, _) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter esc");
    stage.deeds();
    fake.hears(budi, NOW, "Masih di sana?");
    stage.wake();
    assert_eq!(stage.deeds(), []);
    assert!(stage.text().contains("Masih di sana?"));
    stage.keys("tab");
    assert!(matches!(stage.deeds()[..], [Effect::Write(Write::MarkSeen { .. })]));
}

#[test]
fn an_arrival_never_moves_what_is_read_and_the_divider_stays() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 80);
    let mut stage = stage(&fake);
    stage.keys("enter esc tab pgup pgup");
    let before = anchor_line(&stage);
    let selected = stage.model.thread.as_ref().unwrap().selected;
    for n in 0..5 {
        fake.hears(budi, NOW, &format!("new {n}"));
        stage.wake();
        assert_eq!(anchor_line(&stage), before);
    }
    assert_eq!(stage.model.thread.as_ref().unwrap().selected, selected);
    assert!(stage.text().contains("↓ 5 new"), "{}", stage.text());
    assert!(
        !stage.deeds().iter().any(|e| matches!(e, Effect::Write(Write::MarkSeen { message, .. }) if message.0 > 82))
    );
    stage.keys("G");
    assert!(stage.text().contains("new 4") && stage.text().contains("New messages"), "{}", stage.text());
    fake.hears(budi, NOW, "one more");
    stage.wake();
    assert!(stage.text().contains("one more") && stage.text().contains("New messages"));
}

#[test]
fn a_reader_at_the_end_follows_what_arrives() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 80);
    let mut stage = stage(&fake);
    stage.keys("enter");
    fake.hears(budi, NOW, "seen at once");
    stage.wake();
    assert!(stage.text().contains("seen at once"));
    assert_eq!(stage.model.thread.as_ref().unwrap().anchor, Anchor::Bottom);
}

#[test]
fn a_long_conversation_is_read_in_pages_from_end_to_beginning_and_back() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 900);
    let mut stage = stage(&fake);
    stage.keys("enter esc tab");
    let mut last = String::new();
    for _ in 0..900 {
        stage.keys("pgup");
        let now = anchor_line(&stage);
        if now == last {
            break;
        }
        last = now;
    }
    assert!(stage.text().contains("message number 0"), "{}", stage.text());
    assert!(stage.model.thread.as_ref().unwrap().entries.len() <= 700);
    stage.keys("G");
    assert!(stage.text().contains("message number 899") || stage.text().contains("Halo"), "{}", stage.text());
    stage.keys("g");
    assert!(stage.text().contains("message number 0"), "{}", stage.text());
    for _ in 0..2000 {
        stage.keys("pgdn");
    }
    assert!(stage.model.thread.as_ref().unwrap().viewport.at_bottom);
    assert!(!stage.model.thread.as_ref().unwrap().newer);
}

#[test]
fn sending_again_asks_and_tells_of_the_doubt() {
    let (fake, budi, _) = shop();
    let message = fake.wrote(budi, minutes_ago(1), Status::Unsure, "Sudah?");
    let mut stage = stage(&fake);
    stage.keys("enter esc tab R");
    assert!(stage.text().contains("may already have arrived"), "{}", stage.text());
    stage.keys("n");
    assert!(!stage.deeds().contains(&Effect::Write(Write::SendAgain { message })));
    stage.keys("R y");
    assert!(stage.deeds().contains(&Effect::Write(Write::SendAgain { message })));
    fake.changes(message, |m| m.status = Status::Delivered);
    stage.wake();
    stage.keys("R");
    assert!(stage.text().contains("only a failed or unsure message"), "{}", stage.text());
}

#[test]
fn links_are_shown_with_their_host_before_they_are_opened() {
    let (fake, budi, _) = shop();
    fake.adds(budi, minutes_ago(1), |m| {
        m.kind = Kind::Image;
        m.text = "lihat https://xn--tko-ena.example/a dan javascript:alert(1)".into();
        m.media = Some(Media { url: Some("https://media.example/1.jpg".into()), ..Media::default() });
    });
    let mut stage = stage(&fake);
    stage.keys("enter esc tab o");
    assert!(stage.text().contains("Open which?") && !stage.text().contains("│ javascript"), "{}", stage.text());
    stage.keys("j enter");
    assert!(stage.text().contains("It leads to xn--tko-ena.example") && stage.text().contains("Careful"));
    assert!(!stage.deeds().iter().any(|e| matches!(e, Effect::Terminal(TerminalAction::OpenLink { .. }))));
    stage.keys("enter");
    let opened = stage.deeds().into_iter().find_map(|e| match e {
        Effect::Terminal(TerminalAction::OpenLink { url }) => Some(url.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(opened.as_deref(), Some("https://xn--tko-ena.example/a"));
}

#[test]
fn copying_cleans_the_text() {
    let (fake, budi, _) = shop();
    fake.hears(budi, minutes_ago(1), "a\u{1b}]52;c;eA==\u{7}b\nc");
    let mut stage = stage(&fake);
    stage.keys("enter esc tab y");
    let copied = stage.deeds().into_iter().find_map(|e| match e {
        Effect::Terminal(TerminalAction::Copy { text }) => Some(text.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("ab\nc"));
}

#[test]
fn a_late_page_does_not_undo_what_is_newer() {
    let (fake, budi, _) = shop();
    let message = fake.wrote(budi, minutes_ago(1), Status::Sent, "Baik");
    let mut stage = stage(&fake);
    stage.keys("enter");
    let old = fake.world().messages[&budi].clone();
    fake.changes(message, |m| m.status = Status::Read);
    stage.wake();
    let window = loket::tui::effect::Window::Before(MessageKey { at: NOW, id: MessageId(i64::MAX) });
    stage.hear(Msg::MessagesRead { conversation: budi, window, limit: 60, messages: Ok(old) });
    assert!(stage.text().contains("✓✓"), "{}", stage.text());
}
