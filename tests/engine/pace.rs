//! How fast an account may send: never more than its gateway allows, also over a restart and over commands.
use crate::kit::{Dialect, Home, account};
use crate::{accepting_gateway, base, fast, queue, status};

#[test]
fn waviro_sends_five_in_a_minute_and_the_rest_waits_over_a_restart() {
    let (slow, quick) = (accepting_gateway(Dialect::Waviro), accepting_gateway(Dialect::Chatera));
    let home = Home::new(&format!(
        "{}{}",
        account("lambat", Dialect::Waviro, &base(Dialect::Waviro, &slow.url()), ""),
        fast("cepat", Dialect::Chatera, &quick.url())
    ));
    // Two by a command without an engine: they count too.
    for n in 0..2 {
        let to = format!("628123000{n}");
        home.run(&["send", "--account", "lambat", "--to", &to, "--text", &format!("pesan {n}")]).expect_status(0);
    }
    let engine = home.serve();
    for n in 2..8 {
        queue(&home, "lambat", &format!("628123000{n}"), &format!("pesan {n}"));
    }
    let sent = |m: &[serde_json::Value]| m.iter().filter(|m| m["status"] == "sent").count();
    home.until_messages("lambat", "five", |m| sent(m) == 5);
    queue(&home, "cepat", "6281230001", "satu");
    home.until_messages("cepat", "another account's", |m| status(m, "satu") == "sent");
    assert_eq!(slow.requests().len(), 5);
    engine.kill();
    let _engine = home.serve();
    queue(&home, "cepat", "6281230001", "dua");
    home.until_messages("cepat", "another account's", |m| status(m, "dua") == "sent");
    // A command waits for its place like everything else.
    let output =
        home.run(&["--json", "send", "--account", "lambat", "--to", "6281230009", "--text", "x", "--wait", "1"]);
    assert_eq!(output.expect_status(3).json()[0]["status"], "queued");
    assert_eq!(slow.requests().len(), 5);
    let messages = home.messages("lambat");
    assert_eq!(messages.iter().filter(|m| m["status"] == "queued").count(), 4, "{messages:?}");
}

#[test]
fn a_command_without_an_engine_keeps_the_rate_limit_too() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let home = Home::new(&account("toko", Dialect::Waviro, &base(Dialect::Waviro, &gateway.url()), ""));
    for n in 0..5 {
        home.run(&["send", "--account", "toko", "--to", &format!("628123000{n}"), "--text", "x"]).expect_status(0);
    }
    let output = home.run(&["send", "--account", "toko", "--to", "6281230009", "--text", "x", "--wait", "1"]);
    assert_eq!((output.expect_status(3).err.is_empty(), gateway.requests().len()), (false, 5));
}
