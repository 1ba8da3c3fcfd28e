//! A task that panics is counted and starts again; the rest goes on. Faults are injected in debug builds only.
#![cfg(debug_assertions)]

use crate::gateway::{Answer, Gateway};
use crate::kit::{Dialect, Home, RunningEngine, account, wait_until};
use crate::{accepted, accepting_gateway};

fn started_with(home: &Home, fault: &str) -> RunningEngine {
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("LOKET_FAULT", fault);
    RunningEngine::start(command)
}

fn until_counted(engine: &RunningEngine, line: &str) {
    wait_until(line, || engine.get("/metrics").body.contains(line).then_some(()));
}

#[test]
fn every_task_that_panics_starts_again_and_the_work_is_done() {
    let gateway = Gateway::start(|_| Answer::json(200, &accepted(Dialect::Chatera, 1)));
    for task in ["interpreter", "sender toko", "maintenance", "listener", "session toko", "configuration"] {
        let home = Home::new(&account("toko", Dialect::Chatera, &gateway.url(), "window = \"none\""));
        let engine = started_with(&home, &format!("{task}=2"));
        wait_until("the engine", || crate::kit::request(engine.address, "GET", "/healthz", &[], &[]).ok());
        until_counted(&engine, &format!("loket_task_panics_total{{task=\"{task}\"}} 2\n"));
        assert_eq!(engine.post("toko", &Dialect::Chatera.text_event("m-1", "628123456789", "Halo")).status, 200);
        home.until_messages("toko", "the event", |messages| messages.len() == 1);
        home.run(&["send", "--account", "toko", "--to", "628123456789", "--text", "Ada"]).expect_status(0);
        assert_eq!(engine.get("/healthz").status, 200, "{task}");
        assert!(engine.log().contains("a fault for a test"), "{}", engine.log());
    }
}

#[test]
fn a_task_that_stays_dead_makes_the_engine_unwell_and_stops_nothing_else() {
    let home = Home::new(&account("toko", Dialect::Chatera, "http://127.0.0.1:9", ""));
    let engine = started_with(&home, "maintenance=1000");
    wait_until("503", || (engine.get("/healthz").status == 503).then_some(()));
    assert_eq!(engine.post("toko", &Dialect::Chatera.text_event("m-1", "628123456789", "Halo")).status, 200);
    home.until_messages("toko", "the event", |messages| messages.len() == 1);
    assert!(engine.end().success());
}

#[test]
fn a_message_whose_send_stops_on_a_defect_is_unsure_and_the_next_one_goes_out() {
    let gateway = accepting_gateway(Dialect::Chatera);
    let home = Home::new(&account("toko", Dialect::Chatera, &gateway.url(), "window = \"none\""));
    let engine = started_with(&home, "send toko=1");
    let send = |text| home.run(&["send", "--account", "toko", "--to", "628123456789", "--text", text]);
    let first = send("satu").expect_status(1);
    assert!(first.out.contains("unsure"), "{first:?}");
    send("dua").expect_status(0);
    until_counted(&engine, "loket_task_panics_total{task=\"send toko\"} 1\n");
    assert_eq!(gateway.requests().len(), 1);
    let told = home.run(&["doctor"]);
    assert!(told.out.contains("its send toko stopped on a defect 1 times"), "{told:?}");
}
