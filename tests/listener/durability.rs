//! Events that were answered with 200 are stored exactly once after any end; what cannot be stored is not answered with 200.

use crate::kit::{Dialect, Home, RunningEngine, request, wait_until, webhook_path};
use crate::{all_accounts, home};
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A number that nobody chose.
fn chance(below: usize) -> usize {
    let number = RandomState::new().build_hasher().finish();
    usize::try_from(number % u64::try_from(below).unwrap()).unwrap()
}

fn counts(home: &Home, account: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for message in home.messages(account) {
        *counts.entry(message["text"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn a_kill_at_any_moment_loses_and_doubles_nothing_that_was_answered() {
    let home = home();
    let answered = Mutex::new(Vec::new());
    let posted = AtomicUsize::new(0);
    let dialects = [Dialect::CloudChat, Dialect::Chatera, Dialect::CetarMeta];
    for round in 0..4 {
        let engine = home.serve();
        let (address, until_then) = (engine.address, 20 + chance(110));
        let (begun, dead) = (AtomicUsize::new(0), std::sync::atomic::AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while !dead.load(Ordering::SeqCst) && begun.fetch_add(1, Ordering::SeqCst) < 125 {
                        let n = posted.fetch_add(1, Ordering::SeqCst);
                        let dialect = dialects[n % dialects.len()];
                        let text = format!("pesan {n}");
                        let event = dialect.text_event(&format!("m-{n}"), &format!("62812300{:02}", n % 17), &text);
                        match request(address, "POST", &webhook_path(dialect.name()), &event.headers, &event.body) {
                            Ok(response) if response.status == 200 => answered.lock().unwrap().push((dialect, text)),
                            Ok(response) => panic!("{response:?}"),
                            Err(_) => return,
                        }
                    }
                });
            }
            scope.spawn(|| {
                wait_until("the moment", || (begun.load(Ordering::SeqCst) >= until_then).then_some(()));
                engine.kill();
                dead.store(true, Ordering::SeqCst);
            });
        });
        assert!(!answered.lock().unwrap().is_empty(), "round {round}: nothing was answered at all");
    }
    let engine = home.serve();
    let answered = answered.into_inner().unwrap();
    for dialect in dialects {
        let mine: Vec<_> = answered.iter().filter(|(v, _)| *v == dialect).map(|(_, text)| text).collect();
        wait_until("every answered event", || {
            let found = counts(&home, dialect.name());
            mine.iter().all(|text| found.contains_key(*text)).then_some(())
        });
        let found = counts(&home, dialect.name());
        assert!(found.values().all(|count| *count == 1), "{dialect:?}: doubled: {found:?}");
        assert!(found.len() <= posted.load(Ordering::SeqCst));
    }
    let unread: u64 = home.json(&["conversations"]).iter().map(|c| c["unread"].as_u64().unwrap()).sum();
    let all: usize = dialects.iter().map(|v| counts(&home, v.name()).len()).sum();
    assert_eq!(unread, u64::try_from(all).unwrap());
    drop(engine);
}

#[test]
fn a_full_disk_is_answered_with_503_and_nothing_accepted_is_lost() {
    let home = Home::new(&all_accounts());
    // Makes the database, so that the limit does not meet its making.
    home.serve().end();
    let size = std::fs::read_dir(home.data()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).max().unwrap();
    let blocks = size / 512 + 300;
    // A file that may not grow is what a full disk looks like to a program.
    let engine = RunningEngine::start(
        home.shell(&format!("trap '' XFSZ; ulimit -f {blocks}"), &["serve", "--listen", "127.0.0.1:0"]),
    );
    let mut answered = Vec::new();
    let refused = (0..400).find_map(|n| {
        let text = format!("pesan {n} {}", "x".repeat(2000));
        let response = engine.post("cloudchat", &Dialect::CloudChat.text_event(&format!("m-{n}"), "6281230001", &text));
        match response.status {
            200 => answered.push(text),
            503 => return Some(response),
            other => panic!("{other}: {response:?}"),
        }
        None
    });
    let refused = refused.expect("the disk never became full");
    assert!(refused.header("retry-after").unwrap().parse::<u32>().is_ok(), "{refused:?}");
    assert!(!answered.is_empty());
    // What is left may still hold a little; then health is refused too.
    let sick = wait_until("the engine to say that it cannot write", || {
        Some(engine.get("/healthz")).filter(|health| health.status != 200)
    });
    assert_eq!(sick.status, 503);
    assert!(sick.header("retry-after").is_some());
    // Reading goes on.
    assert!(home.run(&["conversations"]).status == 0);
    engine.end();
    let engine = home.serve();
    assert_eq!(engine.get("/healthz").status, 200);
    let found = wait_until("every answered event", || {
        let found = counts(&home, "cloudchat");
        answered.iter().all(|text| found.contains_key(text)).then_some(found)
    });
    assert!(found.values().all(|count| *count == 1), "doubled");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "another program locks the store")]
fn a_locked_store_is_answered_with_503_at_once_and_nothing_is_lost_or_doubled() {
    let home = home();
    let engine = home.serve();
    let event = |n: usize| Dialect::CloudChat.text_event(&format!("m-{n}"), "6281230001", &format!("pesan {n}"));
    assert_eq!(engine.post("cloudchat", &event(0)).status, 200);
    let other = rusqlite::Connection::open(home.data().join("loket.db")).unwrap();
    other.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = std::time::Instant::now();
    for response in [engine.post("cloudchat", &event(1)), engine.post("cloudchat", &event(2)), engine.get("/healthz")] {
        assert_eq!(response.status, 503, "{response:?}");
        assert!(response.header("retry-after").is_some());
    }
    // The store itself gives up after five seconds, and each waits behind the one before.
    assert!(start.elapsed() < std::time::Duration::from_secs(12), "{:?}", start.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    for n in 1..3 {
        wait_until("the store is free", || (engine.post("cloudchat", &event(n)).status == 200).then_some(()));
    }
    home.until_messages("cloudchat", "each once", |m| m.len() == 3);
}
