//! `loket login` in a terminal: a phone reads the code off it, and the command ends when the session is connected.
use crate::installation::{Gateways, Installation};
use crate::term::Term;

#[test]
fn a_phone_is_logged_in_by_the_command_in_a_terminal() {
    let gateways = Gateways::start();
    let installation = Installation::new(&format!(
        "locale = \"en\"\n[[account]]\nname = \"toko\"\nprovider = \"waviro\"\nbase_url = \"{}\"\n\
         api_key = \"sandbox-secretkey-waviro-baru\"\n",
        gateways.base("waviro-baru")
    ));
    let mut term = Term::open(&installation, &["login", "toko"]);
    let code = term.until("a code that can be read", Term::scan);
    assert!(code.starts_with("2@") && code.len() > 200, "{code}");
    term.until("another code", |term| term.scan().filter(|renewed| *renewed != code));
    term.shows("connected as 6283100000000");
    term.ends();
    let listed = installation.run(&["--json", "account", "list"], "");
    assert!(listed.status == 0 && listed.out.contains("\"state\":\"connected\""), "{listed:?}");
}
