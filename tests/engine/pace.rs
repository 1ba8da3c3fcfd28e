//! How fast an account may send: never more than its gateway allows, also over a restart and over commands.

use crate::kit::{House, Voice, account};
use crate::{base, fast, queue, status, willing};

#[test]
fn waviro_sends_five_in_a_minute_and_the_rest_waits_over_a_restart() {
    let (slow, quick) = (willing(Voice::Waviro), willing(Voice::Chatera));
    let house = House::new(&format!(
        "{}{}",
        account("lambat", Voice::Waviro, &base(Voice::Waviro, &slow.url()), ""),
        fast("cepat", Voice::Chatera, &quick.url())
    ));
    // Two by a command without an engine: they count too.
    for n in 0..2 {
        let to = format!("628123000{n}");
        house.run(&["send", "--account", "lambat", "--to", &to, "--text", &format!("pesan {n}")]).ends(0);
    }
    let engine = house.serve();
    for n in 2..8 {
        queue(&house, "lambat", &format!("628123000{n}"), &format!("pesan {n}"));
    }
    let sent = |m: &[serde_json::Value]| m.iter().filter(|m| m["status"] == "sent").count();
    house.until_messages("lambat", "five", |m| sent(m) == 5);
    queue(&house, "cepat", "6281230001", "satu");
    house.until_messages("cepat", "another account's", |m| status(m, "satu") == "sent");
    assert_eq!(slow.seen().len(), 5);
    engine.kill();
    let _engine = house.serve();
    queue(&house, "cepat", "6281230001", "dua");
    house.until_messages("cepat", "another account's", |m| status(m, "dua") == "sent");
    // A command waits for its place like everything else.
    let ran = house.run(&["--json", "send", "--account", "lambat", "--to", "6281230009", "--text", "x", "--wait", "1"]);
    assert_eq!(ran.ends(3).json()[0]["status"], "queued");
    assert_eq!(slow.seen().len(), 5);
    let messages = house.messages("lambat");
    assert_eq!(messages.iter().filter(|m| m["status"] == "queued").count(), 4, "{messages:?}");
}

#[test]
fn a_command_without_an_engine_keeps_to_the_budget_too() {
    let gateway = willing(Voice::Waviro);
    let house = House::new(&account("toko", Voice::Waviro, &base(Voice::Waviro, &gateway.url()), ""));
    for n in 0..5 {
        house.run(&["send", "--account", "toko", "--to", &format!("628123000{n}"), "--text", "x"]).ends(0);
    }
    let ran = house.run(&["send", "--account", "toko", "--to", "6281230009", "--text", "x", "--wait", "1"]);
    assert_eq!((ran.ends(3).err.is_empty(), gateway.seen().len()), (false, 5));
}
