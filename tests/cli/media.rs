//! `loket media`: a message's file, fetched where it is not here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use crate::fake_gateway::{Request, fake_gateway};
use crate::home::Home;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";

/// A home whose store has a message with a file for each of the links, with ids from 1 on, and a text after them.
async fn home_with(host: &str, targets: &[&str]) -> Home {
    let allowed = host.trim_start_matches("http://");
    let home = Home::with(&format!("[media]\nallow_private = [\"{allowed}\"]\ntimeout = \"2s\"\n"));
    let line = |id: usize, media: Value| {
        json!({
            "id": id.to_string(), "conversation": "1", "account": "toko", "channel": "whatsapp",
            "peer": "628111111111", "direction": "in", "author": {"kind": "contact", "name": "Budi"},
            "kind": if media.is_null() { "text" } else { "image" }, "text": "halo", "media": media, "payload": null,
            "remote_id": format!("wamid.{id}"), "status": "received", "error": null, "at": "2026-01-04T08:49:07Z",
        })
        .to_string()
    };
    let mut lines: Vec<String> = targets
        .iter()
        .enumerate()
        .map(|(index, link)| line(index + 1, json!({"url": format!("{host}{link}"), "name": "../bukti.exe"})))
        .collect();
    lines.push(line(targets.len() + 1, Value::Null));
    let file = home.file("in.jsonl", &lines.join("\n"));
    home.loket(&["import", &file]).await.expect(0);
    home
}

fn files(request: &Request) -> axum::response::Response {
    match request.target.as_str() {
        "/foto" => PICTURE.to_vec().into_response(),
        "/program" => b"MZ\x90\0 a program".to_vec().into_response(),
        "/halaman" => "<!DOCTYPE html><title>login".into_response(),
        "/ke-dalam" => (StatusCode::FOUND, [("location", "http://127.0.0.1:1/rahasia")]).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn the_file_of_a_message_is_fetched_once_and_its_path_is_printed() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let host = fake_gateway(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        files(&request)
    })
    .await;
    let home = home_with(&host, &["/foto"]).await;
    let before = home.loket(&["messages", "--conversation", "1", "--json"]).await.expect(0).lines();
    assert_eq!(before[0]["media"]["state"], "waiting");
    let printed = home.loket(&["media", "1"]).await.expect(0).out;
    let path = std::path::PathBuf::from(printed.trim_end());
    assert!(path.is_absolute() && path.starts_with(home.path("data")), "{printed}");
    assert_eq!(std::fs::read(&path).unwrap(), PICTURE);
    let again = home.loket(&["media", "1", "--json"]).await.expect(0).last();
    assert_eq!((&again["file"], count.load(Ordering::SeqCst)), (&json!(path), 1));
    let media = &home.loket(&["search", "halo", "--json"]).await.expect(0).lines()[1]["media"];
    assert_eq!(
        (&media["state"], &media["mime"], &media["name"]),
        (&json!("here"), &json!("image/png"), &json!("bukti.png"))
    );
    assert_eq!((&media["file"], &media["error"]), (&json!(path), &Value::Null));
    let doctor = home.loket(&["doctor"]).await;
    assert!(doctor.out.contains("1 files of customers are here"), "{doctor:?}");
    // Somebody removed the file.
    std::fs::remove_file(&path).unwrap();
    home.loket(&["media", "1"]).await.expect(0);
    assert_eq!(std::fs::read(&path).unwrap(), PICTURE);
}

