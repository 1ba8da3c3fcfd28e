//! Two agents on one host: who has a conversation open, who writes there, whose draft is whose, and a dead screen.

use std::time::{Duration, Instant};

use loket::domain::{ConversationFilter, ConversationRange, Presence};
use loket::store::Store;

use crate::installation::Installation;
use crate::simulators::Simulators;
use crate::term::{Term, USUAL};

/// The longest that anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What a screen that is none of those of the test sees of the only conversation.
fn present(store: &Store) -> Vec<Presence> {
    let mut conversations = store.conversations(&ConversationFilter::default(), ConversationRange::Top, 1).unwrap();
    store.add_presence("", conversations.iter_mut()).unwrap();
    conversations.remove(0).presence
}

#[track_caller]
fn until_present(store: &Store, expected: &[(&str, bool)]) {
    let limit = Instant::now() + LIMIT;
    loop {
        let seen = present(store);
        let seen: Vec<_> = seen.iter().map(|present| (present.agent.as_str(), present.writing)).collect();
        if seen == expected {
            return;
        }
        assert!(Instant::now() < limit, "{seen:?} instead of {expected:?}");
        std::thread::sleep(Duration::from_millis(15));
    }
}

fn screen_of(installation: &Installation, agent: &str) -> Term {
    Term::open(installation.loket(&["--agent", agent]), USUAL)
}

#[test]
fn two_agents_see_each_other_keep_their_drafts_and_a_killed_screen_is_gone() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi Santoso", "Halo kak");
    let (mut sari, mut tono) = (screen_of(&installation, "Sari"), screen_of(&installation, "Tono"));
    for term in [&mut sari, &mut tono] {
        term.shows("Budi Santoso");
    }
    let store = Store::open(&installation.path("data")).unwrap();
    until_present(&store, &[]);
    sari.press("\r");
    sari.shows("Halo kak");
    until_present(&store, &[("Sari", false)]);
    tono.press("\r");
    tono.press("Saya cek dulu");
    tono.shows("Saya cek dulu");
    until_present(&store, &[("Sari", false), ("Tono", true)]);
    sari.press("Masih ada");
    sari.shows("Masih ada");
    assert!(!sari.screen().contains("Saya cek dulu"), "{}", sari.screen());
    until_present(&store, &[("Sari", true), ("Tono", true)]);
    // Sari's message goes out and clears Sari's draft, and says that Sari no longer writes; Tono's text stays.
    sari.press("\r");
    simulators.until_sent("chatera", "Masih ada");
    until_present(&store, &[("Sari", false), ("Tono", true)]);
    assert!(tono.shows("Masih ada").contains("Saya cek dulu"));
    // A moment later Tono is asked first; yes sends.
    tono.press("\r");
    tono.shows("Sari answered");
    assert_eq!(simulators.sent("chatera"), ["Masih ada"]);
    tono.press("\r");
    simulators.until_sent("chatera", "Saya cek dulu");
    sari.kill();
    until_present(&store, &[("Tono", false)]);
    tono.press("\x11");
    tono.until("asked or ended", |_| true);
    drop(tono);
    until_present(&store, &[]);
}
