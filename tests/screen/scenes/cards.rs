//! Scenes of contact cards and places that came: written to, saved, opened on a map.
use super::open_screen;
use crate::kit::{FakeStore, TestScreen, account_name, minutes_ago};
use loket::config::{Locale, MapService, ScreenSettings, Settings};
use loket::domain::{Channel, Contact, Kind, WindowRule};
use loket::tui::{Effect, Msg, Read, TerminalAction, UserFiles, UserSettings, Write};
use serde_json::{Value, json};

/// A conversation whose newest message is of this kind, with the thread in front.
fn with_message(channel: Channel, kind: Kind, payload: Value) -> (FakeStore, TestScreen) {
    let store = FakeStore::new();
    store.add_account("toko", channel, WindowRule::None);
    let id = store.add_conversation(1, "Budi", "toko", channel);
    store.add_message(id, minutes_ago(1), |m| (m.kind, m.payload) = (kind, Some(payload)));
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab");
    screen.actions();
    (store, screen)
}

fn opened(screen: &mut TestScreen) -> Vec<String> {
    let links = screen.actions().into_iter().filter_map(|effect| match effect {
        Effect::Terminal(TerminalAction::OpenLink { url }) => Some(url.as_str().to_owned()),
        _ => None,
    });
    links.collect()
}

fn saved(screen: &mut TestScreen) -> Vec<Contact> {
    let contacts = screen.effects.drain(..).filter_map(|effect| match effect {
        Effect::Write(Write::SaveContact { contact }) => Some(*contact),
        _ => None,
    });
    contacts.collect()
}

fn asked_for(screen: &mut TestScreen) -> Vec<String> {
    let asked = screen.effects.drain(..).filter_map(|effect| match effect {
        Effect::Read(Read::FindAddress { to, .. }) => Some(to),
        _ => None,
    });
    asked.collect()
}

#[test]
fn a_place_opens_on_the_map_of_ones_choice() {
    let place = json!({"latitude": "-6.2001", "longitude": "106.8166", "name": "Gudang", "address": "Jl. Melati 3"});
    let (_store, mut screen) = with_message(Channel::WhatsApp, Kind::Location, place);
    let text = screen.text();
    assert!(text.contains("Gudang") && text.contains("Jl. Melati 3"), "{text}");
    screen.keys("enter");
    let expected = "https://www.openstreetmap.org/?mlat=-6.2001&mlon=106.8166#map=17/-6.2001/106.8166";
    assert_eq!(opened(&mut screen), [expected]);
    let settings = UserSettings {
        locale: Locale::En,
        country: loket::domain::phone::INDONESIA,
        screen: ScreenSettings { map: MapService::Google, ..ScreenSettings::default() },
        agent_prefix: false,
        listed: Settings::default().listed(),
        files: UserFiles { keymap: Ok(None), theme: Ok(None), replies: Ok(None), views: Ok(None) },
    };
    screen.update(Msg::SettingsRead(Box::new(settings)));
    screen.keys("o");
    assert_eq!(opened(&mut screen), ["https://www.google.com/maps/search/?api=1&query=-6.2001,106.8166"]);
}

#[test]
fn what_is_no_place_on_earth_is_not_opened() {
    for (latitude, longitude) in [("91", "0"), ("x", "1"), ("0", "1&q=x"), ("inf", "0"), ("0", "-180.5")] {
        let place = json!({"latitude": latitude, "longitude": longitude});
        let (_store, mut screen) = with_message(Channel::WhatsApp, Kind::Location, place);
        screen.keys("o");
        assert_eq!(opened(&mut screen), [""; 0]);
        assert!(screen.text().contains("this message has no link"), "{}", screen.text());
    }
}

#[test]
fn a_card_with_one_number_is_written_to_with_one_key() {
    let card = json!({"contacts": [{"name": "Rina", "numbers": ["628999000111"]}]});
    let (store, mut screen) = with_message(Channel::WhatsApp, Kind::Contacts, card);
    screen.effects.clear();
    screen.keys("enter");
    assert_eq!(asked_for(&mut screen), ["628999000111"], "Enter does the same");
    screen.keys("esc w");
    assert!(screen.text().contains("Rina"), "{}", screen.text());
    screen.keys("'Halo' enter");
    let (peer, texts) = {
        let contents = store.contents();
        let new = contents.conversations.values().find(|c| c.id.0 != 1).expect("a new conversation");
        let texts: Vec<String> = contents.messages[&new.id].iter().map(|m| m.text.clone()).collect();
        (new.peer.clone(), texts)
    };
    assert_eq!((peer.as_str(), texts), ("628999000111", vec!["Halo".to_owned()]));
}

#[test]
fn of_several_numbers_one_is_chosen() {
    let card = json!({"contacts": [
        {"name": "Rina", "numbers": ["628999000111", "0812-555-0001"]}, {"name": "Toni", "numbers": ["628777000222"]},
    ]});
    let (_store, mut screen) = with_message(Channel::WhatsApp, Kind::Contacts, card);
    screen.keys("w");
    let text = screen.text();
    assert!(text.contains("0899-9000-111") || text.contains("0899"), "{text}");
    screen.effects.clear();
    screen.keys("down enter");
    assert_eq!(asked_for(&mut screen), ["0812-555-0001"]);
}

#[test]
fn a_card_is_saved_with_what_is_on_it_and_says_where_it_was_known() {
    let card = json!({"contacts": [
        {"name": "Rina", "numbers": ["0899 9000 111"], "emails": ["r@toko.id", "x@y.z"], "company": "PT Rina"},
    ]});
    let (store, mut screen) = with_message(Channel::WhatsApp, Kind::Contacts, card);
    screen.effects.clear();
    screen.keys("c");
    let expected = Contact {
        account: Some(account_name("toko")),
        remote_id: None,
        phone: Some("628999000111".into()),
        name: Some("Rina".into()),
        email: Some("r@toko.id".into()),
        tags: Vec::new(),
        custom_fields: [("company".to_owned(), json!("PT Rina"))].into_iter().collect(),
    };
    assert_eq!(saved(&mut screen), std::slice::from_ref(&expected));
    assert!(screen.text().contains("Saved in Loket's contacts of toko: Rina"), "{}", screen.text());
    store.contents().contacts.push(Contact { name: Some("Rina Toko".into()), ..expected });
    screen.keys("c");
    assert!(screen.text().contains("Already in the contacts: Rina Toko"), "{}", screen.text());
}

#[test]
fn what_cannot_be_done_with_a_card_says_why() {
    let nameless = json!({"contacts": [{"name": "Rina", "numbers": []}]});
    let short = json!({"contacts": [{"name": "Rina", "numbers": ["110"]}]});
    for (channel, payload, key, reason) in [
        (Channel::WhatsApp, nameless, "c", "this message has no contact card with a number"),
        (Channel::WhatsApp, short.clone(), "c", "110 is no phone number."),
        (Channel::Telegram, short, "w", "no account writes to phone numbers"),
    ] {
        let (_store, mut screen) = with_message(channel, Kind::Contacts, payload);
        screen.keys(key);
        assert!(screen.text().contains(reason), "{reason}\n{}", screen.text());
    }
}