#[tokio::test]
async fn a_file_that_cannot_be_had_says_why_and_can_be_asked_again() {
    let found = Arc::new(Mutex::new(false));
    let now_found = found.clone();
    let host = fake_gateway(move |request| {
        let late = request.target == "/terlambat" && *now_found.lock().unwrap();
        if late { PICTURE.to_vec().into_response() } else { files(&request) }
    })
    .await;
    let home = home_with(&host, &["/terlambat", "/halaman", "/ke-dalam"]).await;
    for (message, status, reason) in [
        ("1", 1, "no longer where the link leads: 404"),
        ("2", 1, "a web page"),
        ("3", 1, "a private address, which only [media] allow_private permits: 127.0.0.1"),
        ("4", 1, "no file belongs to this message"),
        ("99", 2, "there is no such message"),
    ] {
        let failed = home.loket(&["media", message]).await.expect(status);
        assert!(failed.err.contains(reason) && failed.out.is_empty(), "{failed:?}");
    }
    let states = home.loket(&["messages", "--conversation", "1", "--json"]).await.expect(0).lines();
    assert_eq!(states[2]["media"]["state"], "refused");
    assert!(states[0]["media"]["error"].as_str().unwrap().contains("404"), "{states:?}");
    let indonesian = home.loket(&["media", "1", "--locale", "id"]).await.expect(1);
    assert!(indonesian.err.contains("berkasnya sudah tidak ada di tautan itu: 404"), "{indonesian:?}");
    *found.lock().unwrap() = true;
    home.loket(&["media", "1"]).await.expect(0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_copied_where_the_output_says_and_never_through_a_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = fake_gateway(|request| files(&request)).await;
    let home = home_with(&host, &["/program"]).await;
    let output = home.path("simpan.exe");
    let text = output.to_str().unwrap();
    let saved = home.loket(&["media", "1", "--output", text]).await.expect(0);
    assert_eq!(saved.out.trim_end(), text);
    assert!(saved.err.contains("may run what its sender wrote"), "{saved:?}");
    assert_eq!(std::fs::read(&output).unwrap(), b"MZ\x90\0 a program");
    assert_eq!(std::fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o600);
    let (target, link) = (home.path("target"), home.path("link"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let refused = home.loket(&["media", "1", "--output", link.to_str().unwrap()]).await.expect(1);
    assert!(refused.err.contains("symbolic link") && !target.exists(), "{refused:?}");
}

/// Every file below the data directory that is no part of the database.
fn files_of(home: &Home) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![home.path("data/media")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

#[tokio::test]
async fn files_go_out_and_come_back_with_export_and_backup() {
    let host = fake_gateway(|request| files(&request)).await;
    let home = home_with(&host, &["/foto", "/foto", "/ke-dalam"]).await;
    for (message, status) in [("1", 0), ("2", 0), ("3", 1)] {
        home.loket(&["media", message]).await.expect(status);
    }
    assert_eq!(files_of(&home).len(), 1, "equal files are there once");
    let plain = home.loket(&["export"]).await.expect(0).lines();
    assert!(plain.iter().all(|line| line.get("file_data").is_none()));
    let exported = home.loket(&["export", "--with-media"]).await.expect(0);
    let with_data = exported.lines().iter().filter(|line| line.get("file_data").is_some()).count();
    assert_eq!(with_data, 1, "once for equal files");

    let other = Home::with("");
    let path = other.file("out.jsonl", &exported.out);
    for _ in 0..2 {
        other.loket(&["import", &path]).await.expect(0);
        let messages = other.loket(&["messages", "--conversation", "1", "--json"]).await.expect(0).lines();
        for message in messages.iter().take(2) {
            let file = message["media"]["file"].as_str().unwrap();
            assert!(file.starts_with(other.path("data").to_str().unwrap()), "{file}");
            assert_eq!(std::fs::read(file).unwrap(), PICTURE);
        }
        assert_eq!(messages[2]["media"]["state"], "refused");
        assert!(messages[2]["media"]["error"].as_str().unwrap().ends_with("127.0.0.1"), "{messages:?}");
    }
    assert_eq!(files_of(&other).len(), 1);

    let copy = home.path("salinan.db");
    let summary = home.loket(&["backup", copy.to_str().unwrap(), "--json"]).await.expect(0).last();
    assert_eq!(summary["files"], 1);
    let beside: Vec<_> = std::fs::read_dir(home.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|name| name.to_string_lossy().contains("salinan.db-")), "{beside:?}");
    let restored = Home::with("");
    std::fs::create_dir(restored.path("data")).unwrap();
    std::fs::copy(&copy, restored.path("data/loket.db")).unwrap();
    for message in ["1", "2"] {
        let printed = restored.loket(&["media", message]).await.expect(0).out;
        assert_eq!(std::fs::read(printed.trim_end()).unwrap(), PICTURE);
    }
}

#[tokio::test]
async fn a_forgotten_customer_leaves_no_byte_of_a_file() {
    let host = fake_gateway(|request| files(&request)).await;
    let home = home_with(&host, &["/foto"]).await;
    home.loket(&["media", "1"]).await.expect(0);
    assert_eq!(files_of(&home).len(), 1);
    home.configure("[[account]]\nname = \"toko\"\nprovider = \"chatera\"\napi_key = \"x\"\n");
    home.loket(&["forget", "--account", "toko", "--peer", "628111111111", "--yes"]).await.expect(0);
    assert!(files_of(&home).is_empty());
    for entry in std::fs::read_dir(home.path("data")).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = if entry.is_file() { std::fs::read(&entry).unwrap() } else { Vec::new() };
        for needle in [b"bukti".as_slice(), b"628111111111", b"rest of a picture"] {
            let is_left = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!is_left, "{}: {}", entry.display(), String::from_utf8_lossy(needle));
        }
    }
}

/// A server that sends the first half of a file and then nothing, and to the next one who asks what is asked for.
async fn half_then_rest(file: Vec<u8>) -> (String, Arc<Mutex<Vec<String>>>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    tokio::spawn(async move {
        let mut streams = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut request, mut some) = (Vec::new(), [0_u8; 4096]);
            while !request.ends_with(b"\r\n\r\n") {
                let length = stream.read(&mut some).await.unwrap();
                request.extend_from_slice(&some[..length]);
            }
            let request = String::from_utf8_lossy(&request).to_ascii_lowercase();
            let from = request.split("range: bytes=").nth(1).and_then(|rest| rest.split('-').next()?.parse().ok());
            seen.lock().unwrap().push(request.clone());
            let (head, body): (String, &[u8]) = match from {
                None => (format!("200 OK\r\nContent-Length: {}", file.len()), &file[..file.len() / 2]),
                Some(from) => {
                    let range = format!("bytes {from}-{}/{}", file.len() - 1, file.len());
                    let length = file.len() - from;
                    (
                        format!("206 Partial Content\r\nContent-Range: {range}\r\nContent-Length: {length}"),
                        &file[from..],
                    )
                }
            };
            let head = format!("HTTP/1.1 {head}\r\nETag: \"v1\"\r\n\r\n");
            drop(stream.write_all(&[head.as_bytes(), body].concat()).await);
            streams.push(stream);
        }
    });
    (host, asked)
}

