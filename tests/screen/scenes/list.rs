//! Scenes of the conversation list.
use super::{open_screen, two_conversations};
use crate::kit::{FakeStore, NOW, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, ConversationId, ConversationState, MessageId, WindowRule};
use loket::tui::{Effect, Msg, Write};

#[test]
fn moving_over_conversations_marks_nothing_and_opening_does() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("j k j k");
    assert_eq!(screen.actions(), []);
    screen.keys("enter");
    let newest = MessageId(1);
    assert_eq!(screen.actions(), [Effect::Write(Write::MarkSeen { conversation: budi, message: newest })]);
}

#[test]
fn a_filter_opens_what_matches_even_when_typed_faster_than_it_is_read() {
    let (store, _, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    let mut effects = Vec::new();
    for key in ["/", "a", "y", "u", "enter", "h", "i"] {
        effects.extend(loket::tui::update(&mut screen.model, Msg::Key(crate::kit::key(key))));
    }
    // Only now does the store answer.
    for effect in effects {
        if let Some(msg) = crate::kit::answer(&store, effect) {
            screen.update(msg);
        }
    }
    assert_eq!(screen.model.open_id(), Some(ayu));
    assert_eq!(screen.model.composer.editor.text(), "hi");
}

#[test]
fn arrivals_move_neither_the_selection_nor_what_is_read_in_a_scrolled_list() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=60 {
        let id = store.add_conversation(n, &format!("Customer {n:02}"), "toko", Channel::WhatsApp);
        store.receive(id, minutes_ago(n), "hello");
    }
    let mut screen = open_screen(&store);
    screen.keys("o g pgdn pgdn j");
    let rows = |screen: &TestScreen| -> Vec<String> {
        let text = screen.text();
        text.lines().skip(2).step_by(2).take(10).map(|l| l.chars().skip(1).take(18).collect()).collect()
    };
    let (before, selected) = (rows(&screen), screen.model.conversations.selected);
    for n in 50..=59 {
        store.receive(ConversationId(n), NOW, "again");
    }
    screen.store_changed();
    assert_eq!(screen.model.conversations.selected, selected);
    assert_eq!(rows(&screen), before);
    screen.keys("g");
    assert!(screen.text().lines().nth(2).unwrap().contains("Customer 59"), "{}", screen.text());
}

#[test]
fn the_list_looks_only_at_visible_rows_and_reads_in_pages() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=1500 {
        let id = store.add_conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        store.change_conversation(id, |c| c.last_order = minutes_ago(n));
    }
    let mut screen = open_screen(&store);
    assert!(store.contents().rows_read <= 100, "{}", store.contents().rows_read);
    assert!(screen.model.conversations.visible_rows().count() <= 12);
    for _ in 0..100 {
        screen.keys("pgdn");
    }
    assert!(screen.text().contains("Customer 9"), "{}", screen.text());
    assert!((900..=1200).contains(&screen.model.conversations.len()), "{}", screen.model.conversations.len());
}

#[test]
fn unread_only_shows_unread_ones_and_keeps_the_open_one() {
    let (store, budi, ayu) = two_conversations();
    store.mark_seen(ayu);
    let mut screen = open_screen(&store);
    screen.keys("u");
    assert!(screen.text().contains("Budi") && !screen.text().contains("Ayu"));
    screen.keys("enter");
    screen.store_changed();
    assert!(screen.model.conversations.get(budi).is_some(), "the open one left the list");
    screen.keys("esc esc");
    assert!(screen.text().contains("Ayu"));
}

#[test]
fn the_next_conversation_is_unread_and_waits_longest_then_one_that_was_only_read() {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("ctrl-n");
    assert_eq!(screen.model.open_id(), Some(budi));
    screen.keys("ctrl-n");
    assert_eq!(screen.model.open_id(), Some(ayu));
    // Both are read and wait for an answer still.
    screen.keys("ctrl-n");
    assert_eq!(screen.model.open_id(), Some(budi));
    screen.keys("'ya' enter ctrl-n 'ya' enter ctrl-n");
    assert!(screen.text().contains("Nobody waits for an answer."), "{}", screen.text());
}

