//! The configuration is watched: accounts come, change and go while the engine runs.

use crate::accepted;
use crate::gateway::{Answer, Gateway};
use crate::kit::{Dialect, Home, account, wait_until};

const EVENT: (&str, &str, &str) = ("m-1", "628123456789", "Halo");

fn event() -> crate::kit::Webhook {
    Dialect::Chatera.text_event(EVENT.0, EVENT.1, EVENT.2)
}

fn until_answered(engine: &crate::kit::RunningEngine, account: &str, status: u16) {
    wait_until(&format!("{status} for {account}"), || (engine.post(account, &event()).status == status).then_some(()));
}

#[test]
fn an_account_that_is_added_or_removed_beside_a_running_engine_is_so_for_the_engine_too() {
    let gateway = Gateway::start(|_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    let first = account("toko", Dialect::Chatera, &gateway.url(), "window = \"none\"");
    let home = Home::new(&first);
    let engine = home.serve();
    assert_eq!(engine.post("cabang", &event()).status, 404);
    let second = account("cabang", Dialect::Chatera, &gateway.url(), "window = \"none\"");
    home.configure(&format!("{first}{second}"));
    until_answered(&engine, "cabang", 200);
    home.until_messages("cabang", "the event", |messages| messages.len() == 1);
    // The running engine sends for it, too.
    let sent = home.run(&["send", "--account", "cabang", "--to", "628123456789", "--text", "Ada"]).expect_status(0);
    assert!(sent.out.contains("sent"), "{sent:?}");
    // Editors replace a file by renaming another one to it.
    let new = home.config().with_extension("new");
    std::fs::write(&new, &first).unwrap();
    std::fs::rename(&new, home.config()).unwrap();
    until_answered(&engine, "cabang", 404);
    assert_eq!(engine.post("toko", &event()).status, 200);
}

#[test]
fn a_changed_key_is_used_for_the_next_message_without_a_restart() {
    let gateway = Gateway::start(|_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    let before = account("toko", Dialect::Chatera, &gateway.url(), "window = \"none\"");
    let home = Home::new(&before);
    let engine = home.serve();
    home.configure(&before.replace("sk_live_kunci", "sk_live_baru"));
    wait_until("the change", || engine.log().contains("changed configuration is in force").then_some(()));
    home.run(&["send", "--account", "toko", "--to", "628123456789", "--text", "Halo"]).expect_status(0);
    let request = gateway.wait_for_requests(1).remove(0);
    assert!(request.headers.iter().any(|(_, value)| value.contains("sk_live_baru")), "{request:?}");
}

#[test]
fn a_change_that_cannot_be_used_leaves_the_old_one_in_force() {
    let good = account("toko", Dialect::Chatera, "http://127.0.0.1:9", "");
    let home = Home::new(&good);
    let engine = home.serve();
    let refusals = || engine.log().matches("cannot be used; the old one stays in force").count();
    for (n, bad) in ["not = [toml", &format!("locale = \"xx\"\n{good}"), &good.replace("\"chatera\"", "\"nope\"")]
        .iter()
        .enumerate()
    {
        home.configure(bad);
        wait_until("the refusal", || (refusals() == n + 1).then_some(()));
        assert_eq!(engine.post("toko", &event()).status, 200, "{bad}");
    }
    std::fs::remove_file(home.config()).unwrap();
    wait_until("the refusal", || (refusals() == 4).then_some(()));
    assert_eq!(engine.post("toko", &event()).status, 200);
    home.configure(&format!("{good}\n{}", account("cabang", Dialect::Chatera, "http://127.0.0.1:9", "")));
    until_answered(&engine, "cabang", 200);
}

#[test]
fn sighup_reads_the_configuration_again_and_ends_nothing() {
    let good = account("toko", Dialect::Chatera, "http://127.0.0.1:9", "");
    let home = Home::new(&good);
    let engine = home.serve();
    engine.signal("HUP");
    wait_until("the reload", || engine.log().contains("the changed configuration is in force").then_some(()));
    assert_eq!(engine.post("toko", &event()).status, 200);
    assert!(engine.end().success());
}
