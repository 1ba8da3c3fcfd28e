//! A person at work: windows change, many messages come, the keys do what the hint line says.

use crate::simulators::Simulators;
use crate::term::USUAL;

#[test]
fn a_window_that_changes_keeps_what_is_typed() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo kak, apakah masih ada?");
    let mut term = installation.inbox();
    term.shows("Budi");
    term.press("\rSebentar ya");
    term.shows("› Sebentar ya");
    for size in [(40, 12), (140, 45), (30, 8), (19, 5), USUAL] {
        term.resize(size);
        if size.0 < 20 {
            term.shows("Please enlarge");
        } else {
            term.press("!");
            term.until("the draft at the new size", |screen| {
                let row = screen.lines().nth(usize::from(size.1) - 1).unwrap_or_default();
                screen.contains('!') && row.contains("Enter")
            });
        }
    }
    term.shows("› Sebentar ya!!!!");
}

#[test]
fn what_is_being_read_does_not_move_when_messages_come() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    for n in 1..=40 {
        simulators.customer_writes("chatera", "628123456780", "Budi", &format!("pesan nomor {n:02}"));
    }
    let mut term = installation.inbox();
    term.shows("40 unread");
    term.press("\r");
    term.shows("New messages");
    term.press("\x1b[Z");
    term.press("G");
    term.shows("pesan nomor 40");
    term.hides("40 unread");
    term.press("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk");
    let before = term.until("an earlier part", |screen| screen.contains("pesan nomor 10") && screen.contains('█'));
    let rows = |screen: &str| -> Vec<String> {
        let parts =
            screen.lines().filter_map(|line| line.split_once("│ ")).map(|(_, right)| right.trim_end().to_owned());
        parts.filter(|right| right.contains("pesan nomor")).collect()
    };
    simulators.customer_writes("chatera", "628123456780", "Budi", "dan satu lagi");
    let after = term.shows("↓ 1 new");
    assert_eq!(rows(&after), rows(&before));
    term.press("G");
    term.shows("dan satu lagi");
    term.hides("1 unread");
}

#[test]
fn a_message_that_failed_says_why_and_is_sent_again_on_a_word() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123450000", "Hilang", "Halo?");
    let mut term = installation.inbox();
    term.shows("Hilang");
    term.press("\rAda apa?\r");
    term.until("failed", |screen| screen.contains('✗'));
    term.press("\x1b[ZR");
    term.shows("Send again?");
    term.press("\r");
    term.shows("outbox again");
    simulators.until_count("chatera", 2);
}

#[test]
fn the_palette_and_the_help_say_the_keys() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let mut term = installation.inbox();
    term.shows("No conversations here yet.");
    term.press("\x1bOP");
    term.shows("Quits. Drafts and messages in the outbox are kept.");
    // What can be done anywhere stands under what this pane can do.
    term.press(&"\x1b[6~".repeat(3));
    term.shows("Shows every command with its keys");
    term.press("\x1b");
    term.hides("Shows every command");
    term.press("\x10unread");
    term.shows("unread only");
    term.press("\r");
    term.shows("Waiting · unread · longest");
    // A key that means nothing does nothing, and one that is not possible says why.
    term.press("%\r");
    term.shows("no conversation is chosen");
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