/// The lines of the list without its title, cut at the wall.
fn lines_of_list(screen: &TestScreen) -> Vec<String> {
    let width = usize::from(screen.model.areas.list.width);
    let text = screen.text();
    let lines = text.lines().skip(2).take(usize::from(screen.model.areas.list.height));
    lines.map(|line| line.chars().take(width).collect::<String>().trim_end().to_owned()).collect()
}

fn line_with(screen: &TestScreen, name: &str) -> usize {
    lines_of_list(screen).iter().position(|line| line.contains(name)).unwrap_or(usize::MAX)
}

#[test]
fn who_waits_longest_stands_first_and_those_who_were_answered_below_a_rule() {
    let (store, budi, _) = two_conversations();
    let rina = store.add_conversation(3, "Rina", "toko", Channel::WhatsApp);
    store.receive(rina, minutes_ago(180), "Kak, ada ukuran L?");
    store.receive(rina, minutes_ago(1), "Kak?");
    store.add_sent(budi, minutes_ago(3), loket::domain::Status::Read, "Siap kak");
    let mut screen = open_screen(&store);
    let lines = lines_of_list(&screen);
    assert!(screen.text().lines().nth(1).unwrap().starts_with(" Waiting 2 · longest first"), "{}", screen.text());
    assert!(lines[0].contains("Rina") && lines[0].ends_with("3h"), "{lines:#?}");
    assert!(lines[1].contains("Kak, ada ukuran L?"), "the first question, not the last \"Kak?\": {lines:#?}");
    assert!(lines[2].contains("Ayu") && lines[2].ends_with("10m"), "{lines:#?}");
    assert!(lines[4].contains("── answered ──"), "{lines:#?}");
    assert!(lines[5].contains("Budi") && lines[5].ends_with("09:57"), "{lines:#?}");
    screen.keys("o");
    let lines = lines_of_list(&screen);
    assert!(screen.text().lines().nth(1).unwrap().contains("newest first"), "{}", screen.text());
    let times: Vec<&str> = lines.iter().step_by(2).take(3).filter_map(|l| l.split(' ').next_back()).collect();
    assert_eq!(times, ["09:59", "09:57", "09:50"], "the column shows what the list is ordered by");
    assert!(!lines.iter().any(|line| line.contains("answered")));
}

#[test]
fn an_answered_conversation_keeps_its_line_until_the_next_one_is_chosen() {
    let (store, budi, ayu) = two_conversations();
    let rina = store.add_conversation(3, "Rina", "toko", Channel::WhatsApp);
    store.receive(rina, minutes_ago(5), "Halo");
    let mut screen = open_screen(&store);
    screen.keys("enter 'Siap kak' enter");
    assert_eq!(store.contents().conversations[&budi].waiting_since, None);
    assert_eq!((line_with(&screen, "Budi"), line_with(&screen, "Ayu")), (0, 2));
    screen.keys("ctrl-n");
    assert_eq!(screen.model.conversations.selected, Some(ayu));
    assert_eq!((line_with(&screen, "Ayu"), line_with(&screen, "Rina"), line_with(&screen, "Budi")), (0, 2, 5));
}

#[test]
fn nothing_moves_under_the_cursor_at_the_top_of_the_list_either() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=8 {
        let id = store.add_conversation(n, &format!("Customer {n:02}"), "toko", Channel::WhatsApp);
        store.receive(id, minutes_ago(n), "hello");
    }
    let mut screen = open_screen(&store);
    screen.keys("o g j j");
    let (selected, line) = (screen.model.conversations.selected, line_with(&screen, "Customer 03"));
    assert_eq!(line, 4);
    store.receive(ConversationId(7), NOW, "again");
    screen.store_changed();
    assert_eq!(screen.model.conversations.selected, selected);
    assert_eq!(line_with(&screen, "Customer 03"), 4);
    assert!(screen.text().lines().nth(1).unwrap().contains("↑1"), "{}", screen.text());
    screen.keys("g");
    assert_eq!(line_with(&screen, "Customer 07"), 0);
}

