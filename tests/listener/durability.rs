//! What was answered 200 is there after any end, exactly once; what cannot be kept is not answered 200.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::kit::{House, Serving, Voice, ask, hook_path, until};
use crate::{everybody, house};

/// A number that nobody chose.
fn chance(below: usize) -> usize {
    let number = RandomState::new().build_hasher().finish();
    usize::try_from(number % u64::try_from(below).unwrap()).unwrap()
}

fn counts(house: &House, account: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for message in house.messages(account) {
        *counts.entry(message["text"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn a_kill_at_any_moment_loses_and_doubles_nothing_that_was_answered() {
    let house = house();
    let answered = Mutex::new(Vec::new());
    let posted = AtomicUsize::new(0);
    let voices = [Voice::CloudChat, Voice::Chatera, Voice::CetarMeta];
    for round in 0..4 {
        let engine = house.serve();
        let (address, until_then) = (engine.address, 20 + chance(110));
        let (begun, dead) = (AtomicUsize::new(0), std::sync::atomic::AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while !dead.load(Ordering::SeqCst) && begun.fetch_add(1, Ordering::SeqCst) < 125 {
                        let n = posted.fetch_add(1, Ordering::SeqCst);
                        let voice = voices[n % voices.len()];
                        let text = format!("pesan {n}");
                        let event = voice.says(&format!("m-{n}"), &format!("62812300{:02}", n % 17), &text);
                        match ask(address, "POST", &hook_path(voice.name()), &event.headers, &event.body) {
                            Ok(got) if got.status == 200 => answered.lock().unwrap().push((voice, text)),
                            Ok(got) => panic!("{got:?}"),
                            Err(_) => return,
                        }
                    }
                });
            }
            scope.spawn(|| {
                until("the moment", || (begun.load(Ordering::SeqCst) >= until_then).then_some(()));
                engine.kill();
                dead.store(true, Ordering::SeqCst);
            });
        });
        assert!(!answered.lock().unwrap().is_empty(), "round {round}: nothing was answered at all");
    }
    let engine = house.serve();
    let answered = answered.into_inner().unwrap();
    for voice in voices {
        let mine: Vec<_> = answered.iter().filter(|(v, _)| *v == voice).map(|(_, text)| text).collect();
        until("every answered event", || {
            let there = counts(&house, voice.name());
            mine.iter().all(|text| there.contains_key(*text)).then_some(())
        });
        let there = counts(&house, voice.name());
        assert!(there.values().all(|count| *count == 1), "{voice:?}: doubled: {there:?}");
        assert!(there.len() <= posted.load(Ordering::SeqCst));
    }
    let unread: u64 = house.json(&["conversations"]).iter().map(|c| c["unread"].as_u64().unwrap()).sum();
    let all: usize = voices.iter().map(|v| counts(&house, v.name()).len()).sum();
    assert_eq!(unread, u64::try_from(all).unwrap());
    drop(engine);
}

#[test]
fn a_full_disk_is_told_with_503_and_nothing_answered_is_lost() {
    let house = House::new(&everybody());
    // Makes the database, so that the limit does not meet its making.
    house.serve().end();
    let size = std::fs::read_dir(house.data()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).max().unwrap();
    let blocks = size / 512 + 300;
    // A file that may not grow is what a full disk looks like to a program.
    let engine = Serving::start(
        house.shell(&format!("trap '' XFSZ; ulimit -f {blocks}"), &["serve", "--listen", "127.0.0.1:0"]),
    );
    let mut answered = Vec::new();
    let refused = (0..400).find_map(|n| {
        let text = format!("pesan {n} {}", "x".repeat(2000));
        let got = engine.post("cloudchat", &Voice::CloudChat.says(&format!("m-{n}"), "6281230001", &text));
        match got.status {
            200 => answered.push(text),
            503 => return Some(got),
            other => panic!("{other}: {got:?}"),
        }
        None
    });
    let refused = refused.expect("the disk never became full");
    assert!(refused.header("retry-after").unwrap().parse::<u32>().is_ok(), "{refused:?}");
    assert!(!answered.is_empty());
    // What is left may still hold a little; then health is refused too.
    let sick = until("the engine to say that it cannot write", || {
        Some(engine.get("/healthz")).filter(|health| health.status != 200)
    });
    assert_eq!(sick.status, 503);
    assert!(sick.header("retry-after").is_some());
    // Reading goes on.
    assert!(house.run(&["conversations"]).status == 0);
    engine.end();
    let engine = house.serve();
    assert_eq!(engine.get("/healthz").status, 200);
    let there = until("every answered event", || {
        let there = counts(&house, "cloudchat");
        answered.iter().all(|text| there.contains_key(text)).then_some(there)
    });
    assert!(there.values().all(|count| *count == 1), "doubled");
}
