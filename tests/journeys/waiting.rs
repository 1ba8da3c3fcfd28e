//! A message that waits because its gateway asked for it: the screen says until when, and a person ends it.

use crate::installation::Installation;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A gateway that answers the first request with a wait until 2083 and accepts the others.
fn busy_gateway() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let requests = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut some = [0_u8; 8192];
            drop(stream.read(&mut some));
            let (head, body) = match requests.fetch_add(1, Ordering::SeqCst) {
                0 => ("429 Busy\r\nRetry-After: 3590000000", "{}"),
                _ => ("200 OK", r#"{"success":true,"data":{"messageId":"c-1","status":"queued"}}"#),
            };
            let length = body.len();
            drop(write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"));
        }
    });
    (address, count)
}

#[test]
fn a_person_ends_the_wait_of_a_message() {
    let (gateway, requests) = busy_gateway();
    let installation = Installation::new(&format!(
        "locale = \"en\"\n[listener]\nbind = \"127.0.0.1:0\"\n[[account]]\nname = \"toko\"\nprovider = \"chatera\"\n\
         base_url = \"http://{gateway}/v1\"\napi_key = \"kunci\"\nwebhook_secret = \"rahasia\"\nwindow = \"none\"\n"
    ));
    let send = ["send", "--account", "toko", "--to", "6281230001", "--text", "Sudah dikirim kak", "--wait", "1"];
    assert_eq!(installation.run(&send).status.code(), Some(3));
    assert_eq!(requests.load(Ordering::SeqCst), 1);
    let mut term = installation.inbox();
    term.shows("Sudah dikirim kak");
    term.press("\r");
    term.shows("tried again at");
    term.press("\x1b[Z");
    term.press("R");
    term.until("the tick of a message that was accepted", |screen| {
        screen.contains('✓') && !screen.contains("tried again")
    });
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}
