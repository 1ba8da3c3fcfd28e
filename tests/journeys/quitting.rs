//! However the program ends, the terminal is as it was found.

use crate::installation::Installation;
use crate::simulators::Simulators;
use crate::term::{Term, USUAL, signal};

/// Every mode that the program switches on.
const MODES: [&str; 4] = ["1049", "2004", "1004", "2026"];

/// What `stty -a` says before and after, and the exit status, when a program runs between.
const BETWEEN: &str = "stty -a; echo BEFORE; loket; echo \"STATUS $?\"; stty -a; echo AFTER";

fn position(text: &str, part: &str) -> usize {
    text.rfind(part).unwrap_or_else(|| panic!("no {part:?} in {text:?}"))
}

/// Fails unless the terminal is as it was before the program.
#[track_caller]
fn as_it_was(term: &Term, status: u32) {
    let raw = String::from_utf8_lossy(term.raw()).into_owned();
    for mode in MODES {
        let (on, off) = (format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l"));
        assert!(position(&raw, &off) > position(&raw, &on), "mode {mode} stays on");
    }
    assert!(position(&raw, "\x1b[?25h") > raw.find("\x1b[?1049h").unwrap());
    let state = term.state();
    assert!(!state.alternate_screen() && !state.bracketed_paste() && !state.hide_cursor());
    assert_eq!(state.fgcolor(), vt100::Color::Default);
    assert!(!state.bold() && !state.inverse());
    let (before, rest) = raw.split_once("BEFORE").unwrap();
    let (_, after) = rest.split_once(&format!("STATUS {status}\r\n")).unwrap_or_else(|| panic!("{rest:?}"));
    let (after, _) = after.split_once("AFTER").unwrap();
    assert_eq!(before.trim(), after.trim());
    // Nothing of the program's own comes after it gave the terminal back.
    assert!(!after.contains('\x1b'), "{after:?}");
}

fn opened(installation: &Installation) -> Term {
    let mut term = Term::open(installation.shell(BETWEEN), USUAL);
    term.shows("F1 help");
    assert!(term.state().alternate_screen() && term.state().bracketed_paste());
    term
}

#[test]
fn ctrl_q_gives_the_terminal_back() {
    let installation = Simulators::open().installation();
    let mut term = opened(&installation);
    term.press("\x11");
    term.ended();
    as_it_was(&term, 0);
}

#[test]
fn signals_give_the_terminal_back() {
    for name in ["TERM", "HUP", "INT"] {
        let installation = Simulators::open().installation();
        let mut term = opened(&installation);
        signal(installation.screens()[0], name);
        term.ended();
        as_it_was(&term, 0);
    }
}

#[test]
fn a_wrong_configuration_is_reported_before_the_terminal_is_touched() {
    let installation = Installation::new("lokale = \"id\"\n");
    let mut term = Term::open(installation.shell("loket; echo \"STATUS $?\""), USUAL);
    term.ended();
    let raw = String::from_utf8_lossy(term.raw()).into_owned();
    assert!(raw.contains("locale") && raw.contains("STATUS 2") && !raw.contains('\x1b'), "{raw:?}");
}

#[test]
fn ctrl_z_sleeps_and_fg_wakes() {
    let installation = Simulators::open().installation();
    let script =
        "set -m; stty -a; echo BEFORE; loket; echo ASLEEP; read line; fg; echo \"STATUS $?\"; stty -a; echo AFTER";
    let mut term = Term::open(installation.shell(script), USUAL);
    term.shows("F1 help");
    // A process that is just being started would be stopped in the middle of it: the engine gets its time first.
    std::thread::sleep(std::time::Duration::from_secs(3));
    term.press("\x1a");
    term.shows("ASLEEP");
    assert!(!term.state().alternate_screen() && !term.state().bracketed_paste());
    term.press("\n");
    term.shows("F1 help");
    assert!(term.state().alternate_screen() && term.state().bracketed_paste());
    term.press("?");
    term.shows("Shows the keys of this place");
    term.press("\x1b");
    term.hides("Shows the keys of this place");
    // Reception ends with the last screen: a letter asks first.
    term.press("q");
    term.shows("No messages are received");
    term.press("\r");
    term.ended();
    as_it_was(&term, 0);
}
