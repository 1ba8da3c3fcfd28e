//! Scenes of palette, finder and search.

use crate::kit::{Fake, minutes_ago};
use loket::domain::window::WindowRule;
use loket::domain::{Channel, ConversationId};
use loket::tui::app::state::Pane;
use loket::tui::effect::Effect;
use loket::tui::effect::TerminalAction;

use super::{long, shop, stage};

#[test]
fn the_palette_does_not_quit_by_its_first_line() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    for place in ["", "enter", "esc tab"] {
        stage.keys(place);
        stage.keys("ctrl-p enter");
        assert!(
            !stage.deeds().iter().any(|e| matches!(
                e,
                Effect::Terminal(TerminalAction::Quit) | Effect::Terminal(TerminalAction::Suspend)
            )),
            "after {place}"
        );
        stage.keys("esc esc");
    }
}

#[test]
fn the_palette_finds_a_command_and_says_why_it_cannot_be_used() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("ctrl-p 'send ag'");
    assert_eq!(stage.model.overlays.len(), 1);
    stage.keys("esc enter esc tab ctrl-p 'again'");
    assert!(stage.text().contains("only a failed or unsure"), "{}", stage.text());
    stage.keys("esc ctrl-p 'unread only' enter");
    // From the conversation the list's own commands are not offered.
    assert!(!stage.model.conversations.filter.unread);
}

#[test]
fn the_finder_goes_to_a_conversation_that_is_not_loaded() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=300 {
        let id = fake.conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        fake.set(id, |c| c.last_at = minutes_ago(n));
    }
    let mut stage = stage(&fake);
    stage.keys("ctrl-g 'customer 299' enter");
    assert_eq!(stage.model.open_id(), Some(ConversationId(299)));
    assert_eq!(stage.model.focus, Pane::Composer);
}

#[test]
fn search_opens_at_the_message() {
    let (fake, _, ayu) = shop();
    long(&fake, ayu, 400);
    let mut stage = stage(&fake);
    stage.keys("ctrl-f 'number 17 w' enter");
    assert_eq!(stage.model.open_id(), Some(ayu));
    assert!(stage.text().contains("message number 17 "), "{}", stage.text());
    let thread = stage.model.thread.as_ref().unwrap();
    assert!(thread.selected_message().unwrap().text.starts_with("message number 17 "));
    assert!(thread.newer);
}
