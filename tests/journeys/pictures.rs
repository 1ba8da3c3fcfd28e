//! Pictures: fetched from a gateway, small in the conversation, large in the viewer, in real pixels where a terminal has
//! them.

use std::time::Duration;

use crate::installation::Installation;
use crate::term::{PAUSE, Term};

/// The demo with a customer's photo in the viewer, in a terminal with these variables.
fn viewer(variables: &[(&str, &str)]) -> Term {
    let installation = Installation::new("");
    let mut command = installation.loket(&["demo"]);
    for name in ["TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "KITTY_WINDOW_ID", "LC_TERMINAL", "NO_COLOR"] {
        command.env_remove(name);
    }
    for (name, value) in variables {
        command.env(name, value);
    }
    let mut term = Term::open(command, (100, 45));
    term.shows("SANDBOX");
    term.shows("Kartika W.");
    term.press("/Kartika\r");
    term.shows("Ini fotonya");
    // The preview, with what only decoding tells.
    term.shows("480×480");
    term.press("\x1b");
    std::thread::sleep(PAUSE);
    term.press("\t");
    term.shows("Enter open file");
    term.press("\r");
    term.shows("1/1");
    term
}

fn count(term: &Term, bytes: &str) -> usize {
    term.raw().windows(bytes.len()).filter(|window| *window == bytes.as_bytes()).count()
}

/// Reads on until these bytes were written so often.
#[track_caller]
fn until_written(term: &mut Term, bytes: &str, times: usize) {
    for _ in 0..60 {
        if count(term, bytes) >= times {
            return;
        }
        term.written_within(Duration::from_millis(500));
    }
    panic!("{bytes:?} is not written {times} times:\n{}", term.screen());
}

#[test]
fn kittys_pixels_come_with_the_viewer_are_moved_with_the_zoom_and_go_with_it() {
    let mut term = viewer(&[("TERM", "xterm-kitty")]);
    until_written(&mut term, "\x1b_Ga=T,f=100,i=76,", 1);
    term.press("+");
    term.shows("150%");
    until_written(&mut term, "\x1b_Ga=T,f=100,i=76,", 2);
    let erased = count(&term, "\x1b_Ga=d,d=I,i=76,");
    term.press("q");
    term.shows("Ini fotonya");
    until_written(&mut term, "\x1b_Ga=d,d=I,i=76,", erased + 1);
}

#[test]
fn iterm2_gets_the_picture_as_a_file() {
    let mut term = viewer(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")]);
    until_written(&mut term, "\x1b]1337;File=inline=1;", 1);
    term.press("q");
    term.shows("Ini fotonya");
    assert_eq!(count(&term, "\x1b]1337;File=inline=1;"), 1);
}

#[test]
fn inside_tmux_and_where_nothing_is_known_there_are_half_blocks_only() {
    for variables in [
        &[("TERM", "tmux-256color"), ("TMUX", "/tmp/none,1,0"), ("KITTY_WINDOW_ID", "1")][..],
        &[("TERM", "xterm-256color")],
    ] {
        let mut term = viewer(variables);
        term.until("half blocks over the window", |screen| screen.matches('▀').count() > 600);
        for sequence in ["\x1b_G", "\x1b]1337", "\x1bPq", "\x1bP0;1"] {
            assert_eq!(count(&term, sequence), 0, "{sequence:?}");
        }
    }
}
