//! Scenes of several agents: a colleague's fresh answer, presence, drafts in the list.
use super::{open_screen, two_conversations};
use crate::kit::NOW;
use loket::domain::{Content, Objection, OpenConversation, SendError, SendOptions};
use loket::tui::{Effect, Write};

/// The options of the texts that were to be sent.
fn sends(effects: &[Effect]) -> Vec<(String, SendOptions)> {
    let sent = |effect: &Effect| match effect {
        Effect::Write(Write::Send { content: Content::Text { body }, options, .. }) => Some((body.clone(), *options)),
        _ => None,
    };
    effects.iter().filter_map(sent).collect()
}

#[test]
fn after_a_colleagues_fresh_answer_a_message_is_sent_only_after_a_yes() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    let answered = Objection::JustAnswered { by: "Tono".into(), at: NOW };
    store.contents().refusal = Some(SendError::Objection(answered));
    screen.keys("enter 'Saya bantu' enter");
    let asked = screen.text();
    assert!(asked.contains("Send all the same?") && asked.contains("Tono answered"), "{asked}");
    screen.actions();
    screen.keys("esc");
    assert_eq!(sends(&screen.actions()), []);
    assert!(screen.text().contains("› Saya bantu"), "{}", screen.text());
    screen.keys("enter");
    assert!(screen.text().contains("Send all the same?"), "it is asked again: {}", screen.text());
    screen.actions();
    store.contents().refusal = None;
    screen.keys("enter");
    let despite = SendOptions { ignore_answer: true, ..SendOptions::default() };
    assert_eq!(sends(&screen.actions()), [("Saya bantu".to_owned(), despite)]);
    assert!(!screen.text().contains("› Saya bantu"), "{}", screen.text());
}

#[test]
fn what_is_open_and_whether_somebody_writes_is_told_to_others() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    assert_eq!(screen.model.presence(), None, "moving over a conversation does not open it");
    screen.keys("enter");
    let presence = |writing| Some(OpenConversation { conversation: budi, writing });
    assert_eq!(screen.model.presence(), presence(false));
    screen.keys("'Ya'");
    assert_eq!(screen.model.presence(), presence(true));
    screen.advance(9);
    assert_eq!(screen.model.presence(), presence(false), "nothing was typed for a while");
    screen.keys("'!'");
    assert_eq!(screen.model.presence(), presence(true));
    screen.keys("enter");
    assert_eq!(screen.model.presence(), presence(false), "it was sent");
}
