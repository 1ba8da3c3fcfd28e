//! What a person sets takes effect in a running screen.

use std::fs;

use crate::simulators::Simulators;
use crate::term::{Term, USUAL};

#[test]
fn a_bad_key_map_at_the_start_is_said_and_a_mended_one_takes_effect_at_once() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    fs::write(installation.path("keymap.toml"), "[list]\nfly = [\"f\"]\n").unwrap();
    let mut term = installation.inbox();
    term.shows("keymap.toml not used: [list] fly is no command");
    fs::write(installation.path("keymap.toml"), "[anywhere]\naccounts = [\"f9\"]\n").unwrap();
    term.shows("keymap.toml: the change is in force.");
    // F9.
    term.press("\x1b[20~");
    term.shows("Accounts");
}

#[test]
fn a_changed_language_takes_effect_while_the_screen_runs() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let mut command = installation.loket(&[]);
    command.env("LOKET_LOCALE", "");
    let mut term = Term::open(command, USUAL);
    term.shows("No conversations here yet.");
    let config = fs::read_to_string(installation.path("config.toml")).unwrap();
    fs::write(installation.path("config.toml"), format!("locale = \"id\"\n{config}")).unwrap();
    term.shows("Belum ada percakapan");
}
