//! Behind a proxy that the configuration trusts, each client has its share of the connections, not the proxy.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::all_accounts;
use crate::kit::{Dialect, Home, RunningEngine, request, webhook_path};

/// A quarter of the connections that fit into 256 files.
const SHARE: usize = 32;

fn engine(config: &str) -> (Home, RunningEngine) {
    let home = Home::new(&format!("{config}\n{}", all_accounts()));
    let engine = RunningEngine::start(home.shell("ulimit -n 256", &["serve", "--listen", "127.0.0.1:0"]));
    (home, engine)
}

/// A request that a proxy passes on, whose body does not come.
fn unfinished(engine: &RunningEngine, forwarded: &str) -> TcpStream {
    let mut stream = TcpStream::connect(engine.address).unwrap();
    // The listener's own limits are far below.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let path = webhook_path("cloudchat");
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {forwarded}\r\nContent-Length: 9\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn status(mut stream: &TcpStream) -> String {
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or_default().to_owned()
}

fn post(engine: &RunningEngine, id: &str, forwarded: &str) -> u16 {
    let mut event = Dialect::CloudChat.text_event(id, "6281230001", "Halo");
    event.headers.push(("X-Forwarded-For".to_owned(), forwarded.to_owned()));
    request(engine.address, "POST", &webhook_path("cloudchat"), &event.headers, &event.body).unwrap().status
}

#[test]
fn one_client_behind_a_trusted_proxy_takes_no_more_than_its_share() {
    let (_home, engine) = engine("[listener]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]");
    // What the client claims to have been passed on for stands on the left, and counts for nothing.
    let held: Vec<_> =
        (0..SHARE + 8).map(|n| unfinished(&engine, &format!("198.51.100.{n}, 203.0.113.9, 10.1.2.3"))).collect();
    assert_eq!(post(&engine, "m-1", "192.0.2.7"), 200, "somebody else is served");
    let statuses: Vec<_> = held.iter().map(status).collect();
    let refused = statuses.iter().filter(|status| *status == "503").count();
    assert_eq!((refused, statuses.len() - refused), (8, SHARE), "{statuses:?}");
    assert_eq!(post(&engine, "m-2", "203.0.113.9"), 200, "room again");
    let log = engine.log();
    assert_eq!(log.matches("too many connections").count(), 1, "{log}");
}

#[test]
fn a_header_that_nobody_vouches_for_counts_for_nothing() {
    let (_home, engine) = engine("[listener]\ntrusted_proxies = [\"10.0.0.0/8\"]");
    let held: Vec<_> = (0..SHARE + 8).map(|_| unfinished(&engine, "203.0.113.9")).collect();
    assert_eq!(post(&engine, "m-1", "203.0.113.9"), 200);
    assert!(held.iter().map(status).all(|status| status == "408"), "each waited for its body");
    let log = engine.log();
    assert_eq!(log.matches("trusted_proxies").count(), 1, "{log}");
}
