//! By keyboard only: from an empty machine to a message answered, and from a logged-out phone to a connected one.

use crate::installation::{Gateways, Installation, Running};
use crate::term::Term;
use crate::until;
use std::os::unix::fs::PermissionsExt as _;

/// A listener on any free port, and words of the person that must stay.
const CONFIG: &str = "# my own words\nlocale = \"en\"\nagent = \"Sari\"\n\n[listener]\nbind = \"127.0.0.1:0\"  # any\n";

#[test]
fn an_account_is_added_by_keyboard_and_works_at_once() {
    let gateways = Gateways::start();
    let installation = Installation::new(CONFIG);
    let mut term = Term::open(&installation, &[]);
    term.shows("Try the demo");
    term.types("a");
    term.shows("< Chatera >");
    term.next("\u{15}toko");
    term.next("\u{15}");
    term.types(&gateways.base("chatera/v1"));
    term.next("salah");
    term.next("sandbox-hook-chatera");
    term.next("");
    term.next("");
    term.next("\r");
    term.shows("Chatera refuses the key.");
    assert_eq!(std::fs::read_to_string(installation.config()).unwrap(), CONFIG, "nothing was saved");
    // The refused key has the focus; the right one takes its place.
    term.types("\u{15}chatera_sk_sandbox\t\t\t\t\r");
    term.shows("Waiting for the first webhook");
    term.shows("Chatera accepts the key.");
    term.types("y");
    let url = term.clipboard();
    gateways.paste("chatera", &url);
    gateways.customer_writes("chatera", "6281234567890", "Halo, masih buka?");
    term.shows("Received the first webhook");
    term.types("\r");
    term.shows("Halo, masih buka?");
    term.types("\r");
    term.shows("› ");
    term.types("Masih, Kak\r");
    until("the answer", || gateways.sent("chatera").contains("Masih, Kak").then_some(()));
    term.quits();

    let config = std::fs::read_to_string(installation.config()).unwrap();
    assert!(config.starts_with(CONFIG), "{config}");
    assert!(config.contains("name = \"toko\"") && config.contains("provider = \"chatera\""), "{config}");
    assert!(!config.contains("chatera_sk_sandbox") && !config.contains("sandbox-hook"), "{config}");
    let stored = installation.path().join("secrets/toko.api_key");
    assert_eq!(std::fs::metadata(&stored).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(stored).unwrap().trim(), "chatera_sk_sandbox");
    // What the form wrote is what commands read.
    let listed = installation.run(&["--json", "account", "list"], "");
    assert!(listed.status == 0 && listed.out.contains("\"name\":\"toko\""), "{listed:?}");
}

#[test]
fn beside_an_engine_an_account_that_the_form_adds_receives_at_once() {
    let gateways = Gateways::start();
    // There is no configuration file yet: the form makes it.
    let installation = Installation::new("");
    let engine = Running::start(installation.command(&["serve", "--listen", "127.0.0.1:0"]));
    until("the engine", || engine.out().starts_with("listening").then_some(()));
    std::fs::remove_file(installation.config()).unwrap();
    let mut term = Term::open(&installation, &["--locale", "en"]);
    term.shows("Try the demo");
    term.types("a");
    term.shows("< Chatera >");
    term.next("");
    term.next("\u{15}");
    term.types(&gateways.base("chatera/v1"));
    term.next("chatera_sk_sandbox");
    term.next("");
    term.next("");
    term.next("");
    term.next("\r");
    term.shows("Waiting for the first webhook");
    term.types("y");
    gateways.paste("chatera", &term.clipboard());
    gateways.customer_writes("chatera", "6281234567890", "Halo, masih buka?");
    term.shows("Received the first webhook");
    term.quits();
    let config = std::fs::read_to_string(installation.config()).unwrap();
    assert!(config.contains("name = \"chatera\""), "{config}");
}

#[test]
fn a_phone_is_logged_in_by_a_code_that_is_read_off_the_terminal() {
    let gateways = Gateways::start();
    let base = gateways.base("waviro-baru");
    let account = format!(
        "\n[[account]]\nname = \"toko\"\nprovider = \"waviro\"\nbase_url = \"{base}\"\n\
         api_key = \"sandbox-secretkey-waviro-baru\"\n"
    );
    let installation = Installation::new(&format!("{CONFIG}{account}"));
    let mut term = Term::open(&installation, &[]);
    term.shows("toko");
    term.types("\u{1b}OR");
    let code = term.until("a code that can be read", Term::scan);
    assert!(code.starts_with("2@") && code.len() > 200, "{code}");
    term.types("s");
    term.shows("Saved as");
    let picture = installation.data().join("login-toko.png");
    assert_eq!(std::fs::metadata(picture).unwrap().permissions().mode() & 0o777, 0o600);
    term.shows("connected as 6283100000000");
    // It closes by itself, and the account shows what the gateway reported.
    term.until("the list", |term| term.screen().contains("No conversations here yet").then_some(()));
    term.shows("● toko");
    term.types("\u{1b}OR");
    term.shows("connected as 6283100000000");
    term.quits();
}

#[test]
fn the_demo_is_one_key_away() {
    let installation = Installation::new(CONFIG);
    let mut term = Term::open(&installation, &[]);
    term.shows("Try the demo");
    term.types("d");
    term.shows("SANDBOX");
    term.until("a customer", |term| (!term.screen().contains("No conversations here yet")).then_some(()));
    term.quits();
    assert_eq!(std::fs::read_to_string(installation.config()).unwrap(), CONFIG);
    let listed = installation.run(&["--json", "conversations"], "");
    assert_eq!((listed.status, listed.out.as_str()), (0, ""), "the demo keeps nothing here");
}
