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
