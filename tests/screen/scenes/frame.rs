//! Scenes of the whole screen: quitting, sizes, time, the cursor.

use crate::kit::{Fake, NOW, Stage, minutes_ago};
use loket::config::Locale;
use loket::domain::window::WindowRule;
use loket::domain::{Channel, Status};
use loket::tui::draw;
use loket::tui::effect::Effect;
use loket::tui::effect::TerminalAction;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{long, shop, stage};

#[test]
fn the_list_quits_with_q_and_the_composer_does_not() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter q");
    assert!(stage.text().contains("› q"));
    stage.keys("esc q");
    assert!(stage.deeds().contains(&Effect::Terminal(TerminalAction::Quit)));
}

#[test]
fn an_interrupt_says_how_to_quit() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    stage.keys("enter ctrl-c");
    assert!(stage.text().contains("Ctrl+Q quits"), "{}", stage.text());
    assert!(!stage.deeds().contains(&Effect::Terminal(TerminalAction::Quit)));
}

#[test]
fn a_narrow_window_shows_one_pane_at_a_time() {
    let (fake, ..) = shop();
    let mut stage = Stage::new(fake, Locale::En, (40, 12));
    assert!(stage.text().contains("Ayu"));
    stage.keys("enter");
    assert!(!stage.text().contains("Ayu") && stage.text().contains("Halo"));
    stage.keys("esc");
    assert!(stage.text().contains("Ayu"));
}

#[test]
fn nothing_ages_on_a_quiet_screen() {
    let fake = Fake::new();
    fake.account("toko", Channel::WhatsApp, WindowRule::None);
    let id = fake.conversation(1, "Budi", "toko", Channel::WhatsApp);
    fake.wrote(id, minutes_ago(3), Status::Read, "Sampai besok");
    let mut stage = stage(&fake);
    assert_eq!(stage.model.deadline(), None);
    fake.hears(id, minutes_ago(3), "Sampai besok");
    stage.wake();
    // The waiting time changes on the whole minute.
    assert_eq!(stage.model.deadline(), Some(NOW.plus(std::time::Duration::from_secs(60))));
}

#[test]
fn the_cursor_is_always_somewhere() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 30);
    let mut stage = stage(&fake);
    for keys in ["j", "/", "esc", "enter", "'abc'", "tab tab", "pgup", "ctrl-p", "esc ctrl-g", "esc ctrl-f"] {
        stage.keys(keys);
        assert!(stage.cursor().is_some(), "no cursor after {keys}\n{}", stage.text());
    }
}

#[test]
fn every_size_can_be_drawn() {
    let (fake, budi, _) = shop();
    long(&fake, budi, 10);
    let mut stage = stage(&fake);
    for script in ["enter 'abc def'", "ctrl-p", "esc f1", "esc ctrl-o", "esc ctrl-f 'mess'"] {
        stage.keys(script);
        for (width, height) in [(1, 1), (20, 6), (21, 7), (39, 11), (40, 12), (59, 9), (60, 10), (300, 100)] {
            stage.resize(width, height);
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| draw(&stage.model, frame)).unwrap();
        }
        stage.resize(80, 24);
    }
}

#[test]
fn a_listener_that_moved_is_told_once_with_what_to_do() {
    let (fake, ..) = shop();
    let mut stage = stage(&fake);
    assert!(!stage.text().contains("paste the webhook URLs again"));
    fake.world().facts.moved_to = Some("https://new.example".to_owned());
    stage.wake();
    let told = stage.text();
    assert!(told.contains("https://new.example") && told.contains("paste"), "{told}");
    // The notice goes, and the same fact read again does not bring it back.
    stage.pass(11);
    stage.wake();
    assert!(!stage.text().contains("https://new.example"), "{}", stage.text());
}
