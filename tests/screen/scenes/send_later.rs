//! Sending later: what is typed is understood and shown before it counts, waits in the thread, and can be taken back.

use super::{open_screen, sent_texts, two_conversations};
use crate::kit::{NOW, TestScreen, carries_everything, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, ConversationState, MessageId, SendOptions, Status, Timestamp, WindowRule};
use loket::tui::{Effect, Msg, Overlay, Write};

const HOUR: i64 = 3_600_000;

/// Tomorrow at 8 o'clock, which is in 22 hours.
const TOMORROW: Timestamp = Timestamp(NOW.0 + 22 * HOUR);

fn times(effects: &[Effect]) -> Vec<Timestamp> {
    let at = |effect: &Effect| match effect {
        Effect::Write(
            Write::Send { options: SendOptions { at, .. }, .. } | Write::SendTo { options: SendOptions { at, .. }, .. },
        ) => *at,
        _ => None,
    };
    effects.iter().filter_map(at).collect()
}

#[test]
fn a_draft_waits_for_the_time_that_was_typed() {
    for (locale, typed, word, notice) in [
        (Locale::En, "tomorrow 8:00", "tomorrow 08:00", "Goes out tomorrow 08:00"),
        (Locale::Id, "besok 8:00", "besok 08:00", "Akan dikirim besok 08:00"),
    ] {
        let (store, budi, _) = two_conversations();
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.keys("enter 'Sudah kami kirim ya' ctrl-x w");
        let draft = |effect: &Effect| matches!(effect, Effect::Write(Write::SaveDraft { text, .. }) if text == "Sudah kami kirim ya");
        assert!(screen.actions().iter().any(draft), "the draft is saved before it is asked when");
        screen.keys(&format!("'{typed}'"));
        let meant = if locale == Locale::En { "Tomorrow at 08:00" } else { "Besok pukul 08:00" };
        assert!(screen.text().contains(meant), "{}", screen.text());
        screen.keys("enter");
        let effects = screen.actions();
        assert_eq!(times(&effects), [TOMORROW]);
        assert_eq!(sent_texts(&effects), ["Sudah kami kirim ya"]);
        let text = screen.text();
        assert!(text.contains(&format!("◷ {word}")), "{text}");
        assert!(text.contains(notice), "{text}");
        assert!(screen.model.composer.editor.is_empty());
        // Its row in the list says so too, and the customer still waits.
        let row = text.lines().find(|line| line.contains("W Budi")).unwrap();
        assert!(row.contains('◷'), "{row}");
        assert!(store.contents().conversations[&budi].waiting_since.is_some());
        screen.keys("esc backtab backtab d");
        assert!(screen.text().contains("2026-08-23T01:00:00Z"), "{}", screen.text());
    }
}

#[test]
fn a_ready_time_is_chosen_with_the_arrows() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'Halo' ctrl-x w enter");
    assert_eq!(times(&screen.actions()), [Timestamp(NOW.0 + HOUR)]);
    screen.keys("'Lagi' ctrl-x w down down enter");
    assert_eq!(times(&screen.actions()), [TOMORROW]);
    screen.keys("'Senin' ctrl-x w down down down");
    assert!(screen.text().contains("Mon, 24 Aug at 08:00"), "{}", screen.text());
    screen.keys("enter");
    assert_eq!(times(&screen.actions()), [Timestamp(TOMORROW.0 + 24 * HOUR)]);
}

#[test]
fn what_is_no_time_or_has_passed_sends_nothing() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'Halo' ctrl-x w");
    screen.actions();
    for (typed, said) in [("nanti", "Write 30m"), ("2020-01-01 08:00", "has passed"), ("reply", "Write 30m")] {
        screen.keys(&format!("ctrl-u '{typed}' enter"));
        assert!(matches!(screen.model.overlays.last(), Some(Overlay::SendLater(_))), "{typed}");
        assert!(screen.text().contains(said), "{}", screen.text());
    }
    assert_eq!(times(&screen.actions()), []);
    // Nothing typed is lost by leaving.
    screen.keys("esc");
    assert_eq!(screen.model.composer.editor.text(), "Halo");
    screen.keys("ctrl-u ctrl-x w");
    assert!(screen.model.overlays.is_empty(), "an empty draft has nothing to send");
    assert!(screen.text().contains("there is nothing to send yet"), "{}", screen.text());
}

