//! Scenes of calling the person when a customer writes and nobody looks.
use loket::config::{Hours, Locale, NotifyHow};
use loket::domain::Channel;
use loket::tui::{Effect, Msg, TerminalAction};

use super::{open_screen, two_conversations};
use crate::kit::{NOW, TestScreen};

/// The calls since the last look: the way and the words of each.
fn calls(screen: &mut TestScreen) -> Vec<(NotifyHow, String)> {
    let call = |effect| match effect {
        Effect::Terminal(TerminalAction::Notify { how, text }) => Some((how, text.to_string())),
        _ => None,
    };
    std::mem::take(&mut screen.effects).into_iter().filter_map(call).collect()
}

fn away() -> (crate::kit::FakeStore, loket::domain::ConversationId, loket::domain::ConversationId, TestScreen) {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.update(Msg::Focused(false));
    (store, budi, ayu, screen)
}

#[test]
fn several_messages_within_a_second_call_once_and_name_who_wrote() {
    let (store, budi, ayu, mut screen) = away();
    for conversation in [budi, ayu, budi] {
        store.receive(conversation, NOW, "Kak?");
        screen.store_changed();
    }
    assert_eq!(calls(&mut screen), []);
    screen.advance(1);
    assert_eq!(calls(&mut screen), [(NotifyHow::Auto, "Budi and 1 more write".to_owned())]);
    screen.advance(60);
    assert_eq!(calls(&mut screen), []);
    assert!(screen.model.deadline().is_none_or(|at| at > screen.model.now), "nothing ticks");
}

#[test]
fn the_text_is_told_only_where_it_is_asked_for_and_cannot_steer_a_terminal() {
    let (store, budi, _, mut screen) = away();
    store.receive(budi, NOW, "rahasia\u{1b}]0;x\u{7}");
    screen.store_changed();
    screen.advance(1);
    assert_eq!(calls(&mut screen), [(NotifyHow::Auto, "Budi writes".to_owned())]);
    screen.model.settings.notify.text = true;
    store.receive(budi, NOW, "lagi\u{1b}]0;x\u{7}");
    screen.store_changed();
    screen.advance(1);
    let [(_, text)] = &calls(&mut screen)[..] else { panic!("no call") };
    assert!(text.starts_with("Budi: lagi") && !text.contains(char::is_control), "{text:?}");
}

#[test]
fn what_is_looked_at_does_not_call_and_another_conversation_does() {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert_eq!(screen.model.open_id(), Some(budi));
    store.receive(budi, NOW, "Kak?");
    screen.store_changed();
    screen.advance(2);
    assert_eq!(calls(&mut screen), []);
    store.receive(ayu, NOW, "Kak?");
    screen.store_changed();
    screen.advance(2);
    assert_eq!(calls(&mut screen).len(), 1);
    // The list alone is looked at too, once the terminal has shown that it says where the focus is.
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.update(Msg::Focused(false));
    screen.update(Msg::Focused(true));
    store.receive(budi, NOW, "Kak?");
    screen.store_changed();
    screen.advance(2);
    assert_eq!(calls(&mut screen), []);
}

#[test]
fn coming_back_within_the_second_takes_the_call_back() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter");
    screen.update(Msg::Focused(false));
    store.receive(budi, NOW, "Kak?");
    screen.store_changed();
    screen.update(Msg::Focused(true));
    screen.advance(2);
    assert_eq!(calls(&mut screen), []);
}

#[test]
fn quiet_hours_and_off_call_nobody_and_own_messages_never_do() {
    let (store, budi, ayu, mut screen) = away();
    let now = jiff::Timestamp::from_millisecond(NOW.millis()).unwrap().to_zoned(screen.model.zone.clone());
    let hour = |hour: i8| jiff::civil::Time::constant(hour, 0, 0, 0);
    let (from, to) = (now.hour(), (now.hour() + 1) % 24);
    screen.model.settings.notify.quiet = Some(Hours { from: hour(from), to: hour(to) });
    store.receive(budi, NOW, "Kak?");
    screen.store_changed();
    screen.advance(2);
    assert_eq!(calls(&mut screen), []);
    screen.model.settings.notify.quiet = None;
    screen.model.settings.notify.how = NotifyHow::Off;
    store.receive(ayu, NOW, "Kak?");
    screen.store_changed();
    screen.advance(2);
    screen.model.settings.notify.how = NotifyHow::Bell;
    store.change_conversation(ayu, |c| c.labels.push("vip".to_owned()));
    screen.store_changed();
    screen.advance(2);
    assert_eq!(calls(&mut screen), [], "a label is no message");
}

#[test]
fn a_test_calls_at_once_from_the_palette() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("ctrl-p 'test notif' enter");
    assert_eq!(calls(&mut screen).len(), 1);
    screen.model.settings.notify.how = NotifyHow::Off;
    screen.keys("ctrl-p 'test notif' enter");
    assert_eq!(calls(&mut screen), []);
    assert!(screen.text().contains("Notifications are off"));
}

#[test]
fn without_utf8_the_whole_screen_is_ascii_in_both_languages() {
    for locale in Locale::ALL {
        let (store, budi, _) = two_conversations();
        let cs = store.add_conversation(3, "Café 💕 字", "toko", Channel::Instagram);
        store.receive(cs, NOW, "“Halo”… 😢 – ya");
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.model.theme = loket::tui::Theme::new(true, false);
        for keys in ["", "enter", "ctrl-x", "esc f1", "esc ctrl-p 'a'", "esc esc esc"] {
            screen.keys(keys);
            assert!(screen.text().is_ascii(), "{keys}: {}", screen.text());
        }
        let _ = budi;
    }
}
