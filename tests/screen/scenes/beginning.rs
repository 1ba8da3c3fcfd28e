//! Scenes of new conversations, and of what is known of a message.

use loket::domain::{Content, ConversationId, Failure, Status, Template};
use loket::tui::app::facts::SendError;
use loket::tui::app::state::Pane;
use loket::tui::effect::Effect;
use loket::tui::effect::Write;
use loket::tui::overlays::Overlay;

use super::forms::able;
use super::{shop, stage};
use crate::kit::{account_name, minutes_ago};

fn written(effects: Vec<Effect>) -> Vec<(String, bool, Content)> {
    let written = |effect| match effect {
        Effect::Write(Write::SendTo { to, content }) => Some((to.peer, to.group, content)),
        _ => None,
    };
    effects.into_iter().filter_map(written).collect()
}

fn text(body: &str) -> Content {
    Content::Text { body: body.to_owned() }
}

#[test]
fn a_typed_number_is_checked_and_written_to_and_its_conversation_opens() {
    let fake = able();
    let mut stage = stage(&fake);
    stage.keys("f5 '0813-1111-2222' enter");
    assert!(stage.text().contains("6281311112222 is on WhatsApp."), "{}", stage.text());
    stage.keys("'Halo' enter");
    assert_eq!(written(stage.deeds()), [("6281311112222".to_owned(), false, text("Halo"))]);
    assert!(stage.model.overlays.is_empty());
    assert_eq!(stage.model.focus, Pane::Composer);
    assert_eq!(stage.model.thread.as_ref().unwrap().conversation.peer, "6281311112222");
}

#[test]
fn what_the_gateway_says_of_a_number_is_shown_and_hinders_nobody() {
    let fake = able();
    for (number, words) in [("081311112229", "is not on WhatsApp."), ("081200000000", "is not known: the gateway")] {
        let mut stage = stage(&fake);
        stage.keys(&format!("n '{number}' enter"));
        assert!(stage.text().contains(words), "{}", stage.text());
        stage.keys("'Halo' enter");
        assert_eq!(written(stage.deeds()).len(), 1);
    }
}

#[test]
fn who_is_written_to_already_is_not_begun_again() {
    let fake = able();
    fake.knows("Ayu Lestari", "6281234500002");
    let mut stage = stage(&fake);
    stage.keys("f5 'lestari' enter");
    assert_eq!(stage.model.open_id(), Some(ConversationId(2)));
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn a_group_is_written_to_by_its_id() {
    let mut stage = stage(&able());
    stage.keys("f5 'resell' enter");
    assert!(stage.text().contains("First message to Reseller through toko"), "{}", stage.text());
    stage.keys("'Stok baru' enter");
    assert_eq!(written(stage.deeds()), [("120363041234567890".to_owned(), true, text("Stok baru"))]);
}

#[test]
fn another_account_is_chosen_by_tab_and_a_window_asks_for_a_template() {
    let fake = able();
    let template = Template {
        account: account_name("resmi"),
        name: "promo".into(),
        language: "id".into(),
        status: "APPROVED".into(),
        body: "Halo {{1}}".into(),
    };
    fake.world().templates = Ok(vec![template]);
    let mut stage = stage(&fake);
    stage.keys("f5 '081311112222' tab");
    assert!(stage.text().contains("Through resmi"), "{}", stage.text());
    stage.keys("enter enter 'Citra' enter");
    let sent = written(stage.deeds());
    let [(peer, false, Content::Template(template))] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(
        (peer.as_str(), template.id.as_str(), template.variables.as_slice()),
        ("6281311112222", "promo", ["Citra".to_owned()].as_slice())
    );
    assert!(stage.model.thread.is_some());
}

#[test]
fn what_is_no_number_is_objected_and_a_failed_write_keeps_the_text() {
    let fake = able();
    let mut stage = stage(&fake);
    stage.keys("f5 'zzz' enter");
    assert!(stage.text().contains("“zzz” is no"), "{}", stage.text());
    stage.keys("ctrl-u '081311112222' enter 'Halo' ");
    fake.world().refuse = Some(SendError::Failed("disk is full".into()));
    stage.keys("enter");
    assert!(stage.text().contains("disk is full") && stage.text().contains("Halo"), "{}", stage.text());
    fake.world().refuse = None;
    stage.keys("enter");
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn without_an_account_nothing_is_begun() {
    let mut stage = stage(&crate::kit::Fake::new());
    stage.keys("f5");
    assert!(!stage.model.overlays.iter().any(|over| matches!(over, Overlay::NewConversation(_))));
}

#[test]
fn the_details_show_the_gateways_own_words_and_follow_the_message() {
    let (fake, budi, _) = shop();
    let id = fake.wrote(budi, minutes_ago(1), Status::Unsure, "Sudah dibayar?");
    fake.changes(id, |m| m.error = Some(Failure::new("x_17", "no\u{1b}[2J answer from upstream")));
    let mut stage = stage(&fake);
    stage.keys("enter esc tab d");
    let shown = stage.text();
    assert!(shown.contains("no answer from upstream") && shown.contains("x_17"), "{shown}");
    assert!(shown.contains("Sari") && shown.contains(&format!("remote-{id}")), "{shown}");
    fake.changes(id, |m| m.status = Status::Delivered);
    stage.wake();
    assert!(stage.text().contains("delivered"), "{}", stage.text());
    stage.keys("d");
    assert!(stage.model.overlays.is_empty());
}
