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
    command.env_remove("LOKET_LOCALE");
    let mut term = Term::open(command, USUAL);
    term.shows("Belum ada percakapan");
    let config = fs::read_to_string(installation.path("config.toml")).unwrap();
    assert!(config.contains("locale = \"id\""), "{config}");
    fs::write(installation.path("config.toml"), config.replace("locale = \"id\"", "locale = \"en\"")).unwrap();
    term.shows("No conversations here yet.");
}

#[test]
fn a_setting_that_is_changed_on_the_screen_is_in_the_file_and_in_force() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let config = fs::read_to_string(installation.path("config.toml")).unwrap();
    let mut term = installation.inbox();
    term.shows("No conversations here yet.");
    term.press(",");
    term.shows("Settings");
    // Down to the theme.
    term.press("jjjjj");
    term.until("the theme is chosen", |screen| screen.contains("theme \u{b7} "));
    term.press("\r");
    term.until("the theme is another", |screen| {
        screen.lines().any(|line| line.contains("Theme") && line.contains("light"))
    });
    let changed = fs::read_to_string(installation.path("config.toml")).unwrap();
    assert_eq!(changed.replacen("theme = \"light\"\n", "", 1), config);
}
