//! The prompt for a secret at a terminal: nothing typed is shown, and the terminal is as before afterwards.

use crate::installation::Installation;
use crate::term::Term;

const SCRIPT: &str = "\"$0\" account add toko --provider chatera --api-key -; echo \"status $?\"; stty -a; echo end";

#[test]
fn ctrl_c_at_the_prompt_saves_nothing_and_restores_the_terminal() {
    let installation = Installation::new("locale = \"en\"\n");
    let mut term = Term::open_shell(&installation, SCRIPT);
    term.shows("--api-key (not shown):");
    term.types("geheim\u{3}");
    term.shows("interrupted; nothing was saved");
    term.shows("status 1");
    term.until("the settings of the terminal", |term| term.screen().ends_with("end").then_some(()));
    let screen = term.screen();
    let settings: Vec<&str> = screen.split_whitespace().collect();
    for setting in ["echo", "icanon", "isig"] {
        assert!(settings.contains(&setting), "{setting} is off:\n{screen}");
    }
    assert!(!String::from_utf8_lossy(&term.raw).contains("geheim"), "{screen}");
    term.ends();
    assert_eq!(std::fs::read_to_string(installation.config()).unwrap(), "locale = \"en\"\n");
}