#[test]
fn the_end_of_a_long_list_is_one_key_away_and_so_is_its_top() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    for n in 1..=3000 {
        let id = store.add_conversation(n, &format!("Customer {n}"), "toko", Channel::WhatsApp);
        store.change_conversation(id, |c| c.last_order = minutes_ago(n));
    }
    let mut screen = open_screen(&store);
    screen.keys("G");
    assert_eq!(screen.model.conversations.selected, Some(ConversationId(3000)));
    assert!(lines_of_list(&screen).iter().any(|line| line.contains("Customer 3000")), "{}", screen.text());
    assert!(store.contents().rows_read < 500, "{}", store.contents().rows_read);
    for _ in 0..60 {
        screen.keys("pgup");
    }
    assert!(line_with(&screen, "Customer 2") < usize::MAX);
    assert!(screen.model.conversations.selected.unwrap().0 < 2700, "rows above are read as they come into view");
    screen.keys("g");
    assert_eq!(screen.model.conversations.selected, Some(ConversationId(1)));
    assert_eq!(line_with(&screen, "Customer 1"), 0);
}

#[test]
fn resolving_takes_a_conversation_off_the_list_and_a_new_message_brings_it_back() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("e");
    let done = Effect::Write(Write::SetState { conversation: budi, state: ConversationState::Resolved, until: None });
    assert!(screen.actions().contains(&done));
    assert!(screen.model.conversations.get(budi).is_none());
    store.change_conversation(budi, |c| c.state = ConversationState::Open);
    store.receive(budi, NOW, "Satu lagi");
    screen.store_changed();
    // It comes back above the row under the cursor, which stays where it is.
    assert!(!screen.text().contains("W Budi") && screen.text().contains("↑1"), "{}", screen.text());
    screen.keys("g");
    assert!(screen.text().contains("W Budi"));
}

#[test]
fn marking_unread_closes_the_conversation_so_that_it_stays_unread() {
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter esc tab");
    screen.actions();
    screen.keys("m");
    assert_eq!(screen.actions(), [Effect::Write(Write::MarkUnread { conversation: budi })]);
    assert_eq!(screen.model.open_id(), None);
    screen.store_changed();
    assert_eq!(screen.actions(), []);
}

#[test]
fn a_row_shows_what_one_has_begun_to_write_there() {
    let (store, budi, ayu) = two_conversations();
    store.change_conversation(ayu, |c| c.draft = Some("Siap Kak,\nbesok dikirim".into()));
    store.change_conversation(budi, |c| c.draft = Some("Sebentar ya".into()));
    let mut screen = open_screen(&store);
    assert!(screen.text().contains("✎ Siap Kak, besok") && !screen.text().contains("Permisi"), "{}", screen.text());
    // Where it is open the draft stands in the composer; the row shows what there is to answer.
    screen.keys("enter");
    assert!(screen.text().contains("Halo") && !screen.text().contains("✎ Sebentar"), "{}", screen.text());
}

#[test]
fn a_conversation_that_is_deleted_elsewhere_leaves_the_screen_with_its_draft() {
    let (store, budi, ayu) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter 'sebentar ya'");
    assert_eq!(screen.model.open_id(), Some(budi));
    screen.actions();
    store.forget(budi);
    screen.store_changed();
    assert_eq!((screen.model.open_id(), screen.model.conversations.selected), (None, Some(ayu)));
    assert!(screen.text().contains("This conversation is no longer there."), "{}", screen.text());
    assert!(!screen.text().contains("sebentar") && !screen.text().contains("Budi"), "{}", screen.text());
    screen.advance(5);
    assert!(!screen.actions().iter().any(|e| matches!(e, Effect::Write(Write::SaveDraft { .. }))));
    // One that is not open only leaves the list.
    store.forget(ayu);
    screen.store_changed();
    assert!(screen.model.conversations.is_empty());
}