#[tokio::test]
async fn a_killed_download_leaves_no_half_file_and_is_gone_on_with() {
    let file: Vec<u8> = PICTURE.iter().copied().chain((0..400_000_u32).map(|n| n.to_le_bytes()[0])).collect();
    let (host, asked) = half_then_rest(file.clone()).await;
    let home = home_with(&host, &["/besar"]).await;
    home.configure(&format!("[media]\nallow_private = [\"{}\"]\n", host.trim_start_matches("http://")));
    let mut killed = home.command(&["media", "1"]).spawn().unwrap();
    let part = home.path("data/media/part/1.part");
    let arrived = async {
        while std::fs::metadata(&part).map_or(0, |found| found.len()) < (file.len() / 2) as u64 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(crate::home::TIMEOUT, arrived).await.expect("half of it comes");
    killed.kill().await.unwrap();
    let left = files_of(&home);
    assert!(left.iter().all(|path| path.starts_with(home.path("data/media/part"))), "{left:?}");
    let state = &home.loket(&["messages", "--conversation", "1", "--json"]).await.expect(0).lines()[0]["media"];
    assert_eq!((&state["state"], &state["file"]), (&json!("waiting"), &Value::Null));
    let printed = home.loket(&["media", "1"]).await.expect(0).out;
    assert!(std::fs::read(printed.trim_end()).unwrap() == file, "the same bytes");
    assert!(asked.lock().unwrap()[1].contains(&format!("range: bytes={}-", file.len() / 2)), "{asked:?}");
    assert_eq!(files_of(&home).len(), 1);
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
    use axum::body::Body;
    let host = fake_gateway(|_| {
        let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 1024]));
        let response = axum::response::Response::builder().header("content-length", "65000000");
        response.body(Body::from_stream(endless)).unwrap()
    })
    .await;
    let home = home_with(&host, &["/film"]).await;
    let refused = home.loket(&["media", "1"]).await.expect(1);
    assert!(refused.err.contains("larger than [media] max_mb permits: 64 MB"), "{refused:?}");
    let media = &home.loket(&["messages", "--conversation", "1", "--json"]).await.expect(0).lines()[0]["media"];
    assert_eq!(media["state"], "refused");
}
