//! Views of the conversation list, and the words of queries.

use super::{open_screen, two_conversations};
use crate::kit::TestScreen;
use loket::config::{Locale, ScreenSettings, Settings};
use loket::domain::ConversationState;
use loket::tui::{Msg, UserFiles, UserSettings};

fn names(screen: &TestScreen) -> Vec<String> {
    screen.model.conversations.rows().map(|row| row.name.clone()).collect()
}

fn use_views(screen: &mut TestScreen, text: &str) {
    let files = UserFiles { keymap: Ok(None), theme: Ok(None), replies: Ok(None), views: Ok(Some(text.into())) };
    let country = loket::domain::phone::INDONESIA;
    let listed = Settings::default().listed();
    let settings = UserSettings {
        locale: Locale::En,
        country,
        screen: ScreenSettings::default(),
        agent_prefix: false,
        listed,
        files,
    };
    screen.update(Msg::SettingsRead(Box::new(settings)));
}

#[test]
fn a_view_is_chosen_by_name_and_left_by_esc() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(budi, |c| c.assignee = Some("Sari".into()));
    store.change_conversation(ayu, |c| c.account = loket::domain::AccountName::new("resmi").unwrap());
    let mut screen = open_screen(&store);
    screen.keys("v");
    for name in ["Waiting", "All", "Unread", "Put off", "Resolved", "Mine", "Unassigned", "toko", "resmi"] {
        assert!(screen.text().to_lowercase().contains(&name.to_lowercase()), "{name}\n{}", screen.text());
    }
    screen.keys("'mine' enter");
    assert_eq!(names(&screen), ["Budi"]);
    assert!(screen.text().contains("Mine"), "{}", screen.text());
    screen.keys("ctrl-x v 'unassi' enter");
    assert_eq!(names(&screen), ["Ayu"]);
    // What comes shows in the view only if it belongs there.
    store.change_conversation(ayu, |c| c.state = ConversationState::Open);
    screen.keys("v 'toko' enter");
    assert_eq!(names(&screen), ["Budi"]);
    screen.keys("esc");
    assert_eq!(names(&screen), ["Budi", "Ayu"]);
    assert!(screen.text().contains("Waiting"), "{}", screen.text());
}

/// What stands at the right of a view in the open list of views.
fn count_of(screen: &TestScreen, name: &str) -> String {
    let text = screen.text();
    let line = text.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}\n{text}"));
    line.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '+').rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn every_view_has_a_count_which_follows_what_comes() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(budi, |c| c.labels = vec!["komplain".into()]);
    store.change_conversation(ayu, |c| c.state = ConversationState::Snoozed);
    let mut screen = open_screen(&store);
    use_views(&mut screen, "[[view]]\nname = \"Baru\"\nquery = \"is:waiting is:unassigned\"\n");
    screen.keys("v");
    for (name, count) in [
        ("Waiting", "1"),
        ("All", "2"),
        ("Unread", "2"),
        ("Put off", "1"),
        ("Resolved", "0"),
        ("Mine", "0"),
        ("Unassigned", "1"),
        ("toko        account", "1"),
        ("resmi       account", "0"),
        ("#komplain", "1"),
        ("Baru", "1"),
    ] {
        assert_eq!(count_of(&screen, name), count, "{name}\n{}", screen.text());
    }
    store.change_conversation(ayu, |c| {
        c.state = ConversationState::Open;
        c.assignee = Some("Sari".into());
    });
    screen.store_changed();
    for (name, count) in [("Put off", "0"), ("Mine", "1"), ("toko        account", "2"), ("Waiting", "2")] {
        assert_eq!(count_of(&screen, name), count, "{name}\n{}", screen.text());
    }
    // A label is a view, and the list's name has its count.
    screen.keys("'#kom' enter");
    assert_eq!(names(&screen), ["Budi"]);
    assert!(screen.text().contains("#komplain 1"), "{}", screen.text());
    store.change_conversation(ayu, |c| c.labels = vec!["komplain".into()]);
    screen.store_changed();
    assert!(screen.text().contains("#komplain 2"), "{}", screen.text());
}

#[test]
fn the_name_of_a_long_view_says_that_there_are_more() {
    let (store, ..) = two_conversations();
    for n in 10..400 {
        store.add_conversation(n, &format!("Pelanggan {n}"), "resmi", loket::domain::Channel::WhatsApp);
    }
    let mut screen = open_screen(&store);
    screen.keys("v 'resmi' enter");
    assert!(screen.text().contains("resmi 99+"), "{}", screen.text());
}

#[test]
fn a_shown_view_follows_its_file() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.labels = vec!["komplain".into()]);
    store.change_conversation(budi, |c| c.labels = vec!["vip".into()]);
    let mut screen = open_screen(&store);
    use_views(&mut screen, "[[view]]\nname = \"Penting\"\nquery = \"label:komplain\"\n");
    screen.keys("v 'penting' enter");
    assert_eq!(names(&screen), ["Ayu"]);
    use_views(&mut screen, "[[view]]\nname = \"Penting\"\nquery = \"label:vip\"\n");
    assert_eq!(names(&screen), ["Budi"]);
    // An error leaves it, and what is gone from the file is no longer shown.
    use_views(&mut screen, "[[view]]\nname = \"Penting\"\nquery = \"lable:vip\"\n");
    assert_eq!(names(&screen), ["Budi"]);
    use_views(&mut screen, "");
    assert_eq!(names(&screen), ["Budi", "Ayu"]);
    assert!(screen.text().contains("Waiting"), "{}", screen.text());
}

#[test]
fn views_of_ones_own_are_chosen_and_replace_built_in_ones() {
    let (store, _, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.labels = vec!["komplain".into()]);
    let mut screen = open_screen(&store);
    use_views(
        &mut screen,
        "[[view]]\nname = \"Komplain\"\nquery = \"label:komplain is:waiting\"\n[[view]]\nname = \"Resolved\"\nquery = false\n",
    );
    screen.keys("v");
    assert!(!screen.text().contains("Resolved"), "{}", screen.text());
    assert!(screen.text().contains("label:komplain is:waiting"), "{}", screen.text());
    screen.keys("'kompl' enter");
    assert_eq!(names(&screen), ["Ayu"]);
    assert!(screen.text().contains("Komplain"), "{}", screen.text());
    // A file that cannot be used names the word, and leaves the views in force.
    use_views(&mut screen, "[[view]]\nname = \"Komplain\"\nquery = \"lable:x\"\n");
    assert!(screen.text().contains("lable:x"), "{}", screen.text());
    screen.keys("v 'kompl'");
    assert!(screen.text().contains("label:komplain"), "{}", screen.text());
}

#[test]
fn the_filter_takes_the_words_of_queries() {
    let (store, _, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.labels = vec!["vip".into()]);
    let mut screen = open_screen(&store);
    screen.keys("/ 'label:vip'");
    assert_eq!(names(&screen), ["Ayu"]);
    screen.keys("ctrl-u 'from:bud'");
    assert_eq!(names(&screen), ["Budi"]);
    // A word that is being typed hides nothing; Enter says what is wrong with it.
    screen.keys("ctrl-u 'is:wai'");
    assert_eq!(names(&screen), ["Budi", "Ayu"]);
    screen.keys("enter");
    assert!(screen.text().contains("is:wai: there is no such value"), "{}", screen.text());
    screen.keys("'ting' enter");
    assert!(screen.model.open_id().is_some());
}
