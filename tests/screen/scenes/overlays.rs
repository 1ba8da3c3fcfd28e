//! Scenes of palette, finder and search.
use super::{add_long_history, open_screen, two_conversations};
use crate::kit::{FakeStore, TestScreen, carries_everything, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, ConversationId, WindowRule};
use loket::tui::{Clipboard, Effect, Msg, Pane, TerminalAction};

#[test]
fn the_palette_does_not_quit_by_its_first_line() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    for place in ["", "enter", "esc tab"] {
        screen.keys(place);
        screen.keys("ctrl-p enter");
        assert!(
            !screen
                .actions()
                .iter()
                .any(|e| matches!(e, Effect::Terminal(TerminalAction::Quit | TerminalAction::Suspend))),
            "after {place}"
        );
        screen.keys("esc esc");
    }
}

#[test]
fn the_palette_finds_a_command_and_says_why_it_cannot_be_used() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("ctrl-p 'send ag'");
    assert_eq!(screen.model.overlays.len(), 1);
    screen.keys("esc enter esc tab ctrl-p 'again'");
    assert!(screen.text().contains("only a failed, unsure"), "{}", screen.text());
    screen.keys("esc ctrl-p 'unread only' enter");
    // From the conversation the list's own commands are found too.
    assert!(screen.model.conversations.filter.unread);
    assert_eq!(screen.model.focus, Pane::List);
}

#[test]
fn the_finder_goes_to_a_conversation_that_is_not_loaded() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=300 {
        let id = store.add_conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        store.change_conversation(id, |c| c.last_at = minutes_ago(n));
    }
    let mut screen = open_screen(&store);
    screen.keys("ctrl-g 'customer 299' enter");
    assert_eq!(screen.model.open_id(), Some(ConversationId(299)));
    assert_eq!(screen.model.focus, Pane::Composer);
}

#[test]
fn search_opens_at_the_message() {
    let (store, _, ayu) = two_conversations();
    add_long_history(&store, ayu, 400);
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'number 17 w' enter");
    assert_eq!(screen.model.open_id(), Some(ayu));
    assert!(screen.text().contains("message number 17 "), "{}", screen.text());
    let thread = screen.model.thread.as_ref().unwrap();
    assert!(thread.selected_message().unwrap().text.starts_with("message number 17 "));
    assert!(thread.newer);
}

#[test]
fn a_search_says_that_texts_are_not_indexed_yet() {
    for (locale, text) in [(Locale::En, "Still indexing older messages, 1234 left"), (Locale::Id, "tinggal 1234")] {
        let (store, ..) = two_conversations();
        store.contents().unindexed = 1234;
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.keys("ctrl-f 'nothing like it'");
        assert!(screen.text().contains(text), "{}", screen.text());
        store.contents().unindexed = 0;
        screen.keys("'!'");
        assert!(!screen.text().contains("1234"), "{}", screen.text());
    }
}

#[test]
fn a_number_is_found_as_it_is_shown_and_as_it_is_dialled() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=300 {
        let id = store.add_conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        store.change_conversation(id, |c| {
            c.peer = format!("62812000{n:05}");
            c.last_order = minutes_ago(n);
        });
    }
    for (number, found) in [
        ("0812-0000-0299", 299),
        ("+62 812 0000 0299", 299),
        ("08120000029", 290),
        ("0000 0299", 299),
        ("081200000007", 7),
    ] {
        let mut screen = open_screen(&store);
        screen.keys(&format!("ctrl-g '{number}' enter"));
        assert_eq!(screen.model.open_id(), Some(ConversationId(found)), "{number}");
        let mut screen = open_screen(&store);
        screen.keys(&format!("/ '{number}' enter"));
        assert_eq!(screen.model.open_id(), Some(ConversationId(found)), "{number}");
    }
}

#[test]
fn the_palette_finds_every_command_over_an_overlay_too() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x f 'https://x.example' enter ctrl-p 'next fi'");
    assert!(screen.text().contains("Goes to the next field"), "{}", screen.text());
    // It runs in what lies under the palette, which keeps what was typed.
    screen.keys("enter");
    assert!(screen.text().contains("https://x.example"), "{}", screen.text());
    assert_eq!(screen.model.overlays.len(), 1);
    screen.keys("ctrl-p esc");
    assert!(screen.text().contains("https://x.example"), "{}", screen.text());
    screen.keys("ctrl-p 'search' enter");
    assert!(format!("{:?}", screen.model.overlays).starts_with("[Search"), "{:?}", screen.model.overlays);
}

#[test]
fn a_copy_is_said_to_be_one_only_where_something_confirmed_it() {
    for (locale, unsure) in [(Locale::En, "cannot be known"), (Locale::Id, "tidak bisa dipastikan")] {
        let (store, ..) = two_conversations();
        let mut screen = TestScreen::new(store.clone(), locale, (80, 24));
        screen.keys("enter esc tab y");
        let copied =
            |e: &Effect| matches!(e, Effect::Terminal(TerminalAction::Copy { text }) if text.as_str() == "Halo");
        assert!(screen.actions().iter().any(copied));
        for (clipboard, sentence) in [
            (Clipboard::Sent, unsure),
            (Clipboard::TmuxAlone, "tmux set -s set-clipboard on"),
            (Clipboard::Refused, "set-clipboard on"),
            (Clipboard::Tmux, "tmux"),
        ] {
            screen.update(Msg::Copied { cut: false, clipboard });
            assert!(screen.text().contains(sentence), "{clipboard:?}: {}", screen.text());
        }
    }
}

#[test]
fn the_actions_popup_cuts_no_name_on_a_narrow_screen() {
    for locale in [Locale::En, Locale::Id] {
        let (store, ..) = two_conversations();
        carries_everything(&store);
        let mut screen = TestScreen::new(store, locale, (40, 12));
        screen.keys("enter 'Halo' ctrl-x");
        let text = screen.text();
        let inside: Vec<&str> = text.lines().filter(|line| line.starts_with(" │")).collect();
        assert!(inside.len() > 5, "{text}");
        // A name ends with an ellipsis of its own where it opens something: that stands by itself.
        let is_cut = |line: &&str| line.replace(" …", "").contains('…');
        let cut = inside.iter().any(is_cut);
        assert!(!cut, "{text}");
    }
}
