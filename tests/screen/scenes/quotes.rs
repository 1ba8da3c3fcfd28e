//! The message that a draft answers: kept with the draft, however the conversation or the program is left.

use super::{open_screen, sent_texts, two_conversations};
use crate::kit::{NOW, carries_everything};
use loket::domain::{MessageId, SendOptions};
use loket::tui::{Effect, Msg, Write};

fn quoted(effects: &[Effect]) -> Vec<Option<MessageId>> {
    let quote = |effect: &Effect| match effect {
        Effect::Write(Write::Send { options: SendOptions { quote, .. }, .. }) => Some(*quote),
        _ => None,
    };
    effects.iter().filter_map(quote).collect()
}

#[test]
fn a_quote_is_kept_with_its_draft() {
    let (store, budi, _) = two_conversations();
    carries_everything(&store);
    let first = MessageId(1);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x q 'Masih ada'");
    assert!(screen.text().contains("Answers: Halo"), "{}", screen.text());
    assert_eq!(store.contents().quotes, [(budi, first)]);
    // Another conversation and back.
    screen.keys("tab down enter");
    assert!(!screen.text().contains("Answers:"), "{}", screen.text());
    screen.keys("tab up enter");
    assert!(screen.text().contains("Answers: Halo"), "{}", screen.text());
}

#[test]
fn a_quote_outlives_the_program_and_goes_out_with_the_draft() {
    let (store, ..) = two_conversations();
    carries_everything(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x q 'Masih ada'");
    screen.update(Msg::Stop);
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert!(screen.text().contains("Answers: Halo"), "{}", screen.text());
    assert_eq!(screen.model.composer.editor.text(), "Masih ada");
    screen.keys("enter");
    let effects = screen.actions();
    assert_eq!((sent_texts(&effects), quoted(&effects)), (vec!["Masih ada".to_owned()], vec![Some(MessageId(1))]));
    assert_eq!(store.contents().quotes, []);
    screen.keys("'Lagi' enter");
    assert_eq!(quoted(&screen.actions()), [None]);
    // Esc drops it for good.
    screen.keys("ctrl-x q");
    assert_eq!(store.contents().quotes.len(), 1);
    screen.keys("esc");
    assert_eq!(store.contents().quotes, []);
}

#[test]
fn a_quote_goes_with_what_is_sent_later_and_comes_back_with_it() {
    let (store, ..) = two_conversations();
    carries_everything(&store);
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-x q 'Besok ya' ctrl-x w '2h' enter");
    assert_eq!(quoted(&screen.actions()), [Some(MessageId(1))]);
    store.change_message(MessageId(3), |message| {
        assert!(message.scheduled_at.is_some_and(|at| at > NOW));
        message.payload = Some(serde_json::json!({"reply_to": "remote-1"}));
    });
    screen.store_changed();
    screen.keys("up x");
    assert_eq!(screen.model.composer.editor.text(), "Besok ya");
    assert_eq!(screen.model.composer.quote.as_ref().map(|quote| quote.message), Some(MessageId(1)));
}