#[test]
fn a_time_at_which_the_window_is_closed_is_refused_and_says_until_when() {
    for (locale, said) in [(Locale::En, "open until 20:00 only"), (Locale::Id, "dibalas sampai 20:00")] {
        let (store, ..) = two_conversations();
        let citra = store.add_conversation(3, "Citra", "resmi", Channel::WhatsApp);
        store.receive(citra, minutes_ago(60 * 14), "Kak?");
        store.change_account("resmi", |account| account.capabilities.window = WindowRule::Day);
        store.change_conversation(citra, |c| c.window_until = Some(Timestamp(NOW.0 + 10 * HOUR)));
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.keys("/ 'citra' enter 'Sebentar ya' ctrl-x w '11h' enter");
        assert_eq!(times(&screen.actions()), []);
        assert!(screen.text().contains(said), "{}", screen.text());
        screen.keys("ctrl-u '9h' enter");
        assert_eq!(times(&screen.actions()), [Timestamp(NOW.0 + 9 * HOUR)]);
    }
}

#[test]
fn what_is_taken_back_is_in_the_composer_again() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'Besok kami kirim' ctrl-x w enter");
    screen.actions();
    screen.keys("'PS' up backtab x");
    let message = MessageId(3);
    assert!(screen.actions().contains(&Effect::Write(Write::Cancel { message, scheduled: true })));
    assert_eq!(screen.model.composer.editor.text(), "Besok kami kirim\nPS");
    assert!(screen.text().contains("Taken back"), "{}", screen.text());
    assert_eq!(store.contents().drafts[&budi], "Besok kami kirim\nPS");
    assert!(!screen.text().lines().find(|line| line.contains("W Budi")).unwrap().contains('◷'));
    // It stands nowhere else, so it cannot be sent twice; what was selected is a message that is there.
    assert!(!screen.text().contains('✗'), "{}", screen.text());
    let thread = screen.model.thread.as_ref().unwrap();
    assert!(thread.entries.iter().all(|entry| entry.message.id != message));
    assert!(thread.selected_message().is_some());
    // The line with the agent's name is no part of what was written.
    let message = store.schedule(budi, TOMORROW, "*Sari*\nHalo");
    screen.keys("esc");
    screen.store_changed();
    screen.keys("backtab backtab x");
    let actions = screen.actions();
    assert!(
        actions.contains(&Effect::Write(Write::Cancel { message, scheduled: true })),
        "{actions:?} {}",
        screen.text()
    );
    assert!(screen.model.composer.editor.text().starts_with("Halo\nBesok"), "{}", screen.model.composer.editor.text());
}

#[test]
fn what_is_taken_back_after_its_conversation_was_left_is_its_draft() {
    let (store, budi, ayu) = two_conversations();
    store.schedule(budi, TOMORROW, "Besok ya");
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab");
    screen.slow_writes = true;
    screen.keys("x esc down enter");
    assert_eq!(screen.model.open_id(), Some(ayu));
    screen.finish_writes();
    assert_eq!(store.contents().drafts[&budi], "Besok ya");
    assert!(screen.model.composer.editor.is_empty());
}

#[test]
fn what_is_taken_back_while_its_conversation_is_read_again_is_there_once() {
    for draft in ["", "PS"] {
        let (store, budi, _) = two_conversations();
        store.schedule(budi, TOMORROW, "Besok ya");
        store.contents().drafts.insert(budi, draft.to_owned());
        let mut screen = open_screen(&store);
        screen.keys("enter esc tab");
        screen.slow_writes = true;
        // Left and opened again before the answer is there; the draft in the store has the text by then, or gets it.
        screen.keys("x esc down enter esc up enter");
        screen.finish_writes();
        let both = if draft.is_empty() { "Besok ya".to_owned() } else { "Besok ya\nPS".to_owned() };
        assert_eq!(screen.model.composer.editor.text(), both);
        assert_eq!(store.contents().drafts[&budi], both);
    }
}

