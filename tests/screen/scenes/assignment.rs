//! What several agents share: who deals with a conversation, its labels, who is there.

use super::{open_screen, two_conversations};
use crate::kit::TestScreen;
use loket::config::Locale;
use loket::domain::ConversationId;
use loket::tui::{Effect, Write};

fn writes(screen: &mut TestScreen) -> Vec<Write> {
    let write = |effect| match effect {
        Effect::Write(write) => Some(write),
        _ => None,
    };
    let all = screen.actions().into_iter().filter_map(write);
    all.filter(|w| !matches!(w, Write::MarkSeen { .. } | Write::SaveDraft { .. } | Write::SetPresence { .. })).collect()
}

fn labels(screen: &TestScreen, id: ConversationId) -> Vec<String> {
    screen.store.contents().conversations[&id].labels.clone()
}

#[test]
fn labels_are_put_on_and_taken_off_and_new_ones_are_typed() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.labels = vec!["reseller".into(), "vip".into()]);
    let mut screen = open_screen(&store);
    screen.keys("ctrl-x l 'vip' enter");
    let (add, remove) = (vec!["vip".to_owned()], Vec::new());
    assert_eq!(writes(&mut screen), [Write::EditLabels { conversation: budi, add, remove }]);
    assert!(screen.text().contains("[x] vip"), "{}", screen.text());
    screen.keys("'komplain' enter");
    assert_eq!(labels(&screen, budi), ["komplain", "vip"]);
    // Off again: the choice is found by a part of its name.
    screen.keys("'kom' enter esc");
    assert_eq!(labels(&screen, budi), ["vip"]);
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn a_conversation_is_assigned_to_a_known_agent_another_or_nobody() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.assignee = Some("Budi".into()));
    let mut screen = TestScreen::new(store, Locale::Id, (80, 24));
    screen.keys("ctrl-x a");
    assert!(screen.text().contains("Sari (saya)") && screen.text().contains("tidak ada"), "{}", screen.text());
    screen.keys("'bud' enter");
    let assign = |to: Option<&str>, from: Option<&str>| Write::Assign {
        conversation: budi,
        to: to.map(str::to_owned),
        from: from.map(str::to_owned),
    };
    assert_eq!(writes(&mut screen), [assign(Some("Budi"), None)]);
    screen.keys("ctrl-x a 'Joko' enter");
    assert_eq!(writes(&mut screen), [assign(Some("Joko"), Some("Budi"))]);
    screen.keys("ctrl-x a 'tidak' enter");
    assert_eq!(writes(&mut screen), [assign(None, Some("Joko"))]);
}

#[test]
fn a_conversation_is_taken_once_and_the_loser_is_told_who_has_it() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("ctrl-x g");
    assert_eq!(writes(&mut screen), [Write::Take { conversation: budi }]);
    screen.keys("ctrl-x g");
    assert!(screen.text().contains("it is yours already"), "{}", screen.text());
    store.change_conversation(budi, |c| c.assignee = Some("Joko".into()));
    // This screen does not know it yet: the store decides.
    screen.model.conversations.selected = Some(budi);
    screen.store_changed();
    screen.keys("ctrl-x g");
    assert!(screen.text().contains("Joko has it already"), "{}", screen.text());
    assert_eq!(writes(&mut screen), []);
}
