//! A disk that takes no more: nothing leaves without a durable note of it, and all goes on when there is room.

use crate::gateway::{Answer, Gateway};
use crate::kit::{House, Serving, Voice, account, until};
use crate::{accepted, base, queue, shop, status, times, willing};

#[test]
fn a_command_says_so_and_sends_nothing() {
    let gateway = willing(Voice::Chatera);
    let house = shop(Voice::Chatera, &gateway);
    house.run(&["conversations"]).ends(0);
    let mut command = house.shell(
        "trap '' XFSZ; ulimit -f 0",
        &["--json", "send", "--account", "toko", "--to", "6281230001", "--text", "x"],
    );
    let out = command.output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    assert!(out.stdout.is_empty() && !out.stderr.is_empty(), "{out:?}");
    assert_eq!(gateway.seen().len(), 0);
    assert!(house.messages("toko").is_empty());
}

#[test]
fn an_engine_sends_nothing_that_it_cannot_write_down() {
    let address = Gateway::nobody();
    let host = format!("http://{address}");
    let house = House::new(&account("toko", Voice::Chatera, &base(Voice::Chatera, &host), "window = \"none\""));
    house.serve().end();
    let sizes = std::fs::read_dir(house.data()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    let blocks = sizes.max().unwrap() / 512 + 200;
    let limited = house.shell(&format!("trap '' XFSZ; ulimit -f {blocks}"), &["serve", "--listen", "127.0.0.1:0"]);
    let engine = Serving::start(limited);
    // Filled by events, until not even a small one goes in.
    let filler = "x".repeat(3000);
    let mut n = 0;
    until("the disk to be full", || {
        n += 1;
        engine.post("toko", &Voice::Chatera.says(&format!("m-{n}"), "6281239999", &filler));
        (engine.get("/healthz").status == 503).then_some(())
    });
    let gateway = Gateway::start_at(address, |_| Answer::json(200, &accepted(Voice::Chatera, 1)));
    // A command with room of its own queues; the engine hears of it and cannot take it.
    queue(&house, "toko", "6281230001", "satu");
    until("the engine to say so", || engine.log().contains("the outbox cannot be").then_some(()));
    assert_eq!((gateway.seen().len(), status(&house.messages("toko"), "satu")), (0, "queued".to_owned()));
    engine.end();
    let _engine = house.serve();
    house.until_messages("toko", "the message", |m| status(m, "satu") == "sent");
    assert_eq!(times(&gateway, "satu"), 1);
}
