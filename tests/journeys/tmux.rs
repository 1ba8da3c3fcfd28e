//! Journeys inside a stock tmux: no configuration, `escape-time` 500, `set-clipboard` external.
//!
//! They are skipped, and say so, where tmux is not installed.

use crate::installation::Installation;
use crate::simulators::Simulators;
use crate::term::{Term, USUAL};
use std::time::Duration;

/// A person's pause between Esc and the next key, shorter than tmux waits for the rest of a sequence.
const PAUSE: Duration = Duration::from_millis(300);

fn is_installed() -> bool {
    std::process::Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success())
}

/// The inbox in a tmux server of its own, which ends with it.
fn inbox_in_tmux(installation: &Installation) -> Term {
    let script = "tmux -f /dev/null -S \"$HOME/tmux\" new-session \"$LOKET_BINARY --listen 127.0.0.1:0\"";
    let mut command = installation.shell(script);
    command.env("LOKET_BINARY", env!("CARGO_BIN_EXE_loket"));
    Term::open(command, USUAL)
}

#[test]
fn esc_a_pause_and_a_letter_are_esc_and_the_letter() {
    if !is_installed() {
        return;
    }
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo kak, apakah masih ada?");
    let mut term = inbox_in_tmux(&installation);
    term.shows("Budi");
    term.press("\r");
    term.shows("Write a message");
    // tmux holds the Esc back and sends both as Alt and the letter. The letter once opened the editor.
    term.press("\x1b");
    std::thread::sleep(PAUSE);
    term.press("e");
    term.shows("Budi: Resolved.");
    // What was done is undone by the letter that the notice names.
    term.press("u");
    term.shows("Budi: undone.");
    // The actions are there in the composer too, without any Alt.
    term.press("\r");
    term.shows("Write a message");
    term.press("\x18");
    term.shows("Actions: Budi");
    term.press("\x1b");
    term.hides("Actions: Budi");
    term.press("\x11");
    term.ended();
}

#[test]
fn a_copy_says_what_stock_tmux_does_with_it() {
    if !is_installed() {
        return;
    }
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "resi 0123456789");
    let mut term = inbox_in_tmux(&installation);
    term.shows("Budi");
    term.press("\r");
    term.shows("› Write a message");
    // Shift+Tab goes to the messages.
    term.press("\x1b[Z");
    term.press("y");
    term.shows("set-clipboard on");
    let socket = installation.path("tmux");
    let buffer = std::process::Command::new("tmux").arg("-S").arg(socket).arg("show-buffer").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&buffer.stdout), "resi 0123456789");
    term.press("\x11");
    term.ended();
}

#[test]
fn what_is_typed_in_the_list_is_no_command() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo kak");
    let mut term = installation.inbox();
    term.shows("Budi");
    term.press("qris");
    term.shows("no conversation is open");
    term.press("\r");
    term.shows("Write a message");
    term.press("\x1b");
    term.shows("Enter open");
    term.press("oke kak");
    term.shows("› oke kak");
    assert!(!term.screen().contains("Resolved"));
    term.press("\r");
    term.shows("Enter again sends it to Budi.");
    term.press("\x11");
    term.ended();
}