#[test]
fn what_another_screen_takes_back_is_gone_here_too() {
    let (store, budi, _) = two_conversations();
    let message = store.schedule(budi, TOMORROW, "Besok ya");
    let mut screen = open_screen(&store);
    screen.keys("enter esc");
    assert!(screen.text().contains("Besok ya"), "{}", screen.text());
    store.delete_message(message);
    store.change_conversation(budi, |c| c.scheduled_at = None);
    screen.store_changed();
    assert!(!screen.text().contains("Besok ya"), "{}", screen.text());
}

#[test]
fn a_form_is_sent_later_too() {
    let (store, ..) = two_conversations();
    carries_everything(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-o 'https://toko.example/a.jpg' enter");
    screen.keys("ctrl-x w");
    assert!(matches!(screen.model.overlays.last(), Some(Overlay::SendLater(_))), "{}", screen.text());
    screen.keys("'2h' enter");
    assert_eq!(times(&screen.actions()), [Timestamp(NOW.0 + 2 * HOUR)]);
    assert!(screen.model.overlays.is_empty(), "{}", screen.text());
    // What is not filled in is asked for first.
    screen.keys("ctrl-x p ctrl-x w");
    assert!(matches!(screen.model.overlays.last(), Some(Overlay::MessageForm(_))), "{}", screen.text());
}

#[test]
fn a_waiting_message_hides_no_arrival() {
    let (store, budi, _) = two_conversations();
    store.schedule(budi, TOMORROW, "Besok ya");
    let mut screen = open_screen(&store);
    screen.keys("enter");
    let later = store.receive(budi, NOW, "Kak, jadi?");
    screen.store_changed();
    let text = screen.text();
    let lines: Vec<&str> = text.lines().collect();
    let at = |part: &str| lines.iter().rposition(|line| line.contains(part)).unwrap();
    assert!(at("Kak, jadi?") < at("Besok ya"), "{text}");
    assert!(text.contains("Tomorrow"), "{text}");
    // It came after the waiting message was written, and is seen all the same.
    let seen = |effect: &Effect| matches!(effect, Effect::Write(Write::MarkSeen { message, .. }) if *message >= later);
    assert!(screen.actions().iter().any(seen));
}

#[test]
fn the_same_line_puts_a_conversation_off() {
    for (typed, until) in [
        ("'2h'", Some(Timestamp(NOW.0 + 2 * HOUR))),
        ("'besok 08:00'", Some(TOMORROW)),
        ("'reply'", None),
        ("down down down", None),
    ] {
        let (store, budi, _) = two_conversations();
        let mut screen = open_screen(&store);
        screen.keys(&format!("z {typed} enter"));
        let put_off = |effect: &Effect| match effect {
            Effect::Write(Write::SetState { conversation, state: ConversationState::Snoozed, until }) => {
                (*conversation == budi).then_some(*until)
            }
            _ => None,
        };
        let found: Vec<_> = screen.actions().iter().filter_map(put_off).collect();
        // A moment passes between the letter and what is typed.
        let expected = |at: &Option<Timestamp>| at.map(|at| Timestamp(at.0 / 1000 * 1000));
        assert_eq!(found.iter().map(expected).collect::<Vec<_>>(), [until], "{typed}");
    }
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("z");
    screen.update(Msg::Paste("kapan-kapan".into()));
    screen.keys("enter");
    assert!(screen.text().contains("Write 30m"), "{}", screen.text());
    assert_eq!(screen.actions(), []);
}

#[test]
fn a_message_whose_time_has_come_looks_like_any_other() {
    let (store, budi, _) = two_conversations();
    let message = store.schedule(budi, Timestamp(NOW.0 + HOUR), "Halo Kak");
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert!(screen.text().contains("◷ 11:00"), "{}", screen.text());
    screen.advance(3600);
    store.change_message(message, |m| (m.scheduled_at, m.status) = (None, Status::Sent));
    store.change_conversation(budi, |c| c.scheduled_at = None);
    screen.store_changed();
    assert!(!screen.text().contains('◷'), "{}", screen.text());
    assert!(screen.text().contains("11:00 ✓"), "{}", screen.text());
}
