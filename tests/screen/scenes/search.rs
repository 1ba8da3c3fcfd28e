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
