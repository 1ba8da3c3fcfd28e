//! Scenes of new conversations, and of what is known of a message.
use loket::domain::{Content, ConversationId, Failure, Status, Template};
use loket::domain::{SendError, StoreError};
use loket::tui::{Effect, Overlay, Pane, Write};

use super::forms::able;
use super::{open_screen, two_conversations};
use crate::kit::{account_name, minutes_ago};

fn written(effects: Vec<Effect>) -> Vec<(String, bool, Content)> {
    let written = |effect| match effect {
        Effect::Write(Write::SendTo { to, content, .. }) => Some((to.peer, to.group, content)),
        _ => None,
    };
    effects.into_iter().filter_map(written).collect()
}

fn text(body: &str) -> Content {
    Content::Text { body: body.to_owned() }
}

#[test]
fn a_typed_number_is_checked_and_written_to_and_its_conversation_opens() {
    let store = able();
    let mut screen = open_screen(&store);
    screen.keys("f5 '0813-1111-2222' enter");
    assert!(screen.text().contains("6281311112222 is on WhatsApp."), "{}", screen.text());
    screen.keys("'Halo' enter");
    assert_eq!(written(screen.actions()), [("6281311112222".to_owned(), false, text("Halo"))]);
    assert!(screen.model.overlays.is_empty());
    assert_eq!(screen.model.focus, Pane::Composer);
    assert_eq!(screen.model.thread.as_ref().unwrap().conversation.peer, "6281311112222");
}

#[test]
fn what_the_gateway_says_of_a_number_is_shown_and_hinders_nobody() {
    let store = able();
    for (number, words) in [("081311112229", "is not on WhatsApp."), ("081200000000", "is not known: the gateway")] {
        let mut screen = open_screen(&store);
        screen.keys(&format!("n '{number}' enter"));
        assert!(screen.text().contains(words), "{}", screen.text());
        screen.keys("'Halo' enter");
        assert_eq!(written(screen.actions()).len(), 1);
    }
}

#[test]
fn who_is_written_to_already_is_not_begun_again() {
    let store = able();
    store.add_contact("Ayu Lestari", "6281234500002");
    let mut screen = open_screen(&store);
    screen.keys("f5 'lestari' enter");
    assert_eq!(screen.model.open_id(), Some(ConversationId(2)));
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn one_finder_has_conversations_and_the_contacts_of_every_account() {
    let store = able();
    store.add_contact("Citra Lestari", "6281388887777");
    store.add_contact("Citra Lestari", "6281388887777");
    store.contents().contacts[1].account = Some(account_name("resmi"));
    // Whose conversation is listed is not listed twice.
    store.add_contact("Ayu Lestari", "6281234500002");
    for typed in ["lestari", "0813-8888", "+62 813 8888 7777", "citra"] {
        let mut screen = open_screen(&store);
        screen.keys(&format!("ctrl-g '{typed}'"));
        let text = screen.text();
        for account in ["toko", "resmi"] {
            let beside = format!("WhatsApp {account} 6281388887777");
            assert_eq!(text.matches(&beside).count(), 1, "{typed}\n{text}");
        }
        assert_eq!(text.matches("WhatsApp toko 6281234500002").count(), usize::from(typed == "lestari"), "{text}");
    }
    // A contact without a conversation is written to, through the account that stands beside it.
    let mut screen = open_screen(&store);
    screen.keys("ctrl-g 'citra toko' enter");
    assert!(screen.text().contains("First message to Citra Lestari through toko"), "{}", screen.text());
    screen.keys("'Halo' enter");
    assert_eq!(written(screen.actions()), [("6281388887777".to_owned(), false, text("Halo"))]);
    // Now there is a conversation, which opens.
    let id = screen.model.open_id();
    screen.keys("esc esc ctrl-g '0813 8888 7777 toko' ctrl-u '081388887777' enter");
    assert_eq!((screen.model.open_id(), screen.model.overlays.len()), (id, 0));
}

#[test]
fn a_group_is_written_to_by_its_id() {
    let mut screen = open_screen(&able());
    screen.keys("f5 'resell' enter");
    assert!(screen.text().contains("First message to Reseller through toko"), "{}", screen.text());
    screen.keys("'Stok baru' enter");
    assert_eq!(written(screen.actions()), [("120363041234567890".to_owned(), true, text("Stok baru"))]);
}

#[test]
fn another_account_is_chosen_by_tab_and_a_window_asks_for_a_template() {
    let store = able();
    let template = Template {
        parts: loket::domain::TemplateParts::default(),
        account: account_name("resmi"),
        name: "promo".into(),
        language: "id".into(),
        status: "APPROVED".into(),
        body: "Halo {{1}}".into(),
    };
    store.contents().templates = Ok(vec![template]);
    let mut screen = open_screen(&store);
    screen.keys("f5 '081311112222' tab");
    assert!(screen.text().contains("Through resmi"), "{}", screen.text());
    screen.keys("enter enter 'Citra' enter");
    let sent = written(screen.actions());
    let [(peer, false, Content::Template(template))] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(
        (peer.as_str(), template.id.as_str(), template.variables.as_slice()),
        ("6281311112222", "promo", ["Citra".to_owned()].as_slice())
    );
    assert!(screen.model.thread.is_some());
}

#[test]
fn what_is_no_number_is_objected_and_a_failed_write_keeps_the_text() {
    let store = able();
    let mut screen = open_screen(&store);
    screen.keys("f5 'zzz' enter");
    assert!(screen.text().contains("“zzz” is no"), "{}", screen.text());
    screen.keys("ctrl-u '081311112222' enter 'Halo' ");
    store.contents().refusal = Some(SendError::Store(StoreError::Full));
    screen.keys("enter");
    assert!(screen.text().contains("disk is full") && screen.text().contains("Halo"), "{}", screen.text());
    store.contents().refusal = None;
    screen.keys("enter");
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn without_an_account_nothing_is_begun() {
    let mut screen = open_screen(&crate::kit::FakeStore::new());
    screen.keys("f5");
    assert!(!screen.model.overlays.iter().any(|over| matches!(over, Overlay::NewConversation(_))));
}

#[test]
fn the_details_show_the_gateways_own_words_and_follow_the_message() {
    let (store, budi, _) = two_conversations();
    let id = store.add_sent(budi, minutes_ago(1), Status::Unsure, "Sudah dibayar?");
    store.change_message(id, |m| m.error = Some(Failure::new("x_17", "no\u{1b}[2J answer from upstream")));
    let mut screen = open_screen(&store);
    screen.keys("j enter esc tab d");
    let shown = screen.text();
    assert!(shown.contains("no answer from upstream") && shown.contains("x_17"), "{shown}");
    assert!(shown.contains("Sari") && shown.contains(&format!("remote-{id}")), "{shown}");
    store.change_message(id, |m| m.status = Status::Delivered);
    screen.store_changed();
    assert!(screen.text().contains("delivered"), "{}", screen.text());
    screen.keys("d");
    assert!(screen.model.overlays.is_empty());
}
