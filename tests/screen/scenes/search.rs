//! Scenes of the search in all messages: what is shown of a hit, and going from hit to hit.
use super::{open_screen, two_conversations};
use crate::kit::minutes_ago;

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
