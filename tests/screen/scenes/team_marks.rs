//! Scenes of what the screen shows of a team: who else is there, who deals with it, labels, until when it sleeps.
use super::{open_screen, two_conversations};
use crate::kit::{NOW, TestScreen};
use loket::config::Locale;
use loket::domain::{ConversationState, Presence, Timestamp};

fn agent(name: &str, writing: bool) -> Presence {
    Presence { agent: name.to_owned(), writing }
}

/// The part of a line that the list takes.
fn list_part(screen: &TestScreen, line: usize) -> String {
    let text = screen.text();
    text.lines().nth(line).unwrap_or_default().split('│').next().unwrap_or_default().to_owned()
}

#[test]
fn another_agent_is_on_the_composers_border_while_there() {
    for (locale, reads, writes) in [
        (Locale::Id, "Tono juga membuka percakapan ini", "Tono menulis …"),
        (Locale::En, "Tono has this conversation open too", "Tono is writing …"),
    ] {
        for size in [(80, 24), (40, 12)] {
            let (store, budi, _) = two_conversations();
            let mut screen = TestScreen::new(store.clone(), locale, size);
            screen.keys("enter");
            assert!(!screen.text().contains("Tono"));
            for (present, said) in [(agent("Tono", false), reads), (agent("Tono", true), writes)] {
                store.change_conversation(budi, |c| c.presence = vec![present]);
                screen.store_changed();
                let text = screen.text();
                let border = text.lines().rev().find(|line| line.contains(said)).unwrap_or_else(|| panic!("{text}"));
                assert!(border.contains('─'), "{text}");
            }
            store.change_conversation(budi, |c| c.presence.clear());
            screen.store_changed();
            assert!(!screen.text().contains("Tono"), "{}", screen.text());
        }
    }
}

#[test]
fn the_row_says_who_writes_and_who_deals_with_it_and_never_cuts_the_name() {
    let (store, budi, _) = two_conversations();
    store.change_conversation(budi, |c| {
        c.assignee = Some("Sari".into());
        c.labels = vec!["vip".into(), "komplain".into(), "grosir".into()];
        c.presence = vec![agent("Tono", true)];
    });
    let mut screen = TestScreen::new(store.clone(), Locale::Id, (80, 24));
    let (first, second) = (list_part(&screen, 2), list_part(&screen, 3));
    assert!(first.contains("Budi") && first.contains("#vip @Sari 20m"), "{first}");
    assert!(!first.contains("komp") && !first.contains("grosir"), "what does not fit is left out: {first}");
    assert!(second.contains("Tono menulis …") && !second.contains("Halo"), "{second}");
    store.change_conversation(budi, |c| {
        c.name = "Kartika Wulandari".into();
        c.presence = vec![agent("Tono", false)];
    });
    screen.store_changed();
    let (first, second) = (list_part(&screen, 2), list_part(&screen, 3));
    assert!(first.contains("Kartika Wulandari") && first.contains("20m") && !first.contains('@'), "{first}");
    assert!(second.contains("Halo"), "{second}");
    store.change_conversation(budi, |c| c.assignee = Some("\u{1b}[2J\u{202e}".into()));
    screen.store_changed();
    assert!(!screen.text().contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn a_snoozed_row_says_until_when() {
    let (store, budi, _) = two_conversations();
    store.change_conversation(budi, |c| {
        c.state = ConversationState::Snoozed;
        c.snoozed_until = Some(Timestamp(NOW.0 + 23 * 3_600_000));
    });
    let mut screen = TestScreen::new(store, Locale::Id, (80, 24));
    screen.keys("ctrl-x v 'ditunda' enter");
    assert!(screen.text().contains("23 Agu"), "{}", screen.text());
    screen.resize(140, 45);
    assert!(screen.text().contains("◔ besok 09:00"), "{}", screen.text());
}

#[test]
fn labels_and_the_window_have_a_line_under_the_name() {
    let (store, budi, _) = two_conversations();
    store.change_conversation(budi, |c| c.window_until = Some(Timestamp(NOW.0 + 2 * 3_600_000)));
    let mut screen = open_screen(&store);
    screen.keys("enter");
    assert_eq!(screen.text().matches("reply within 2h 0m").count(), 1, "{}", screen.text());
    store.change_conversation(budi, |c| c.labels = vec!["komplain".into(), "vip".into()]);
    screen.store_changed();
    let text = screen.text();
    let line = text.lines().nth(2).unwrap_or_default();
    assert!(line.contains("#komplain #vip") && line.ends_with("reply within 2h 0m"), "{text}");
    assert_eq!(text.matches("reply within").count(), 1, "{text}");
    screen.resize(40, 12);
    assert!(screen.text().contains("reply within 2h 0m"), "{}", screen.text());
}
