//! Scenes of the forms for what is more than text.

use super::{open_screen, two_conversations};
use crate::kit::FakeStore;
use loket::domain::{Button, Content, ListRow, Objection, SendError, StoreError};
use loket::tui::{Effect, Write};

/// A shop whose account can carry everything.
pub(super) fn able() -> FakeStore {
    let (store, ..) = two_conversations();
    crate::kit::carries_everything(&store);
    store
}

fn sent(effects: Vec<Effect>) -> Vec<Content> {
    let content = |effect| match effect {
        Effect::Write(Write::Send { content, .. }) => Some(content),
        _ => None,
    };
    effects.into_iter().filter_map(content).collect()
}

#[test]
fn an_account_that_cannot_carry_a_kind_says_so_in_the_palette_and_opens_no_form() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-p 'list menu'");
    assert!(screen.text().contains("cannot send list menus"), "{}", screen.text());
    screen.keys("esc");
    for key in ["ctrl-x k", "ctrl-x b", "ctrl-x i"] {
        screen.keys(key);
        assert!(screen.model.overlays.is_empty(), "{key}");
        assert!(screen.model.notice.as_ref().is_some_and(|notice| notice.bad), "{key}");
    }
}

#[test]
fn a_place_is_judged_before_it_is_sent_and_keeps_its_digits() {
    let mut screen = open_screen(&able());
    screen.keys("enter ctrl-p 'place' enter enter enter enter");
    assert!(screen.text().contains("This is no place"), "{}", screen.text());
    screen.keys("tab '-96.10' tab '106.8' tab enter");
    assert!(screen.text().contains("no coordinates") || screen.text().contains("not coordinates"), "{}", screen.text());
    assert!(sent(screen.actions()).is_empty());
    screen.keys("tab ctrl-u '-6.200000' tab tab 'Toko' enter");
    let location =
        Content::Location { latitude: "-6.200000".into(), longitude: "106.8".into(), caption: Some("Toko".into()) };
    assert_eq!(sent(screen.actions()), [location]);
    assert!(screen.model.overlays.is_empty());
}

#[test]
fn both_coordinates_may_be_pasted_as_one_text() {
    let mut screen = open_screen(&able());
    screen.keys("enter ctrl-x p '-6.2, 106.816666' enter enter enter");
    let location = Content::Location { latitude: "-6.2".into(), longitude: "106.816666".into(), caption: None };
    assert_eq!(sent(screen.actions()), [location]);
}

#[test]
fn a_contact_card_takes_several_numbers() {
    let mut screen = open_screen(&able());
    screen.keys("enter ctrl-x k 'Pak RT' enter enter");
    assert!(screen.text().contains("contact card needs"), "{}", screen.text());
    screen.keys("'0812-3456-789, +62 21 5551234' enter");
    let numbers = vec!["0812-3456-789".to_owned(), "+62 21 5551234".to_owned()];
    assert_eq!(sent(screen.actions()), [Content::Card { name: "Pak RT".into(), numbers }]);
}

#[test]
fn buttons_are_spelt_as_on_the_command_line() {
    let mut screen = open_screen(&able());
    screen.keys("enter ctrl-x b 'Mau yang mana?' enter enter enter 'call|1|x' enter enter");
    assert!(screen.text().contains("“call|1|x” is no button"), "{}", screen.text());
    assert!(sent(screen.actions()).is_empty());
    screen.keys("backtab ctrl-u 'reply|1|Merah' enter 'reply|2|Biru' enter enter");
    let reply = |id: &str, title: &str| Button::Reply { id: id.into(), title: title.into() };
    let buttons = vec![reply("1", "Merah"), reply("2", "Biru")];
    let text = "Mau yang mana?".to_owned();
    assert_eq!(sent(screen.actions()), [Content::Buttons { text, title: None, footer: None, media: None, buttons }]);
}

#[test]
fn a_list_menu_grows_by_a_row_as_rows_are_filled() {
    let mut screen = open_screen(&able());
    screen.keys("enter ctrl-x i 'Pilih' enter 'Menu' enter enter enter enter");
    assert!(screen.text().contains("nothing in it") || screen.text().contains("Write something"), "{}", screen.text());
    screen.keys("'Kaos|k1|Polos' enter 'Kaos|k2|Garis|lengan panjang' enter enter");
    let row = |id: &str, title: &str, description: &str| ListRow {
        section: "Kaos".into(),
        id: id.into(),
        title: title.into(),
        description: description.into(),
    };
    let rows = vec![row("k1", "Polos", ""), row("k2", "Garis", "lengan panjang")];
    let list = Content::List { text: "Pilih".into(), title: None, footer: None, label: "Menu".into(), rows };
    assert_eq!(sent(screen.actions()), [list]);
}

#[test]
fn what_the_outbox_refuses_stays_in_the_form() {
    let store = able();
    let mut screen = open_screen(&store);
    for refusal in [SendError::Store(StoreError::Full), SendError::Objection(Objection::Card)] {
        store.contents().refusal = Some(refusal);
        screen.keys("enter ctrl-x k 'Pak RT' enter '0812-3456-789' enter");
        let text = screen.text();
        assert!(text.contains("Pak RT") && text.contains("0812-3456-789"), "{text}");
        assert!(text.contains("disk is full") || text.contains("contact card needs"), "{text}");
        screen.keys("esc");
    }
}
