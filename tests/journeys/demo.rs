//! The demo: simulated customers, without any account of the person.

use crate::installation::Installation;
use crate::term::Term;

/// A line of the list, by the mark of the account that it begins with.
fn accounts_in(screen: &str) -> [bool; 4] {
    ["cha", "cet", "wav", "clo"].map(|mark| screen.lines().any(|line| line.get(1..4) == Some(mark)))
}

#[test]
fn conversations_of_all_gateways_come_and_an_answer_is_read_and_answered() {
    let installation = Installation::new("");
    let mut term = Term::open(installation.loket(&["demo"]), (100, 45));
    term.until("conversations of all four gateways", |screen| accounts_in(screen) == [true; 4]);
    term.shows("SANDBOX");

    term.press("/Budi\r");
    term.shows("New messages");
    term.press("Ada, Kak. Silakan dipilih warnanya.\r");
    term.until("the answer in the conversation", |screen| {
        screen.lines().any(|line| line.contains("dipilih warnanya.") && line.contains('▐'))
    });
    let before = term.until("delivered and read", |screen| screen.contains("✓✓ ▐"));
    let messages = |screen: &str| screen.lines().filter(|line| line.contains("│ ▎")).count();
    term.until("an answer of the customer", |screen| messages(screen) > messages(&before));
    term.press("\x11");
    assert_eq!(term.ended(), 0);
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let installation = Installation::new("");
    let mut command = installation.loket(&["demo"]);
    std::fs::create_dir(installation.path("tmp")).unwrap();
    command.env("TMPDIR", installation.path("tmp"));
    // Without a directory of its own it takes a passing one.
    command.env_remove("LOKET_DATA_DIR");
    let mut term = Term::open(command, (80, 24));
    term.shows("SANDBOX");
    assert_eq!(std::fs::read_dir(installation.path("tmp")).unwrap().count(), 1);
    term.press("q");
    assert_eq!(term.ended(), 0);
    assert_eq!(std::fs::read_dir(installation.path("tmp")).unwrap().count(), 0);
}
