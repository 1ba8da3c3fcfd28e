//! Scenes of keys: sequences, the actions popup, one's own key map.
use super::{open_screen, sent_texts, two_conversations};
use crate::kit::{TestScreen, answer, key, minutes_ago};
use loket::config::KeySet;
use loket::domain::{ConversationId, ConversationState, QuitStatus, Status};
use loket::tui::{Effect, Keymap, Msg, Overlay, Pane, TerminalAction, Write, update};
use ratatui::layout::Position;

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
    for (key, expected) in [("t", "Template"), ("f", "FilePicker"), ("p", "MessageForm"), ("d", "Details")] {
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
    screen.model.keymap = Keymap::with_own(KeySet::Default, own).unwrap();
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
    screen.model.keymap = Keymap::with_own(KeySet::Default, "[list]\ncopy_url = [\"f8\"]").unwrap();
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

fn pressed_quickly(screen: &mut TestScreen, text: &str, gap: u64) {
    for c in text.chars() {
        let now = screen.store.contents().now.plus(std::time::Duration::from_millis(gap));
        screen.store.contents().now = now;
        screen.update(Msg::Now(now));
        screen.update(Msg::Key(crate::kit::key(&c.to_string())));
    }
}

fn is_write_of_state(effect: &Effect) -> bool {
    matches!(effect, Effect::Write(Write::SetState { .. } | Write::MarkUnread { .. }) | Effect::Terminal(_))
}

#[test]
fn letters_typed_in_the_wrong_pane_go_to_the_draft_and_do_nothing_else() {
    for place in ["enter esc", "enter esc tab"] {
        for text in ["oke kak", "qris", "maaf", "ke mana?", "jadi", "ezm", "kk mau"] {
            let (store, budi, _) = two_conversations();
            let mut screen = open_screen(&store);
            screen.keys(place);
            let selected = screen.model.conversations.selected;
            screen.actions();
            pressed_quickly(&mut screen, text, 90);
            assert_eq!(screen.model.composer.editor.text(), text, "{place}");
            assert_eq!((screen.model.focus, screen.model.open_id()), (Pane::Composer, Some(budi)));
            assert_eq!(screen.model.conversations.selected, selected, "{text}");
            assert!(screen.text().contains("Typed text goes to the draft for Budi."), "{}", screen.text());
            screen.advance(5);
            assert!(!screen.actions().iter().any(is_write_of_state), "{text} from {place}");
        }
    }
}

#[test]
fn text_from_elsewhere_is_sent_by_a_second_enter_only() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter esc");
    pressed_quickly(&mut screen, "oke kak", 90);
    screen.keys("enter");
    assert_eq!(sent_texts(&screen.actions()), Vec::<String>::new());
    assert!(screen.text().contains("Enter again sends it to Budi."), "{}", screen.text());
    screen.keys("enter");
    assert_eq!(sent_texts(&screen.actions()), ["oke kak"]);
}

#[test]
fn without_an_open_conversation_typing_does_nothing_and_says_so() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    pressed_quickly(&mut screen, "maaf qris ezm", 90);
    screen.advance(1);
    assert_eq!(screen.actions(), []);
    assert_eq!((screen.model.focus, screen.model.overlays.len()), (Pane::List, 0));
    assert!(screen.text().contains("no conversation is open"), "{}", screen.text());
}

#[test]
fn slow_letters_are_commands_and_movement_may_be_quick() {
    let (store, _, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    pressed_quickly(&mut screen, "jkjkj", 30);
    assert_eq!(screen.model.conversations.selected, Some(ayu));
    screen.pause();
    screen.keys("e");
    assert_eq!(state_writes(&mut screen), [(ayu, ConversationState::Resolved)]);
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    pressed_quickly(&mut screen, "em", 150);
    screen.advance(1);
    assert_eq!(state_writes(&mut screen), [(budi, ConversationState::Resolved)]);
}

#[test]
fn a_key_that_is_no_letter_lets_the_letter_before_it_act_first() {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.update(Msg::Key(crate::kit::key("e")));
    assert_eq!(state_writes(&mut screen), []);
    assert!(screen.model.deadline().is_some_and(|at| at.since(screen.model.now).as_millis() <= 150));
    screen.update(Msg::Key(crate::kit::key("enter")));
    assert_eq!(state_writes(&mut screen), [(budi, ConversationState::Resolved)]);
    assert_eq!(screen.model.open_id(), Some(ayu));
}

#[test]
fn text_pasted_into_the_list_goes_to_the_draft_too() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.update(Msg::Paste("resi JNE 123".into()));
    assert!(screen.text().contains("no conversation is open"), "{}", screen.text());
    screen.keys("enter esc");
    screen.update(Msg::Paste("resi JNE 123".into()));
    assert_eq!(screen.model.composer.editor.text(), "resi JNE 123");
    assert_eq!(screen.model.focus, Pane::Composer);
}

