//! A draft survives a power cut, another conversation and the editor; and a paste is one message.

use crate::installation::{Installation, Serve};
use crate::simulators::Simulators;
use crate::term::{Term, USUAL, signal};
use loket::store::Store;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

/// Simulated gateways, an engine on them, and one customer who wrote.
fn started() -> (Simulators, Installation, Serve) {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo?");
    (simulators, installation, serve)
}

#[test]
fn a_draft_outlives_kill_minus_nine() {
    let (_simulators, installation, _serve) = started();
    let mut term = installation.inbox();
    term.shows("Budi");
    term.press("\rjawaban yang belum selesai");
    term.shows("jawaban yang belum selesai");
    // Another screen sees the draft's mark once it is kept.
    let mut other = installation.inbox();
    other.shows("✎");
    term.kill();
    other.press("\r");
    other.shows("jawaban yang belum selesai");
}

#[test]
fn a_draft_waits_in_its_conversation() {
    let (simulators, installation, _serve) = started();
    simulators.customer_writes("chatera", "628123456782", "Citra", "Permisi");
    let mut term = installation.inbox();
    term.shows("Budi");
    term.shows("Citra");
    term.press("/Budi\r");
    term.shows("Halo?");
    term.press("untuk Budi");
    term.shows("› untuk Budi");
    term.press("\x07Citra\r");
    term.until("Citra's conversation", |screen| screen.contains("Permisi") && !screen.contains("› untuk Budi"));
    term.press("\x07Budi\r");
    term.shows("› untuk Budi");
    term.press("\x11");
    assert_eq!(term.ended(), 0);
    let mut again = installation.inbox();
    again.shows("✎");
}

#[test]
fn a_paste_of_several_lines_is_one_draft_and_one_message() {
    let (simulators, installation, _serve) = started();
    let mut term = installation.inbox();
    term.shows("Budi");
    term.press("\r");
    term.shows("Write a message");
    term.paste("baris satu\r\nbaris dua\r\nbaris tiga");
    term.shows("baris tiga");
    assert_eq!(simulators.sent("chatera"), Vec::<String>::new());
    term.press("\r");
    simulators.until_sent("chatera", "baris satu\nbaris dua\nbaris tiga");
    assert_eq!(simulators.sent("chatera").len(), 1);
}

#[test]
fn a_large_paste_asks_before_it_becomes_a_draft() {
    let (simulators, installation, _serve) = started();
    let mut term = installation.inbox();
    term.shows("Budi");
    term.press("\r");
    term.shows("Write a message");
    let lines: Vec<String> = (1..=400).map(|n| format!("baris nomor {n} dari yang ditempel")).collect();
    let lines = lines.join(
        "
",
    );
    term.paste(&lines);
    term.shows("400 lines");
    term.press("\x1b");
    term.hides("400 lines");
    term.shows("Write a message");
    term.paste(&lines);
    term.shows("400 lines");
    term.press("\r");
    term.shows("baris nomor 400");
    // It is longer than the gateway takes, which is reported before anything is sent.
    term.press("\r");
    term.shows("Too long");
    assert_eq!(simulators.sent("chatera"), Vec::<String>::new());
}

/// Opens the inbox with a script as the editor, and the editor on the draft "awal".
fn open_with_editor(installation: &Installation, script: &str) -> Term {
    let editor = installation.path("editor");
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = installation.loket(&[]);
    command.env("EDITOR", &editor);
    let mut term = Term::open(command, USUAL);
    term.shows("Budi");
    term.press("\rawal");
    term.shows("› awal");
    term.press("\x18\x05");
    term
}

#[test]
fn the_editor_gives_the_draft_back_and_the_screen_is_whole_again() {
    let (simulators, installation, _serve) = started();
    let script = "#!/bin/sh\necho EDITOR RUNS\nprintf '%s, dari editor\\n' \"$(cat \"$1\")\" > \"$1\"\n";
    let mut term = open_with_editor(&installation, script);
    let screen = term.shows("› awal, dari editor");
    assert!(screen.contains("Halo?") && !screen.contains("EDITOR RUNS"), "{screen}");
    assert_eq!(simulators.sent("chatera"), Vec::<String>::new());
    term.press("\r");
    simulators.until_sent("chatera", "awal, dari editor");
}

#[test]
fn a_signal_to_end_ends_the_editor_and_keeps_the_draft() {
    let (_simulators, installation, _serve) = started();
    let began = installation.path("began");
    // It has saved once and goes on.
    let script = format!(
        "#!/bin/sh\nprintf 'disimpan di editor' > \"$1\"\nenv > '{0}.new'\nmv '{0}.new' '{0}'\necho EDITOR RUNS\nexec sleep 600\n",
        began.display()
    );
    let mut term = open_with_editor(&installation, &script);
    term.shows("EDITOR RUNS");
    let environment = std::fs::read_to_string(&began).unwrap();
    assert!(!environment.contains("LOKET_"), "{environment}");
    signal(term.pid(), "TERM");
    assert_eq!(term.ended(), 0);
    let mut again = installation.inbox();
    again.shows("✎");
    again.press("\r");
    again.shows("› disimpan di editor");
}

fn sari(installation: &Installation) -> Term {
    Term::open(installation.loket(&["--agent", "Sari"]), USUAL)
}

/// Waits until these are the notes that are kept as begun ones.
#[track_caller]
fn until_begun(store: &Store, expected: &[&str]) {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        let notes: Vec<String> = store.begun_notes("Sari").unwrap().into_iter().map(|(_, text)| text).collect();
        if notes == expected {
            return;
        }
        assert!(Instant::now() < limit, "{notes:?} instead of {expected:?}");
        std::thread::sleep(Duration::from_millis(15));
    }
}

#[test]
fn a_begun_note_outlives_kill_minus_nine_and_stays_a_note() {
    let (_simulators, installation, _serve) = started();
    let store = Store::open(&installation.path("data")).unwrap();
    let mut term = sari(&installation);
    term.shows("Budi");
    term.press("\r");
    term.shows("Write a message");
    term.press("\x18ncek stok gudang");
    term.shows("cek stok gudang");
    until_begun(&store, &["cek stok gudang"]);
    term.kill();
    let mut again = sari(&installation);
    again.shows("┊");
    again.press("\r");
    again.shows("note begun, not saved");
    again.until("an empty composer", |screen| screen.contains("Write a message"));
    again.press("\x18n");
    again.shows("cek stok gudang");
    again.press("\r");
    again.shows("Note saved");
    until_begun(&store, &[]);
}

#[test]
fn what_is_written_outlives_a_signal_while_it_is_asked_when_it_goes_out() {
    let (_simulators, installation, _serve) = started();
    let mut term = installation.inbox();
    term.shows("Budi");
    term.press("\rbesok kami kirim");
    term.shows("› besok kami kirim");
    term.press("\x18w2h");
    term.until("the time in words", |screen| screen.contains("Today at") || screen.contains("Tomorrow at"));
    signal(term.pid(), "TERM");
    term.ended();
    let mut again = installation.inbox();
    again.shows("✎");
    again.press("\r");
    again.shows("› besok kami kirim");
    // And it goes where it was to go.
    again.press("\x18w2h\r");
    again.shows("Goes out");
    again.shows("◷");
    again.until("an empty composer", |screen| screen.contains("Write a message"));
    again.press("\x11");
    again.ended();
}
