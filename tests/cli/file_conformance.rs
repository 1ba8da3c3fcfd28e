//! Two hundred files of every kind through every gateway, by upload and by link: the bytes at the other side are those that
//! were sent.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::home::Home;
use crate::long_running::{Running, sandbox};

/// Files for each account.
const FILES: usize = 34;

/// Bytes that look like nothing, of a length that differs from file to file.
fn noise(seed: usize) -> Vec<u8> {
    let mut state = u32::try_from(seed * 2_654_435 + 1).unwrap_or(7);
    let byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // None that begins a marker of a JPEG.
        Some((state >> 24) as u8 & 0x7f)
    };
    std::iter::from_fn(byte).take(100 + seed * 7919 % 150_000).collect()
}

fn jpeg(noise: &[u8]) -> Vec<u8> {
    [b"\xff\xd8\xff\xe0\0\x07JFIF\0\xff\xda\0\x05\x01\x02\x03", noise, b"\xff\xd9"].concat()
}

fn png(noise: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes(), name, data, b"\0\0\0\0"].concat()
    };
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", noise), chunk(b"IEND", b"")].concat()
}

/// A file of a kind, with its name.
fn file(ending: &str, seed: usize) -> (String, Vec<u8>) {
    let noise = noise(seed);
    let begins = |head: &[u8]| [head, &noise].concat();
    let bytes = match ending {
        "jpg" => jpeg(&noise),
        "png" => png(&noise),
        "mp4" => begins(b"\0\0\0\x18ftypisom\0\0\0\0"),
        "3gp" => begins(b"\0\0\0\x18ftyp3gp4\0\0\0\0"),
        "mp3" => begins(b"ID3\x04\0\0"),
        "ogg" => begins(b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead"),
        "pdf" => begins(b"%PDF-1.7\n"),
        "zip" => begins(b"PK\x05\x06\0\0"),
        "txt" => format!("Daftar harga {seed}\nKemeja {}\n", seed * 1000).into_bytes(),
        "bin" => begins(b"\x00\x01\x02\x03"),
        other => panic!("{other}"),
    };
    (format!("Berkas {seed} – ñ.{ending}"), bytes)
}

/// What a sandbox's customers got through an account.
fn received(address: &str, account: &str) -> Vec<Value> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /sandbox/{account}/sent HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Sends every file through an account; the hashes of what was sent.
async fn send_all(home: &Home, account: &str, more: &[&str], endings: &[&str], first: usize) -> Vec<String> {
    let mut hashes = Vec::new();
    for (seed, ending) in (first..first + FILES).zip(endings.iter().cycle()) {
        let (name, bytes) = file(ending, seed);
        let path = home.path(&name);
        std::fs::write(&path, &bytes).unwrap();
        let to = format!("62812000{seed:04}2");
        let path = path.to_str().unwrap();
        let args = ["--json", "send", "--account", account, "--to", &to, "--anyway", "--wait", "30", "--file", path];
        let message = home.loket(&[&args[..], more].concat()).await.expect(0).last();
        let hash = hex::encode(Sha256::digest(&bytes));
        assert_eq!(message["media"]["sha256"], json!(hash), "{account} {name}");
        hashes.push(hash);
    }
    hashes
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_files_arrive_as_they_were_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (sandbox, home) = sandbox(&["--quiet", "--receiver", &format!("http://{free}")]).await;
    let config = std::fs::read_to_string(home.config()).unwrap();
    // WAVIRO's own advice is five messages a minute.
    home.configure(&config.replace("name = \"waviro\"\n", "name = \"waviro\"\nrequests_per_minute = 60\n"));
    let base = config.lines().find_map(|line| line.strip_prefix("base_url = \"http://")).unwrap();
    let address = base.split('/').next().unwrap().to_owned();
    let mut serve = Running::start(&home, &["serve"]);
    serve.line("listening on http://").await;
    let header = &["--template", "katalog"][..];
    let all: &[&str] = &["jpg", "png", "mp4", "3gp", "mp3", "ogg", "pdf", "zip", "txt", "bin"];
    let sent = tokio::join!(
        send_all(&home, "chatera", header, &["jpg", "png", "mp4", "pdf"], 0),
        send_all(&home, "cetar", &[], &["jpg", "png", "mp4", "pdf"], 100),
        send_all(&home, "cetar-meta", &[], all, 200),
        send_all(&home, "waviro", &[], &["jpg", "png", "mp3", "ogg", "pdf", "zip", "txt", "bin"], 300),
        send_all(&home, "cloudchat", &[], all, 400),
        send_all(&home, "waha", &[], all, 500),
    );
    let accounts = ["chatera", "cetar", "cetar-meta", "waviro", "cloudchat", "waha"];
    for (account, mut expected) in accounts.into_iter().zip([sent.0, sent.1, sent.2, sent.3, sent.4, sent.5]) {
        let by_upload = account == "waha";
        let hash = |message: &Value| {
            let pointer = if by_upload { "/content/link/file/sha256" } else { "/file/sha256" };
            message.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut got: Vec<String> = received(&address, account).iter().map(hash).collect();
        got.sort();
        expected.sort();
        assert_eq!((got.len(), &got), (FILES, &expected), "{account}");
    }
    serve.end().await.expect(0);
    sandbox.end().await.expect(0);
}
