//! A screen beside an engine that runs without one.

use crate::simulators::Simulators;
use crate::term::signal;

#[test]
fn a_message_shows_in_the_viewer_and_its_answer_is_sent_by_the_engine() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    let mut term = installation.inbox();
    // Beside so many accounts the process id gives way first.
    term.shows("VIEWER");
    simulators.customer_writes("chatera", "628123456780", "Budi Santoso", "Halo kak, apakah masih ada?");
    term.shows("Budi Santoso");
    term.shows("1 unread");
    term.press("\r");
    term.shows("Halo kak, apakah masih ada?");
    term.hides("1 unread");
    term.press("Masih ada, Kak.\r");
    term.until("accepted by the gateway", |screen| {
        screen.lines().any(|line| line.contains("Masih ada, Kak.") && line.contains('✓'))
    });
    simulators.until_sent("chatera", "Masih ada, Kak.");
    assert_eq!(simulators.sent("chatera").len(), 1);
    // The engine outlives the screen.
    term.press("\x11");
    assert_eq!(term.ended(), 0);
    let mut again = installation.inbox();
    again.shows("Masih ada");
}

#[test]
fn a_second_engine_is_refused_and_names_the_first() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    let second = installation.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let error = String::from_utf8(second.stderr).unwrap();
    assert!(error.contains(&serve.pid().to_string()), "{error}");
    assert_eq!(second.stdout, b"");
}

#[test]
fn without_a_terminal_the_inbox_says_so_and_what_to_do() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    for args in [&[][..], &["demo"]] {
        let out = installation.run(args);
        assert_eq!(out.status.code(), Some(2), "{out:?}");
        let error = String::from_utf8(out.stderr).unwrap();
        assert!(error.starts_with("loket: ") && error.contains("terminal") && error.contains("loket serve"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert_eq!(out.stdout, b"");
    }
}

#[test]
fn a_viewer_goes_on_alone_when_its_engine_dies_and_sends_once() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo?");
    let mut term = installation.inbox();
    term.shows("VIEWER");
    term.shows("Budi");
    signal(serve.pid(), "KILL");
    drop(serve);
    term.press("\rSebentar ya.\r");
    term.until("accepted by the gateway", |screen| {
        screen.lines().any(|line| line.contains("Sebentar ya.") && line.contains('▐') && line.contains('✓'))
    });
    term.hides("VIEWER");
    term.press("\x11");
    assert_eq!(term.ended(), 0);
    assert_eq!(simulators.sent("chatera"), ["Sebentar ya."]);
}
