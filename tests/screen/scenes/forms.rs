//! Scenes of the forms for what is more than text.

use super::{open_screen, two_conversations};
use crate::kit::{FakeStore, TestScreen, account_name};
use loket::domain::{Button, Content, ListRow, MediaKind, Objection, SendError, StoreError, Template, TemplateParts};
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

/// The open conversation with a form over it, which the palette finds by this name.
fn form(store: &FakeStore, name: &str) -> TestScreen {
    let mut screen = open_screen(store);
    screen.keys(&format!("enter ctrl-p '{name}' enter"));
    screen
}

/// The row under the one that has a text.
fn row_under(screen: &TestScreen, text: &str) -> String {
    let drawn = screen.text();
    let below = drawn.lines().skip_while(|line| !line.contains(text)).nth(1);
    below.unwrap_or_else(|| panic!("no {text} in\n{drawn}")).to_owned()
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
fn a_place_is_one_field_that_takes_any_notation_and_says_what_it_read() {
    for (typed, latitude, longitude) in [
        ("-6.200000, 106.816666", "-6.200000", "106.816666"),
        ("-6,2 106,8166", "-6.2", "106.8166"),
        ("https://maps.google.com/?q=-6.2,106.8166", "-6.2", "106.8166"),
    ] {
        let mut screen = form(&able(), "place");
        screen.keys(&format!("'{typed}'"));
        assert!(screen.text().contains(&format!("{latitude}, {longitude}")), "{}", screen.text());
        screen.keys("enter 'Toko' enter");
        let (latitude, longitude) = (latitude.to_owned(), longitude.to_owned());
        assert_eq!(sent(screen.actions()), [Content::Location { latitude, longitude, caption: Some("Toko".into()) }]);
        assert!(screen.model.overlays.is_empty());
    }
}

#[test]
fn what_is_no_place_is_said_under_its_field_which_gets_the_focus() {
    let mut screen = form(&able(), "place");
    for (typed, why) in [
        ("https://maps.app.goo.gl/x1", "shortened link"),
        ("Jakarta", "no place"),
        ("-96.1, 106.8", "at most 90"),
        ("", "needed"),
    ] {
        screen.keys(&format!("ctrl-u '{typed}' enter enter"));
        assert!(row_under(&screen, "Place").contains(why), "{}", screen.text());
    }
    screen.keys("'-6.2, 106.8'");
    assert!(!screen.text().contains("needed"), "{}", screen.text());
    screen.keys("enter enter");
    assert_eq!(sent(screen.actions()).len(), 1);
}

#[test]
fn a_place_that_is_sent_often_is_chosen_by_its_name() {
    let mut screen = open_screen(&able());
    let file = "[[place]]\nname = \"Toko kami\"\nat = \"-6,2 106,8166\"\n";
    let file = loket::config::RepliesFile::parse(std::path::Path::new("replies.toml"), file).unwrap();
    screen.model.use_replies(&file);
    screen.keys("enter ctrl-p 'place' enter 'tok' enter enter");
    let (latitude, longitude) = ("-6.2".to_owned(), "106.8166".to_owned());
    assert_eq!(sent(screen.actions()), [Content::Location { latitude, longitude, caption: Some("Toko kami".into()) }]);
    screen.keys("ctrl-p 'place' enter '-6.5, 107.5' enter enter enter");
    let (latitude, longitude) = ("-6.5".to_owned(), "107.5".to_owned());
    assert_eq!(sent(screen.actions()), [Content::Location { latitude, longitude, caption: None }]);
}

#[test]
fn a_contact_card_takes_several_numbers_and_names_the_one_that_is_none() {
    let mut screen = form(&able(), "contact card");
    screen.keys("enter 'Pak RT' enter '0812-33' enter enter");
    assert!(row_under(&screen, "Number 1").contains("“0812-33” is no phone number"), "{}", screen.text());
    screen.keys("ctrl-u '0812-3456-789'");
    assert!(screen.text().contains("+628123456789"), "{}", screen.text());
    screen.keys("tab '+62 21 5551234' enter");
    let numbers = vec!["628123456789".to_owned(), "62215551234".to_owned()];
    assert_eq!(sent(screen.actions()), [Content::Card { name: "Pak RT".into(), numbers }]);
}

#[test]
fn the_card_of_somebody_in_the_address_book_is_chosen_by_a_part_of_the_name() {
    let store = able();
    store.add_contact("Dewi Anggraini", "6281290001111");
    let mut screen = form(&store, "contact card");
    screen.keys("'dewi' enter enter");
    let numbers = vec!["6281290001111".to_owned()];
    assert_eq!(sent(screen.actions()), [Content::Card { name: "Dewi Anggraini".into(), numbers }]);
}

#[test]
fn a_plain_word_is_a_button_with_an_id_of_its_own() {
    let mut screen = form(&able(), "buttons");
    screen.keys("'Jadi pesan?' enter enter enter 'Ya' enter 'Tidak jadi' enter 'Ya' enter enter");
    let reply = |id: &str, title: &str| Button::Reply { id: id.into(), title: title.into() };
    let buttons = vec![reply("ya", "Ya"), reply("tidak-jadi", "Tidak jadi"), reply("ya-2", "Ya")];
    let text = "Jadi pesan?".to_owned();
    assert_eq!(sent(screen.actions()), [Content::Buttons { text, title: None, footer: None, media: None, buttons }]);
}

#[test]
fn the_hint_line_says_what_enter_does_where_it_is_pressed() {
    let mut screen = form(&able(), "buttons");
    for (keys, says) in [
        ("", "Enter next field"),
        ("'Jadi?' enter enter enter 'Ya' enter", "Enter next field"),
        ("enter", "Enter send"),
        ("backtab", "Enter add a button"),
    ] {
        screen.keys(keys);
        let drawn = screen.text();
        assert!(drawn.lines().last().is_some_and(|line| line.contains(says)), "{keys}: {drawn}");
    }
    let mut screen = form(&able(), "place");
    screen.keys("'-6.2, 106.8' enter");
    assert!(screen.text().lines().last().is_some_and(|line| line.contains("Enter send")), "{}", screen.text());
}

#[test]
fn buttons_are_removed_moved_and_made_links() {
    let mut screen = form(&able(), "buttons");
    screen.keys("'Mau?' enter enter enter 'Satu' enter 'Dua' enter 'Tiga' up up");
    assert!(screen.text().contains("Button 3"), "{}", screen.text());
    // "Dua" goes first, "Tiga" goes away.
    screen.keys("shift-up");
    screen.keys("tab tab tab tab ctrl-d");
    assert!(!screen.text().contains("Button 3"), "{}", screen.text());
    screen.keys("enter enter enter");
    let Some(Content::Buttons { buttons, .. }) = sent(screen.actions()).pop() else { panic!("{}", screen.text()) };
    assert_eq!(buttons.iter().map(Button::title).collect::<Vec<_>>(), ["Dua", "Satu"]);
}

#[test]
fn a_link_button_needs_a_link_and_says_so_at_its_row() {
    let mut screen = form(&able(), "buttons");
    screen.keys("'Mau?' enter enter enter 'Lihat' tab right tab 'toko.example' enter enter enter");
    assert!(row_under(&screen, "Button 1").contains("begins with https://"), "{}", screen.text());
    assert!(sent(screen.actions()).is_empty());
    screen.keys("ctrl-u 'https://toko.example' enter enter enter");
    let url = Button::Url { url: "https://toko.example".into(), title: "Lihat".into() };
    let Some(Content::Buttons { buttons, .. }) = sent(screen.actions()).pop() else { panic!("{}", screen.text()) };
    assert_eq!(buttons, [url]);
}

#[test]
fn a_list_menu_is_filled_row_by_row_and_a_section_goes_on() {
    let mut screen = form(&able(), "list menu");
    screen.keys(
        "'Pilih' enter 'Menu' enter enter enter 'Kaos' enter 'Polos' enter enter 'Garis' enter 'lengan panjang' enter",
    );
    screen.keys("enter enter");
    let row = |id: &str, title: &str, description: &str| ListRow {
        section: "Kaos".into(),
        id: id.into(),
        title: title.into(),
        description: description.into(),
    };
    let rows = vec![row("polos", "Polos", ""), row("garis", "Garis", "lengan panjang")];
    let list = Content::List { text: "Pilih".into(), title: None, footer: None, label: "Menu".into(), rows };
    assert_eq!(sent(screen.actions()), [list]);
}

#[test]
fn a_template_is_read_as_the_customer_reads_it_while_it_is_filled_in() {
    let store = able();
    let parts = TemplateParts {
        header_text: "Pesanan Anda".into(),
        header_media: Some(MediaKind::Image),
        footer: "Toko Sari".into(),
        buttons: vec!["Lacak".into()],
    };
    store.contents().templates = Ok(vec![Template {
        account: account_name("toko"),
        name: "siap_kirim".into(),
        language: "id".into(),
        status: "APPROVED".into(),
        body: "Halo {{1}}, pesanan {{2}} siap.".into(),
        parts,
    }]);
    for account in &mut store.contents().accounts {
        account.capabilities.template =
            Some(loket::domain::TemplateRules { numeric_id: false, headers: &[MediaKind::Image], payloads: false });
    }
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-t enter 'https://toko.example/a.jpg' enter 'Budi'");
    let drawn = screen.text();
    for part in ["Pesanan Anda", "Halo Budi, pesanan {{2}} siap.", "Toko Sari", "[ Lacak ]"] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    screen.keys("enter enter");
    assert!(row_under(&screen, "Value for {{2}}").contains("needed"), "{}", screen.text());
    assert!(sent(screen.actions()).is_empty());
    screen.keys("'INV-7' enter");
    let Some(Content::Template(used)) = sent(screen.actions()).pop() else { panic!("{}", screen.text()) };
    assert_eq!(used.text.as_deref(), Some("Halo Budi, pesanan INV-7 siap."));
    assert_eq!(
        (used.variables, used.header.map(|header| header.kind)),
        (vec!["Budi".into(), "INV-7".into()], Some(MediaKind::Image))
    );
}

#[test]
fn what_the_outbox_refuses_stays_in_the_form() {
    let store = able();
    let mut screen = open_screen(&store);
    for refusal in [SendError::Store(StoreError::Full), SendError::Objection(Objection::Card)] {
        store.contents().refusal = Some(refusal);
        screen.keys("enter ctrl-p 'contact card' enter enter 'Pak RT' enter '0812-3456-789' enter enter");
        let text = screen.text();
        assert!(text.contains("Pak RT") && text.contains("0812-3456-789"), "{text}");
        assert!(text.contains("disk is full") || text.contains("contact card needs"), "{text}");
        screen.keys("esc");
    }
}
