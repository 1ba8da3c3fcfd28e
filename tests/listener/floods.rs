//! Strangers who hold connections, headers and bodies: they cost little, and whoever comes after them is served.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::home;
use crate::kit::events::TOKEN;
use crate::kit::{Dialect, RunningEngine, wait_until, webhook_path};

/// The listener's own limits are far below.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection on which this was sent.
fn connect(address: SocketAddr, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(READ_TIMEOUT)).unwrap();
    // A connection that is closed already takes nothing.
    drop(stream.write_all(sent.as_bytes()));
    stream
}

/// Everything that comes until the listener closes the connection.
fn read_to_end(mut stream: &TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("the connection stays open"),
        _ => String::from_utf8(answer).unwrap(),
    }
}

/// The head of a webhook whose body is never sent.
fn head(path: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")
}

#[test]
fn unfinished_heads_keep_nobody_out() {
    let home = home();
    let engine = RunningEngine::start(home.shell("ulimit -n 256", &["serve", "--listen", "127.0.0.1:0"]));
    let half = format!("POST {} HTTP/1.1\r\nHost: x\r\nX-Slow: ", webhook_path("cloudchat"));
    let held: Vec<_> = (0..400).map(|_| connect(engine.address, &half)).collect();
    for n in 0..5 {
        let event = Dialect::CloudChat.text_event(&format!("m-{n}"), "6281230001", "Halo");
        assert_eq!(engine.post("cloudchat", &event).status, 200, "{n}");
    }
    assert_eq!(engine.get("/healthz").status, 200);
    home.until_messages("cloudchat", "the messages", |m| m.len() == 5);
    // The oldest were closed for the newest, which are closed in time.
    assert_eq!(read_to_end(&held[0]), "");
    let last = read_to_end(&held[399]);
    assert!(!last.contains("200"), "{last}");
    let log = engine.log();
    assert_eq!(log.matches("too many connections").count(), 1, "{log}");
    assert!(!log.contains("open files"), "{log}");
}

#[test]
fn an_idle_connection_is_closed() {
    let home = home();
    let engine = home.serve();
    let idle = connect(engine.address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = read_to_end(&idle);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn account_and_token_are_judged_before_the_body() {
    let home = home();
    let engine = home.serve();
    let guessed = TOKEN.replace("cdef", "cdee");
    let of_waviro = format!("{}/ack", webhook_path("chatera"));
    for (path, length, status) in [
        (format!("/webhooks/cloudchat/{guessed}"), 4 << 20, 404),
        ("/webhooks/nobody/x".to_owned(), 100, 404),
        (of_waviro, 100, 404),
        (webhook_path("cloudchat"), (4 << 20) + 1, 413),
    ] {
        let stream = connect(engine.address, &head(&path, length));
        let answer = read_to_end(&stream);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
    // Who sends all the same sees the answer too, not a broken connection.
    let mut event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    event.body = vec![b'x'; 8 << 20];
    let path = format!("/webhooks/cloudchat/{guessed}");
    let response = crate::kit::request(engine.address, "POST", &path, &event.headers, &event.body).unwrap();
    assert_eq!(response.status, 404);
}

#[test]
fn bodies_that_are_held_open_have_a_common_limit() {
    let home = home();
    let engine = home.serve();
    let almost = vec![b' '; (4 << 20) - 1];
    let mut held = Vec::new();
    // A writer can be ahead of the reader by what the system holds, so all send what they have at once.
    for _ in 0..12 {
        let (mut stream, body) = (connect(engine.address, &head(&webhook_path("cloudchat"), 4 << 20)), almost.clone());
        let reader = stream.try_clone().unwrap();
        std::thread::spawn(move || drop(stream.write_all(&body)));
        held.push(reader);
    }
    let refused = "loket_webhooks_refused_total{reason=\"busy\"}";
    wait_until("a refusal", || engine.get("/metrics").body.contains(refused).then_some(()));
    let answered = held.iter().map(read_to_end).find(|answer| answer.starts_with("HTTP/1.1 503 ")).unwrap();
    assert!(answered.to_ascii_lowercase().contains("retry-after: "), "{answered}");
    drop(held);
    let event = Dialect::CloudChat.text_event("m-1", "6281230001", "Halo");
    wait_until("room again", || (engine.post("cloudchat", &event).status == 200).then_some(()));
}

#[test]
fn long_heads_are_refused() {
    let home = home();
    let engine = home.serve();
    let long = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n", "x".repeat(384_000));
    let answer = read_to_end(&connect(engine.address, &long));
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(engine.get("/healthz").status, 200);
}