#[test]
fn what_was_done_to_conversations_is_undone_step_by_step() {
    let (store, budi, ayu) = two_conversations();
    let until = minutes_ago(-90);
    store.change_conversation(budi, |c| (c.state, c.snoozed_until) = (ConversationState::Snoozed, Some(until)));
    let mut screen = open_screen(&store);
    screen.keys("v 'all' enter j e");
    assert!(screen.text().contains("Budi: Resolved.   u undo"), "{}", screen.text());
    screen.keys("k z enter");
    assert!(screen.text().contains("Ayu: Put off.   u undo"), "{}", screen.text());
    screen.actions();
    let undone = |id, state, until| Effect::Write(Write::SetState { conversation: id, state, until });
    screen.keys("u");
    assert!(screen.actions().contains(&undone(ayu, ConversationState::Open, None)));
    assert!(screen.text().contains("Ayu: undone.   u undo"), "{}", screen.text());
    screen.keys("ctrl-x u");
    assert!(screen.actions().contains(&undone(budi, ConversationState::Snoozed, Some(until))));
    // Nothing is left: the letter means again what it means without a notice.
    screen.keys("ctrl-x u");
    assert!(screen.text().contains("nothing to undo"), "{}", screen.text());
    screen.keys("u");
    assert!(screen.model.conversations.filter.unread);
}

#[test]
fn marking_unread_is_undone_unless_the_customer_has_written_since() {
    let (store, budi, ayu) = two_conversations();
    store.mark_seen(budi);
    store.mark_seen(ayu);
    let mut screen = open_screen(&store);
    screen.keys("m u");
    let seen = |e: &Effect| matches!(e, Effect::Write(Write::MarkSeen { conversation, .. }) if *conversation == budi);
    assert!(screen.actions().iter().any(seen));
    screen.keys("j m");
    store.receive(ayu, minutes_ago(0), "Halo?");
    screen.store_changed();
    screen.actions();
    screen.keys("ctrl-x u");
    assert_eq!(screen.actions(), []);
    assert!(screen.text().contains("Ayu has written meanwhile"), "{}", screen.text());
}

#[test]
fn a_letter_asks_before_it_ends_the_reception_and_ctrl_q_does_not() {
    let quits = |screen: &mut TestScreen| screen.actions().contains(&Effect::Terminal(TerminalAction::Quit));
    for (queued, engine_ends, sentence) in
        [(0, true, "No messages are received"), (2, true, "wait to be sent: 2"), (2, false, "Loket goes on")]
    {
        let (store, ..) = two_conversations();
        store.contents().quit = QuitStatus { queued, engine_ends };
        let mut screen = open_screen(&store);
        screen.keys("q");
        assert!(screen.text().contains(sentence), "{}", screen.text());
        assert!(!quits(&mut screen));
        screen.keys("n q y");
        assert!(quits(&mut screen));
    }
    for (key, queued, engine_ends) in [("q", 0, false), ("ctrl-q", 0, true), ("ctrl-q", 2, false)] {
        let (store, ..) = two_conversations();
        store.contents().quit = QuitStatus { queued, engine_ends };
        let mut screen = open_screen(&store);
        screen.keys(key);
        assert!(quits(&mut screen), "{key} {queued} {engine_ends}");
    }
}

#[test]
fn the_wheel_scrolls_and_a_click_chooses_then_opens() {
    let (store, budi, ayu) = two_conversations();
    super::add_long_history(&store, budi, 100);
    let mut screen = open_screen(&store);
    let second = Position { x: 5, y: screen.model.areas.list.y + 2 };
    screen.update(Msg::Click(second));
    assert_eq!((screen.model.conversations.selected, screen.model.open_id()), (Some(ayu), None));
    screen.update(Msg::Click(second));
    assert_eq!(screen.model.open_id(), Some(ayu));
    screen.keys("esc k enter");
    let (thread, list) = (screen.model.areas.thread, screen.model.areas.list);
    let before = screen.text();
    screen.update(Msg::Wheel { at: Position { x: thread.x, y: thread.y }, up: true });
    assert_ne!(screen.text(), before);
    screen.update(Msg::Wheel { at: Position { x: thread.x, y: thread.y }, up: false });
    assert_eq!(screen.text(), before);
    screen.actions();
    screen.update(Msg::Wheel { at: Position { x: list.x, y: list.y }, up: false });
    assert_eq!((screen.model.conversations.selected, screen.model.open_id()), (Some(ayu), Some(budi)));
    assert_eq!(screen.actions(), [], "the wheel marks nothing as read");
}

#[test]
fn a_click_below_the_rule_chooses_the_row_under_the_pointer() {
    let (store, budi, ayu) = two_conversations();
    store.add_sent(budi, minutes_ago(1), Status::Sent, "ya");
    let mut screen = open_screen(&store);
    let y = |screen: &TestScreen, text: &str| {
        u16::try_from(screen.text().lines().position(|line| line.contains(text)).unwrap()).unwrap()
    };
    screen.keys("j");
    for (text, selected) in [("Ayu", ayu), ("answered", ayu), ("Budi", budi), ("answered", budi)] {
        let at = Position { x: 5, y: y(&screen, text) };
        screen.update(Msg::Click(at));
        assert_eq!(screen.model.conversations.selected, Some(selected), "{text}\n{}", screen.text());
    }
    assert_eq!(screen.model.open_id(), None);
}

#[test]
fn keys_that_come_before_the_conversation_was_read_go_where_they_will_go_then() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    // Over a slow line several keys come at once; nothing is read from the store between them.
    let reads: Vec<_> =
        ["enter", "backtab"].iter().flat_map(|name| update(&mut screen.model, Msg::Key(key(name)))).collect();
    assert_eq!(screen.model.focus, Pane::Thread);
    for msg in reads.into_iter().filter_map(|effect| answer(&store, effect)) {
        screen.update(msg);
    }
    assert_eq!(screen.model.focus, Pane::Thread);
    assert!(screen.text().contains("Budi  WhatsApp"), "{}", screen.text());
}
