//! Scenes of the search in all messages: what is shown of a hit, and going from hit to hit.
use super::{open_screen, two_conversations};
use crate::kit::{TestScreen, answer, minutes_ago};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loket::tui::{Msg, update};

#[test]
fn a_hit_shows_the_place_that_matches_with_its_words_marked() {
    let (store, budi, _) = two_conversations();
    let long = format!("{} apakah gamis Sagé masih ada? {}", "pembuka ".repeat(30), "penutup ".repeat(30));
    store.receive(budi, minutes_ago(5), &long);
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'gamis sagé'");
    let text = screen.text();
    let (y, line) = (0_u16..).zip(text.lines()).find(|(_, l)| l.contains("gamis Sagé masih")).unwrap_or_else(|| {
        panic!("{text}");
    });
    assert!(line.contains('…'), "{line}");
    let buffer = screen.buffer();
    let style = |word: &str| {
        let x = line.split(word).next().unwrap().chars().count();
        buffer[(u16::try_from(x).unwrap(), y)].style()
    };
    assert_eq!(style("gamis"), style("Sagé"));
    assert_ne!(style("gamis"), style("masih"));
}

#[test]
fn n_goes_on_to_the_next_hit_in_another_conversation_and_shift_n_back() {
    let (store, budi, ayu) = two_conversations();
    store.receive(budi, minutes_ago(6), "gamis satu");
    store.receive(ayu, minutes_ago(5), "gamis dua");
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'gamis' enter");
    assert_eq!(screen.model.open_id(), Some(ayu));
    for (key, open, place) in [("n", budi, "2/2"), ("N", ayu, "1/2"), ("N", budi, "2/2"), ("n", ayu, "1/2")] {
        screen.keys(key);
        assert_eq!(screen.model.open_id(), Some(open));
        assert!(screen.text().contains(place), "{}", screen.text());
        let thread = screen.model.thread.as_ref().unwrap();
        assert!(thread.selected_message().unwrap().text.starts_with("gamis"));
    }
}

#[test]
fn without_a_search_there_is_no_next_hit() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter backtab n");
    assert!(screen.text().contains("nothing was searched for yet"), "{}", screen.text());
}

/// The lines of the screen that show a hit.
fn hits(screen: &TestScreen) -> Vec<String> {
    let text = screen.text();
    let inside = text.lines().filter(|line| line.contains("gamis") && line.contains(" 09:"));
    inside.map(str::to_owned).collect()
}

#[test]
fn words_with_a_colon_narrow_the_search_and_are_explained() {
    let (store, budi, ayu) = two_conversations();
    store.receive(budi, minutes_ago(6), "gamis satu");
    store.receive(ayu, minutes_ago(5), "gamis dua");
    store.change_conversation(budi, |c| c.labels = vec!["vip".into()]);
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f");
    for word in ["from:", "account:", "channel:", "label:", "assignee:", "is:waiting", "after:", "before:"] {
        assert!(screen.text().contains(word), "{word}\n{}", screen.text());
    }
    screen.keys("'gamis label:vip'");
    assert_eq!(hits(&screen).len(), 1, "{}", screen.text());
    assert!(hits(&screen)[0].contains("Budi"), "{}", screen.text());
    // Without a text, every message of what is asked for.
    screen.keys("ctrl-u 'label:vip'");
    assert!(screen.text().contains("Halo") && !screen.text().contains("gamis dua"), "{}", screen.text());
    screen.keys("enter");
    assert_eq!(screen.model.open_id(), Some(budi));
}

#[test]
fn a_word_that_means_nothing_is_named_while_the_others_hold() {
    let (store, budi, _) = two_conversations();
    store.receive(budi, minutes_ago(6), "gamis satu");
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'lable:vip gamis'");
    assert!(screen.text().contains("lable:vip: no such word"), "{}", screen.text());
    assert_eq!(hits(&screen).len(), 1, "{}", screen.text());
    screen.keys("ctrl-u 'after:besok ' enter");
    assert!(screen.text().contains("after:besok: not a day such as 2026-11-30"), "{}", screen.text());
}

#[test]
fn what_comes_meanwhile_is_found_and_the_chosen_hit_stays_on_its_line() {
    let (store, budi, ayu) = two_conversations();
    store.receive(budi, minutes_ago(6), "gamis satu");
    store.receive(ayu, minutes_ago(5), "gamis dua");
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'gamis' down");
    let line = |screen: &TestScreen| {
        screen.text().lines().position(|line| line.contains("█ Budi") && line.contains("gamis satu"))
    };
    let before = line(&screen);
    assert!(before.is_some(), "{}", screen.text());
    for n in 0..3 {
        store.receive(ayu, minutes_ago(4 - n), &format!("gamis nomor {n}"));
        screen.store_changed();
        assert_eq!(line(&screen), before, "{}", screen.text());
    }
    // The new ones are above.
    screen.keys("up up up up");
    assert!(screen.text().contains("gamis nomor 2"), "{}", screen.text());
    // An edit that makes it no hit takes it away.
    screen.keys("down down down down enter");
    assert_eq!(screen.model.open_id(), Some(budi));
}

#[test]
fn enter_before_the_answer_opens_what_the_new_text_finds() {
    let (store, budi, ayu) = two_conversations();
    store.receive(budi, minutes_ago(6), "gamis satu");
    store.receive(ayu, minutes_ago(5), "gamis dua");
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'gamis '");
    // Answers are slow from here on.
    let mut asked = Vec::new();
    for code in "satu".chars().map(KeyCode::Char).chain([KeyCode::Enter]) {
        asked.extend(update(&mut screen.model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE))));
    }
    assert_eq!(screen.model.open_id(), None, "the hit of the older text is not opened");
    for effect in asked {
        if let Some(msg) = answer(&store, effect) {
            screen.update(msg);
        }
    }
    assert_eq!(screen.model.open_id(), Some(budi));
}

#[test]
fn an_account_that_does_not_exist_is_named_where_nothing_is_found() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("ctrl-f 'account:tokoo halo'");
    assert!(screen.text().contains("No account is called tokoo."), "{}", screen.text());
    screen.keys("ctrl-u 'account:toko tidakada'");
    assert!(!screen.text().contains("No account"), "{}", screen.text());
}
