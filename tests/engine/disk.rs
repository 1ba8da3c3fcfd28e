//! A full disk: nothing is sent without a durable lease, and sending goes on when there is space.
use crate::gateway::{Answer, Gateway};
use crate::kit::{Dialect, Home, RunningEngine, account, wait_until};
use crate::{accepted, accepting_gateway, base, home_with_account, queue, status, times};

#[test]
fn a_command_fails_and_sends_nothing() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = home_with_account(Dialect::Chatera, &gateway);
    home.run(&["conversations"]).expect_status(0);
    let mut command = home.shell(
        "trap '' XFSZ; ulimit -f 0",
        &["--json", "send", "--account", "toko", "--to", "6281230001", "--text", "x"],
    );
    let out = command.output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    assert!(out.stdout.is_empty() && !out.stderr.is_empty(), "{out:?}");
    assert_eq!(gateway.requests().len(), 0);
    assert!(home.messages("toko").is_empty());
}

#[test]
fn an_engine_sends_nothing_that_it_cannot_store() {
    let address = Gateway::closed_address();
    let host = format!("http://{address}");
    let home = Home::new(&account("toko", Dialect::Chatera, &base(Dialect::Chatera, &host), "window = \"none\""));
    home.serve().end();
    let sizes = std::fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    let blocks = sizes.max().unwrap() / 512 + 200;
    let limited = home.shell(&format!("trap '' XFSZ; ulimit -f {blocks}"), &["serve", "--listen", "127.0.0.1:0"]);
    let engine = RunningEngine::start(limited);
    // Filled by events, until not even a small one goes in.
    let filler = "x".repeat(3000);
    let mut n = 0;
    wait_until("the disk to be full", || {
        n += 1;
        engine.post("toko", &Dialect::Chatera.text_event(&format!("m-{n}"), "6281239999", &filler));
        (engine.get("/healthz").status == 503).then_some(())
    });
    let gateway = Gateway::start_at(address, |_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    // A command that has disk space queues; the engine is notified and cannot claim it.
    queue(&home, "toko", "6281230001", "satu");
    wait_until("the engine to say so", || engine.log().contains("the outbox cannot be").then_some(()));
    assert_eq!((gateway.requests().len(), status(&home.messages("toko"), "satu")), (0, "queued".to_owned()));
    engine.end();
    let _engine = home.serve();
    home.until_messages("toko", "the message", |m| status(m, "satu") == "sent");
    assert_eq!(times(&gateway, "satu"), 1);
}
