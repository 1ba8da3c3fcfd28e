//! Files end as here, refused or failed, whatever the server does.

use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::Fetch;
use crate::config::MediaSettings;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Channel, Inbound, InboundMessage, Kind, Media, MediaFault, MediaState, MessageId, Peer, Timestamp,
};
use crate::engine::clock;
use crate::engine::outbound::http::Http;
use crate::engine::outside::Outside;
use crate::store::{NewEvent, Store};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";

/// A server that answers each request with the next of the answers, and what it was asked.
async fn server(answers: Vec<Vec<u8>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut request, mut some) = (Vec::new(), [0_u8; 4096]);
            while !request.ends_with(b"\r\n\r\n") {
                let length = stream.read(&mut some).await.unwrap();
                request.extend_from_slice(&some[..length]);
            }
            seen.lock().unwrap().push(String::from_utf8_lossy(&request).to_ascii_lowercase());
            drop(stream.write_all(&answer).await);
        }
    });
    (address, asked)
}

fn answer(status: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nETag: \"v1\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// A store with a message whose file lies at a link.
fn store_with(url: &str) -> (tempfile::TempDir, Store, MessageId) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let account = AccountName::new("toko").unwrap();
    store.ensure_account(&account, "any", "token").wait().unwrap();
    let mut message = InboundMessage::text(Peer::person("628111"), "");
    message.kind = Kind::Image;
    message.media = Some(Media { url: Some(url.to_owned()), ..Media::default() });
    let event = NewEvent {
        account: account.clone(),
        key: "1".to_owned(),
        within: None,
        ack: false,
        received_at: Timestamp(1_700_000_000_000),
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let event = store.append_event(event).wait().unwrap().id;
    let reports = vec![Inbound::Message(Box::new(message))];
    let applied = store.apply_event(event, &account, Channel::WhatsApp, WindowRule::None, reports).wait().unwrap();
    (dir, store, applied.messages[0].id)
}

async fn fetch(store: &Store, address: SocketAddr, message: MessageId) -> Media {
    store.ask_for_media(message, clock::now()).await.unwrap();
    try_again(store, address, message).await
}

/// The next attempt, as if its time had come.
async fn try_again(store: &Store, address: SocketAddr, message: MessageId) -> Media {
    let settings = MediaSettings {
        max_mb: 1,
        timeout: Duration::from_secs(5),
        allow_private: vec![address.to_string().parse().unwrap()],
        ..MediaSettings::default()
    };
    let fetch = Fetch { store: store.clone(), outside: Outside::new(Http::default()), settings };
    fetch.run(store.due_media_of(message).unwrap().unwrap(), None).await.unwrap();
    store.message(message).unwrap().unwrap().media.unwrap()
}

#[tokio::test]
async fn a_broken_download_is_gone_on_with_where_it_ended() {
    let rest = answer("206 Partial Content\r\nContent-Range: bytes 10-28/29", PICTURE.len() - 10, &PICTURE[10..]);
    let (address, asked) = server(vec![answer("200 OK", PICTURE.len(), &PICTURE[..10]), rest]).await;
    let (dir, store, message) = store_with(&format!("http://{address}/foto"));
    let broken = fetch(&store, address, message).await.file;
    assert_eq!((broken.state, broken.error.unwrap().fault), (MediaState::Waiting, MediaFault::Incomplete));
    // What is there of it has no name of a file yet, and survives the cleaning after a crash.
    store.sweep_media(clock::now()).unwrap();
    assert_eq!(fs::read(store.media_part(message).unwrap()).unwrap(), &PICTURE[..10]);
    let here = try_again(&store, address, message).await.file;
    assert_eq!(fs::read(here.path.unwrap()).unwrap(), PICTURE);
    assert_eq!(asked.lock().unwrap()[1].matches("range: bytes=10-").count(), 1, "{asked:?}");
    assert_eq!(fs::read_dir(dir.path().join("media/part")).unwrap().count(), 0);
}

#[tokio::test]
async fn another_version_begins_anew() {
    let new = b"\xff\xd8\xff\xe0 a new picture";
    let (address, _) =
        server(vec![answer("200 OK", PICTURE.len(), &PICTURE[..10]), answer("200 OK", new.len(), new)]).await;
    let (_dir, store, message) = store_with(&format!("http://{address}/foto"));
    fetch(&store, address, message).await;
    let here = try_again(&store, address, message).await;
    assert_eq!((here.mime.as_deref(), fs::read(here.file.path.unwrap()).unwrap()), (Some("image/jpeg"), new.to_vec()));
}

#[tokio::test]
async fn what_is_not_there_yet_comes_later_and_what_is_too_large_is_refused() {
    let large = vec![7; 1_000_001];
    let without_length = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".as_slice(), &large].concat();
    let (address, _) = server(vec![answer("404 Not Found", 0, b""), answer("200 OK", PICTURE.len(), PICTURE)]).await;
    let (_dir, store, message) = store_with(&format!("http://{address}/foto"));
    let missing = fetch(&store, address, message).await.file;
    assert_eq!((missing.state, missing.error.unwrap().fault), (MediaState::Waiting, MediaFault::Gone));
    assert_eq!(try_again(&store, address, message).await.file.state, MediaState::Here);
    for body in [answer("200 OK", large.len(), &large), without_length] {
        let (address, _) = server(vec![body]).await;
        let (dir, store, message) = store_with(&format!("http://{address}/film"));
        let refused = fetch(&store, address, message).await.file;
        assert_eq!((refused.state, refused.error.unwrap().fault), (MediaState::Refused, MediaFault::TooBig));
        // What came of it is of no use.
        store.sweep_media(clock::now()).unwrap();
        assert_eq!(fs::read_dir(dir.path().join("media/part")).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn an_empty_file_and_a_web_page_in_its_place_are_no_file() {
    for (body, fault) in [(b"".as_slice(), MediaFault::Empty), (b"<!DOCTYPE html><title>", MediaFault::WebPage)] {
        let (address, _) = server(vec![answer("200 OK", body.len(), body)]).await;
        let (_dir, store, message) = store_with(&format!("http://{address}/foto"));
        let failed = fetch(&store, address, message).await.file;
        assert_eq!((failed.state, failed.error.unwrap().fault), (MediaState::Waiting, fault));
    }
}
