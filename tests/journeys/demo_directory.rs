//! The demo in a directory of the person's own.

use crate::installation::Installation;
use crate::term::Term;

#[test]
fn the_demo_keeps_its_conversations_in_the_given_directory() {
    let installation = Installation::new("");
    let directory = installation.path("kept");
    let mut term = Term::open(
        installation.loket(&["demo", "--data-dir", directory.to_str().unwrap(), "--locale", "id"]),
        (100, 45),
    );
    term.until("a conversation", |screen| screen.contains(" 1 │"));
    term.press("\x11");
    assert_eq!(term.ended(), 0);
    let listed = installation.run(&["--data-dir", directory.to_str().unwrap(), "--json", "conversations"]);
    assert!(listed.status.success() && !listed.stdout.is_empty(), "{listed:?}");
}

#[test]
fn without_a_terminal_the_demo_and_the_inbox_say_so() {
    let installation = Installation::new("");
    for args in [&["demo"][..], &[]] {
        let refused = installation.run(args);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!((refused.status.code(), refused.stdout.as_slice()), (Some(2), &b""[..]), "{args:?}: {error}");
        assert!(error.contains("needs a terminal"), "{args:?}: {error}");
    }
}
