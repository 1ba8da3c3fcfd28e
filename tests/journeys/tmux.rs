//! Journeys inside a stock tmux: no configuration, `escape-time` 500, `set-clipboard` external.
//!
//! They are skipped, and say so, where tmux is not installed.

use crate::installation::{Installation, Serve};
use crate::simulators::Simulators;
use crate::term::{Term, USUAL, skip};

/// An inbox in tmux, with an engine and a message of Budi.
struct InTmux {
    term: Term,
    installation: Installation,
    _serve: Serve,
    _simulators: Simulators,
}

impl InTmux {
    /// `None`, said with the reason, where tmux is not installed.
    fn open(message: &str) -> Option<Self> {
        let version = std::process::Command::new("tmux").arg("-V").output();
        if !version.is_ok_and(|output| output.status.success()) {
            skip("no tmux on this machine");
            return None;
        }
        let simulators = Simulators::open();
        let installation = simulators.installation();
        let serve = installation.serve();
        simulators.connect(&serve);
        simulators.customer_writes("chatera", "628123456780", "Budi", message);
        let mut term = inbox_in_tmux(&installation);
        term.shows("Budi");
        Some(InTmux { term, installation, _serve: serve, _simulators: simulators })
    }
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
    let Some(mut inbox) = InTmux::open("Halo kak, apakah masih ada?") else { return };
    // tmux holds the Esc back and sends both as Alt and the letter. The letter once opened the editor.
    inbox.term.resolves_and_undoes_by_letters();
    let term = &mut inbox.term;
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
    let Some(InTmux { mut term, installation, .. }) = InTmux::open("resi 0123456789") else { return };
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
