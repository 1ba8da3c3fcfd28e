//! Scenes of keys: sequences, the actions popup, one's own key map.
use super::{open_screen, two_conversations};
use crate::kit::TestScreen;
use loket::domain::{ConversationId, ConversationState};
use loket::tui::{Effect, Keymap, Overlay, Pane, TerminalAction, Write};

fn state_writes(screen: &mut TestScreen) -> Vec<(ConversationId, ConversationState)> {
    let state = |effect| match effect {
        Effect::Write(Write::SetState { conversation, state, .. }) => Some((conversation, state)),
        _ => None,
    };
    screen.actions().into_iter().filter_map(state).collect()
}

fn is_waiting_for_keys(screen: &TestScreen) -> bool {
    matches!(screen.model.overlays.last(), Some(Overlay::PendingKeys(_)))
}

#[test]
fn actions_are_reached_from_every_pane() {
    for place in ["", "enter", "enter esc tab", "enter 'a draft'"] {
        let (store, budi, _) = two_conversations();
        let mut screen = open_screen(&store);
        screen.keys(place);
        screen.actions();
        screen.keys("ctrl-x");
        assert!(is_waiting_for_keys(&screen), "{place}");
        assert!(screen.text().contains("Actions: Budi") && screen.text().contains("r resolve"), "{}", screen.text());
        assert_eq!(screen.actions(), [], "the popup alone changes nothing");
        screen.keys("r");
        assert!(screen.model.overlays.is_empty());
        assert_eq!(state_writes(&mut screen), [(budi, ConversationState::Resolved)], "{place}");
    }
}

#[test]
fn a_key_that_cannot_follow_closes_the_popup_and_does_nothing() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'draft' ctrl-x %");
    assert!(screen.model.overlays.is_empty());
    assert!(screen.text().contains("Ctrl+X % does nothing here."), "{}", screen.text());
    assert_eq!(screen.model.composer.editor.text(), "draft");
    screen.keys("ctrl-x esc");
    assert!(screen.model.overlays.is_empty());
    assert_eq!(screen.model.focus, Pane::Composer, "Esc closes the popup and nothing else");
}

#[test]
fn the_popup_says_why_an_action_cannot_be_used() {
    let (store, ..) = two_conversations();
    store.change_account("toko", |account| account.capabilities.location = false);
    let mut screen = open_screen(&store);
    screen.keys("ctrl-x");
    assert!(screen.text().contains("p place: this account cannot send places"), "{}", screen.text());
    screen.keys("p");
    assert!(screen.text().contains("this account cannot send places"), "{}", screen.text());
    assert_eq!(screen.model.open_id(), None);
}

#[test]
fn an_action_on_the_chosen_conversation_opens_it_first() {
    let (store, budi, ayu) = two_conversations();
    for (key, expected) in [("t", "Template"), ("f", "MessageForm"), ("p", "MessageForm"), ("d", "Details")] {
        let mut screen = open_screen(&store);
        screen.keys(&format!("j ctrl-x {key}"));
        assert_eq!(screen.model.open_id(), Some(ayu), "{key}");
        let front = format!("{:?}", screen.model.overlays.last().unwrap());
        assert!(front.starts_with(expected), "{key}: {front}");
    }
    let mut screen = open_screen(&store);
    screen.keys("ctrl-x e");
    assert_eq!(screen.model.open_id(), Some(budi));
    assert!(screen.actions().iter().any(|e| matches!(e, Effect::Terminal(TerminalAction::Edit { .. }))));
}

#[test]
fn keys_typed_while_the_conversation_is_opened_for_an_action_go_to_the_action() {
    let (store, _, _) = two_conversations();
    let mut screen = open_screen(&store);
    let mut effects = Vec::new();
    for key in ["ctrl-x", "p", "-", "6"] {
        effects.extend(loket::tui::update(&mut screen.model, loket::tui::Msg::Key(crate::kit::key(key))));
    }
    for effect in effects {
        if let Some(msg) = crate::kit::answer(&store, effect) {
            screen.update(msg);
        }
    }
    assert!(screen.text().contains("-6"), "{}", screen.text());
    assert_eq!(screen.model.composer.editor.text(), "");
}

#[test]
fn alt_and_a_letter_is_heard_as_esc_and_the_letter() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    // Esc, then `e`, as tmux and SSH deliver them: from the composer back to the list, then resolve.
    screen.keys("enter");
    screen.actions();
    screen.keys("alt-e");
    assert_eq!(screen.model.focus, Pane::List);
    assert_eq!(state_writes(&mut screen), [(budi, ConversationState::Resolved)]);
    // In an overlay as well: it closes, and the letter goes to what was under it.
    let mut screen = open_screen(&store);
    screen.keys("ctrl-p alt-u");
    assert!(screen.model.overlays.is_empty() && screen.model.conversations.filter.unread);
    // What edits text stays readline's.
    let mut screen = open_screen(&store);
    screen.keys("enter 'one two' alt-b 'X'");
    assert_eq!(screen.model.composer.editor.text(), "one Xtwo");
    screen.keys("alt-d");
    assert_eq!(screen.model.composer.editor.text(), "one X");
}

#[test]
fn ones_own_key_map_binds_and_unbinds_everywhere() {
    let (store, budi, _) = two_conversations();
    let own = "[anywhere]\nresolve = [\"f8\"]\n[list]\nresolve = []\nsearch = [\"g s\"]\ntop = false\n\
               [overlay]\nquit = [\"ctrl-d\"]\n[composer]\nhelp = [\"f9\"]";
    let mut screen = open_screen(&store);
    screen.model.keymap = Keymap::with_own(own).unwrap();
    screen.keys("e");
    assert_eq!(state_writes(&mut screen), []);
    // What replaced Ctrl+X R took its place.
    screen.keys("ctrl-x r");
    assert!(screen.text().contains("Ctrl+X r does nothing here."), "{}", screen.text());
    screen.keys("g");
    assert!(is_waiting_for_keys(&screen) && screen.text().contains("After g"), "{}", screen.text());
    screen.keys("s");
    assert!(matches!(screen.model.overlays.last(), Some(Overlay::Search(_))));
    screen.keys("ctrl-d");
    assert!(screen.actions().contains(&Effect::Terminal(TerminalAction::Quit)));
    screen.keys("esc enter f9");
    assert!(matches!(screen.model.overlays.last(), Some(Overlay::Help(_))));
    screen.keys("esc f8");
    assert_eq!(state_writes(&mut screen), [(budi, ConversationState::Resolved)]);
}

#[test]
fn a_command_of_overlays_says_that_it_means_nothing_in_a_pane() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.model.keymap = Keymap::with_own("[list]\ncopy_url = [\"f8\"]").unwrap();
    screen.keys("f8");
    assert!(screen.text().contains("not in this place"), "{}", screen.text());
}

#[test]
fn what_was_taken_back_in_the_draft_can_be_done_again() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'satu dua' ctrl-_");
    assert_eq!(screen.model.composer.editor.text(), "satu ");
    screen.keys("ctrl-x ctrl-r");
    assert_eq!(screen.model.composer.editor.text(), "satu dua");
}
