//! Scenes of the whole screen: quitting, sizes, time, the cursor.
use super::{add_long_history, open_screen, two_conversations};
use crate::kit::{FakeStore, NOW, TestScreen, minutes_ago};
use loket::config::Locale;
use loket::domain::{Channel, Status, WindowRule};
use loket::tui::{Effect, TerminalAction, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

#[test]
fn the_list_quits_with_q_and_the_composer_does_not() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter q");
    assert!(screen.text().contains("› q"));
    screen.keys("esc q");
    assert!(screen.actions().contains(&Effect::Terminal(TerminalAction::Quit)));
}

#[test]
fn an_interrupt_says_how_to_quit() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    screen.keys("enter ctrl-c");
    assert!(screen.text().contains("Ctrl+Q quits"), "{}", screen.text());
    assert!(!screen.actions().contains(&Effect::Terminal(TerminalAction::Quit)));
}

#[test]
fn a_narrow_window_shows_one_pane_at_a_time() {
    let (store, ..) = two_conversations();
    let mut screen = TestScreen::new(store, Locale::En, (40, 12));
    assert!(screen.text().contains("Ayu"));
    screen.keys("enter");
    assert!(!screen.text().contains("Ayu") && screen.text().contains("Halo"));
    screen.keys("esc");
    assert!(screen.text().contains("Ayu"));
}

#[test]
fn nothing_ages_on_a_quiet_screen() {
    let store = FakeStore::new();
    store.add_account("toko", Channel::WhatsApp, WindowRule::None);
    let id = store.add_conversation(1, "Budi", "toko", Channel::WhatsApp);
    store.add_sent(id, minutes_ago(3), Status::Read, "Sampai besok");
    let mut screen = open_screen(&store);
    // At midnight alone, when the clock times of the list become those of yesterday.
    let midnight = loket::domain::Timestamp(NOW.0 + 14 * 3_600_000);
    assert_eq!(screen.model.deadline(), Some(midnight));
    store.receive(id, minutes_ago(3), "Sampai besok");
    screen.store_changed();
    // The call for it, then the waiting time, which changes on the whole minute.
    screen.advance(1);
    assert_eq!(screen.model.deadline(), Some(NOW.plus(std::time::Duration::from_secs(60))));
}

#[test]
fn the_cursor_is_always_somewhere() {
    let (store, budi, _) = two_conversations();
    add_long_history(&store, budi, 30);
    let mut screen = open_screen(&store);
    for keys in ["j", "/", "esc", "enter", "'abc'", "tab tab", "pgup", "ctrl-p", "esc ctrl-g", "esc ctrl-f"] {
        screen.keys(keys);
        assert!(screen.cursor().is_some(), "no cursor after {keys}\n{}", screen.text());
    }
}

#[test]
fn every_size_can_be_drawn() {
    let (store, budi, _) = two_conversations();
    add_long_history(&store, budi, 10);
    let mut screen = open_screen(&store);
    for script in ["enter 'abc def'", "ctrl-p", "esc f1", "esc ctrl-o", "esc ctrl-f 'mess'"] {
        screen.keys(script);
        for (width, height) in [(1, 1), (20, 6), (21, 7), (39, 11), (40, 12), (59, 9), (60, 10), (300, 100)] {
            screen.resize(width, height);
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| draw(&screen.model, frame)).unwrap();
        }
        screen.resize(80, 24);
    }
}

#[test]
fn a_listener_that_moved_is_reported_once_with_what_to_do() {
    let (store, ..) = two_conversations();
    let mut screen = open_screen(&store);
    assert!(!screen.text().contains("paste the webhook URLs again"));
    store.contents().process.moved_to = Some("https://new.example".to_owned());
    screen.store_changed();
    let shown = screen.text();
    assert!(shown.contains("https://new.example") && shown.contains("paste"), "{shown}");
    // The notice goes, and the same fact read again does not bring it back.
    screen.advance(11);
    screen.store_changed();
    assert!(!screen.text().contains("https://new.example"), "{}", screen.text());
}
