//! `loket send --file`: a file of this machine, in the request where the gateway takes it there.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::fake_gateway::{self, fake_gateway};
use crate::home::Home;

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap();
    [&[0xff, marker], length.to_be_bytes().as_slice(), data].concat()
}

/// A JPEG in which `metadata` stands before the pixels.
fn jpeg(metadata: &[u8]) -> Vec<u8> {
    let scan = [segment(0xda, &[1, 2, 3]), b"the pixels\xff\xd9".to_vec()].concat();
    [b"\xff\xd8".to_vec(), segment(0xe0, b"JFIF\0"), metadata.to_vec(), segment(0xdb, b"table"), scan].concat()
}

/// A home with an account of WAHA, and what its gateway is sent. The gateway answers with these statuses, and then 201.
async fn home(statuses: &[u16]) -> (Home, Arc<Mutex<Vec<(String, Value)>>>) {
    let sent: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let (log, statuses) = (sent.clone(), statuses.to_vec());
    let url = fake_gateway(move |request| {
        let mut log = log.lock().unwrap();
        log.push((request.target, serde_json::from_slice(&request.body).unwrap_or_default()));
        let status = statuses.get(log.len() - 1).copied().unwrap_or(201);
        fake_gateway::json(status, &json!({"id": "true_628123456789@c.us_3EB0AA"}))
    })
    .await;
    let account = format!("[[account]]\nname = \"toko\"\nprovider = \"waha\"\nbase_url = \"{url}\"\napi_key = \"k\"\n");
    (Home::with(&account), sent)
}

async fn send(home: &Home, path: &str, more: &[&str]) -> crate::home::Output {
    let args = ["--json", "send", "--account", "toko", "--to", "0812-3456-789", "--anyway", "--file", path];
    home.loket(&[&args[..], more].concat()).await
}

#[tokio::test]
async fn a_file_goes_out_as_it_is_but_for_its_position_and_stays_in_the_store() {
    let (home, sent) = home(&[]).await;
    let original = home.path("Foto toko.jpg");
    std::fs::write(&original, jpeg(&segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0exif:GPSLatitude"))).unwrap();
    let path = original.to_str().unwrap();
    let message = send(&home, path, &["--text", "Ini kak"]).await.expect(0).last();
    let (target, body) = sent.lock().unwrap()[0].clone();
    assert_eq!((target.as_str(), &body["caption"]), ("/api/sendImage", &json!("Ini kak")));
    assert_eq!((&body["file"]["mimetype"], &body["file"]["filename"]), (&json!("image/jpeg"), &json!("Foto toko.jpg")));
    let data = STANDARD.decode(body["file"]["data"].as_str().unwrap()).unwrap();
    assert_eq!(data, jpeg(b""));
    std::fs::remove_file(&original).unwrap();
    let media = &message["media"];
    assert_eq!(
        (&message["kind"], &message["text"], &media["state"]),
        (&json!("image"), &json!("Ini kak"), &json!("here"))
    );
    assert_eq!((&media["name"], &media["size"]), (&json!("Foto toko.jpg"), &json!(data.len())));
    assert_eq!(std::fs::read(media["file"].as_str().unwrap()).unwrap(), data);
    let listed = home.loket(&["media", message["id"].as_str().unwrap()]).await.expect(0).out;
    assert_eq!(listed.trim_end(), media["file"].as_str().unwrap());
    let document = home.file("nota.pdf", "%PDF-1.4 nota");
    let args = ["--json", "send", "--account", "toko", "--to", "628123456789", "--anyway", "--file", &document];
    let message = home.loket(&args).await.expect(0).last();
    assert_eq!((&message["kind"], sent.lock().unwrap()[1].0.as_str()), (&json!("document"), "/api/sendFile"));
}

#[tokio::test]
async fn a_queued_file_is_sent_after_the_original_is_gone_and_a_lost_one_is_told() {
    let (home, sent) = home(&[429]).await;
    let path = home.file("nota.pdf", "%PDF-1.4 nota");
    let message = send(&home, &path, &["--wait", "1"]).await.expect(3).last();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(message["media"]["state"], "here");
    let kept = message["media"]["file"].as_str().unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), b"%PDF-1.4 nota");
    assert_eq!(sent.lock().unwrap()[0].1["file"]["data"], json!(STANDARD.encode("%PDF-1.4 nota")));
    std::fs::remove_file(kept).unwrap();
    let text = ["--json", "send", "--account", "toko", "--to", "628123456789", "--anyway", "--text", "Halo", "--wait"];
    home.loket(&[&text[..], &["30"]].concat()).await.expect(0);
    let stored = home.loket(&["messages", "--account", "toko", "--json"]).await.expect(0).lines();
    assert_eq!((&stored[0]["status"], &stored[0]["error"]["code"]), (&json!("failed"), &json!("file_missing")));
    assert_eq!(sent.lock().unwrap().len(), 2, "the file was tried once, then the text");
}

#[tokio::test]
async fn a_file_that_cannot_go_is_refused_before_any_request() {
    let (home, sent) = home(&[]).await;
    let heic = home.path("foto.jpg");
    std::fs::write(&heic, b"\0\0\0\x18ftypheic\0\0\0\0").unwrap();
    let nota = home.file("nota.pdf", "%PDF-1.4 nota");
    let damaged = home.path("rusak.jpg");
    std::fs::write(&damaged, b"\xff\xd8\xff\xe0\0\x10JF").unwrap();
    let film = home.path("film.mp4");
    std::fs::write(&film, [b"\0\0\0\x18ftypisom\0\0\0\0".to_vec(), vec![0; 16 * 1024 * 1024]].concat()).unwrap();
    let large = home.path("besar.bin");
    std::fs::File::create(&large).unwrap().set_len(100 * 1024 * 1024 + 1).unwrap();
    let directory = home.path("data");
    for (path, more, reason) in [
        (heic.to_str().unwrap(), &[][..], "JPEG"),
        (&nota, &["--kind", "image"], "jpg, png, webp"),
        (damaged.to_str().unwrap(), &[], "damaged"),
        (film.to_str().unwrap(), &[], "16 MB"),
        (large.to_str().unwrap(), &[], "100 MB is the most"),
        (directory.to_str().unwrap(), &[], "cannot be read"),
        ("/no/such/file", &[], "cannot be read"),
        (&home.file("kosong.txt", ""), &[], "empty"),
        (&nota, &["--location", "1,2"], "--location"),
    ] {
        let refused = send(&home, path, more).await.expect(2);
        assert!(refused.err.contains(reason), "{path}: {refused:?}");
    }
    assert!(sent.lock().unwrap().is_empty());
    let stored = home.loket(&["messages", "--account", "toko", "--json"]).await.expect(0);
    assert_eq!(stored.lines(), Vec::<Value>::new());
}
