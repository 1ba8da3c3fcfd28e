//! Scenes of palette, finder and search.
use super::{add_long_history, open_screen, two_conversations};
use crate::kit::{FakeStore, minutes_ago};
use loket::domain::{Channel, ConversationId, WindowRule};
use loket::tui::{Effect, Pane, TerminalAction};

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
    assert!(screen.text().contains("only a failed or unsure"), "{}", screen.text());
    screen.keys("esc ctrl-p 'unread only' enter");
    // From the conversation the list's own commands are not offered.
    assert!(!screen.model.conversations.filter.unread);
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