#[test]
fn accounts_with_like_names_can_be_told_apart_in_rows_and_help() {
    let store = FakeStore::new();
    for (n, name) in (1..).zip(["cs-jakarta", "cs-bandung", "toko", "toko-2"]) {
        store.add_account(name, Channel::WhatsApp, WindowRule::None);
        let id = store.add_conversation(n, &format!("Pelanggan {n}"), name, Channel::WhatsApp);
        store.receive(id, minutes_ago(10 * n), "halo");
    }
    let mut screen = open_screen(&store);
    for mark in ["csj halo", "csb halo", "tok halo", "to2 halo"] {
        assert!(screen.text().contains(mark), "{mark}\n{}", screen.text());
    }
    screen.keys("f1");
    let mut help = String::new();
    for _ in 0..40 {
        screen.keys("pgdn");
        help += &screen.text();
    }
    for explained in ["the account cs-jakarta", "the account toko-2"] {
        assert!(help.contains(explained), "{explained}\n{help}");
    }
    // Where there is room, the name stands there.
    let wide = TestScreen::new(store, Locale::En, (200, 60));
    assert!(wide.text().contains("cs-jakarta halo") && wide.text().contains("toko-2     halo"), "{}", wide.text());
}

#[test]
fn what_is_open_over_a_conversation_closes_when_that_is_deleted() {
    for keys in ["enter backtab d", "enter ctrl-x c", "ctrl-x l", "enter ctrl-x n 'cek'", "z"] {
        let (store, budi, _) = two_conversations();
        let mut screen = open_screen(&store);
        screen.keys(keys);
        screen.pause();
        assert_eq!(screen.model.overlays.len(), 1, "{keys}: {}", screen.text());
        store.forget(budi);
        screen.store_changed();
        assert!(screen.model.overlays.is_empty(), "{keys}: {}", screen.text());
    }
    // What is about something else stays.
    let (store, budi, _) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-f 'besok'");
    store.forget(budi);
    screen.store_changed();
    assert_eq!(screen.model.overlays.len(), 1, "{}", screen.text());
}

#[test]
fn the_header_says_the_order_whole_or_more_shortly_but_never_half() {
    for (locale, width, header) in [
        (Locale::En, 80, " Waiting · unread · longest │"),
        (Locale::Id, 80, " Menunggu 2 · belum dibaca "),
        (Locale::En, 40, " Waiting 2 · unread · longest first"),
        (Locale::En, 200, " Waiting 2 · unread · longest first"),
    ] {
        let (store, budi, _) = two_conversations();
        store.mark_seen(budi);
        let mut screen = TestScreen::new(store, locale, (width, 24));
        screen.keys("u");
        screen.pause();
        let text = screen.text();
        assert!(text.lines().nth(1).unwrap().starts_with(header), "{locale:?} {width}: {text}");
    }
}

#[test]
fn a_row_that_is_cut_at_the_end_of_the_pane_stands_under_the_others() {
    let (store, ..) = two_conversations();
    for n in 3..20 {
        let id = store.add_conversation(n, &format!("Pelanggan {n}"), "toko", Channel::WhatsApp);
        store.receive(id, minutes_ago(n), "Halo");
    }
    let screen = TestScreen::new(store, Locale::En, (80, 24));
    let text = screen.text();
    let columns: std::collections::BTreeSet<_> = text.lines().filter_map(|line| line.find("Pelanggan")).collect();
    assert_eq!(columns.len(), 1, "{text}");
}
