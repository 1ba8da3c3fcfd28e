//! `loket send --file` where the gateway fetches files by a link: what the listener serves, and what is refused.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fake_gateway::{self, fake_gateway};
use crate::home::{Home, Output};
use crate::long_running::Running;

const NOTA: &str = "%PDF-1.4 nota untuk Ibu Ani";

/// An answer over a socket: its head in lower case, and its bytes.
fn ask(url: &str, method: &str, headers: &str) -> (String, Vec<u8>) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(raw[..end].to_vec()).unwrap().to_ascii_lowercase(), raw[end + 4..].to_vec())
}

/// A home with accounts of gateways that fetch files, whose public address is `public`, and what they were asked.
async fn home(public: &str) -> (Home, Arc<Mutex<Vec<Value>>>) {
    let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
    let log = asked.clone();
    let url = fake_gateway(move |request| {
        let mut log = log.lock().unwrap();
        log.push(serde_json::from_slice(&request.body).unwrap_or_default());
        fake_gateway::json(200, &json!({"success": true, "data": {"id": format!("m-{}", log.len()), "messageId": "m"}}))
    })
    .await;
    let account = |name: &str, provider: &str| {
        format!("[[account]]\nname = \"{name}\"\nprovider = \"{provider}\"\nbase_url = \"{url}\"\napi_key = \"k\"\n")
    };
    let accounts = [account("cetar", "cetar"), account("chatera", "chatera"), account("cloudchat", "cloudchat")];
    (Home::with(&format!("{public}\n{}", accounts.concat())), asked)
}

/// An engine on a port of its own, which is its public address too.
async fn serving() -> (Home, Arc<Mutex<Vec<Value>>>, Running) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (home, asked) = home(&format!("[listener]\nbind = \"{free}\"\npublic_url = \"http://{free}/\"\n")).await;
    let mut serve = Running::start(&home, &["serve"]);
    serve.line("listening on http://").await;
    (home, asked, serve)
}

async fn send(home: &Home, account: &str, path: &str, more: &[&str]) -> Output {
    let args = ["--json", "send", "--account", account, "--to", "628123456789", "--anyway", "--file", path];
    home.loket(&[&args[..], more].concat()).await
}

#[tokio::test]
async fn a_gateway_fetches_the_file_from_the_listener() {
    let (home, asked, serve) = serving().await;
    let path = home.file("Nota Ibu Ani #1.pdf", NOTA);
    let message = send(&home, "cetar", &path, &["--text", "Ini kak"]).await.expect(0).last();
    assert_eq!((&message["media"]["fetches"], &message["status"]), (&Value::Null, &json!("sent")));
    std::fs::remove_file(&path).unwrap();
    let body = asked.lock().unwrap()[0].clone();
    let link = body["media_url"].as_str().unwrap().to_owned();
    assert!(link.ends_with("/Nota%20Ibu%20Ani%20%231.pdf"), "{link}");
    let token = link.split('/').nth(4).unwrap().to_owned();
    assert!(token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{link}");
    let length = NOTA.len();
    let (head, bytes) = ask(&link, "GET", "");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/pdf\r\n"), "{head}");
    assert!(head.contains(&format!("\r\ncontent-length: {length}\r\n")) && !head.contains("location:"), "{head}");
    assert_eq!(bytes, NOTA.as_bytes());
    let (head, bytes) = ask(&link, "HEAD", "");
    assert!(head.starts_with("http/1.1 200") && head.contains(&format!("content-length: {length}")), "{head}");
    assert_eq!(bytes, b"");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    let (head, bytes) = ask(&link, "GET", &format!("Range: bytes=5-7\r\nIf-Range: {tag}\r\n"));
    assert!(head.starts_with("http/1.1 206"), "{head}");
    assert!(head.contains(&format!("\r\ncontent-range: bytes 5-7/{length}")), "{head}");
    assert_eq!(bytes, &NOTA.as_bytes()[5..8]);
    let (head, bytes) = ask(&link, "GET", "Range: bytes=5-7\r\nIf-Range: \"another\"\r\n");
    assert!(head.starts_with("http/1.1 200") && bytes == NOTA.as_bytes(), "{head}");
    let (head, _) = ask(&link, "GET", "Range: bytes=1000-\r\n");
    assert!(head.starts_with("http/1.1 416") && head.contains(&format!("content-range: bytes */{length}")), "{head}");
    for wrong in [link.replace(&token, &"0".repeat(40)), format!("{link}x"), link.replace("Nota", "nota")] {
        assert!(ask(&wrong, "GET", "").0.starts_with("http/1.1 404"), "{wrong}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let (head, _) = ask(&link, method, "Content-Length: 0\r\n");
        assert!(head.starts_with("http/1.1 405") && head.contains("allow: get, head"), "{head}");
    }
    let stored = home.loket(&["--json", "messages", "--account", "cetar"]).await.expect(0).last();
    assert_eq!(stored["media"]["fetches"], json!(2), "the whole was fetched twice; Loket's own fetch does not count");
    serve.end().await.expect(0);
}

#[tokio::test]
async fn a_file_fills_the_header_of_a_template() {
    let (home, asked, serve) = serving().await;
    let path = home.file("katalog.pdf", NOTA);
    let template = ["--template", "katalog", "--var", "Ani"];
    let message = send(&home, "chatera", &path, &template).await.expect(0).last();
    assert_eq!((&message["kind"], &message["media"]["name"]), (&json!("template"), &json!("katalog.pdf")));
    let header = asked.lock().unwrap()[0].pointer("/template/components/0/parameters/0").cloned().unwrap();
    assert_eq!(header["type"], "document");
    assert_eq!(ask(header["document"]["link"].as_str().unwrap(), "GET", "").1, NOTA.as_bytes());
    let refused = send(&home, "chatera", &path, &["--template", "a", "--header-image", "https://a.id/b.jpg"]).await;
    assert!(refused.expect(2).err.contains("--header-image"));
    let refused = send(&home, "chatera", &path, &[]).await.expect(2);
    assert!(refused.err.contains("Chatera"), "files go in templates only: {refused:?}");
    assert_eq!(asked.lock().unwrap().len(), 1);
    serve.end().await.expect(0);
}

#[tokio::test]
async fn a_link_that_loket_itself_cannot_fetch_is_given_to_no_gateway() {
    let html = |status: u16, body: &'static str| {
        move |_: fake_gateway::Request| {
            use axum::response::IntoResponse as _;
            let status = axum::http::StatusCode::from_u16(status).unwrap();
            let headers = [("content-type", if body == "x" { "application/pdf" } else { "text/html" })];
            (status, headers, body).into_response()
        }
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (public, reason) in [
        (None, "public_url"),
        (Some(format!("http://{closed}")), "cannot reach"),
        (Some(fake_gateway(html(200, "<html>Visit site</html>")).await), "something else"),
        (Some(fake_gateway(html(302, "")).await), "HTTP 302"),
        (Some(fake_gateway(html(200, "x")).await), "length"),
    ] {
        let public = public.map(|url| format!("[listener]\npublic_url = \"{url}\"\n")).unwrap_or_default();
        let (home, asked) = home(&public).await;
        let mut serve = Running::start(&home, &["serve", "--listen", "127.0.0.1:0"]);
        serve.line("listening on http://").await;
        let refused = send(&home, "cloudchat", &home.file("nota.pdf", NOTA), &[]).await.expect(1);
        assert!(refused.err.contains(reason), "{reason}: {refused:?}");
        assert_eq!(refused.last()["status"], "failed");
        assert!(asked.lock().unwrap().is_empty(), "{reason}");
        serve.end().await.expect(0);
    }
    let (home, asked) = home("[listener]\npublic_url = \"http://127.0.0.1:9/\"\n").await;
    let refused = send(&home, "cloudchat", &home.file("nota.pdf", NOTA), &[]).await.expect(1);
    assert!(refused.err.contains("loket serve") && asked.lock().unwrap().is_empty(), "{refused:?}");
}

#[tokio::test]
async fn types_and_sizes_are_refused_before_the_gateway_is_asked() {
    let (home, asked) = home("").await;
    let picture = |name: &str, size: usize| {
        let path = home.path(name);
        std::fs::write(&path, [&b"\x89PNG\r\n\x1a\n"[..], &png_end(size)].concat()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let large = picture("besar.png", 16 * 1024 * 1024 + 1);
    for (account, path, more, reason) in [
        ("cetar", &home.file("harga.csv", "a,b\n1,2\n"), &[][..], "pdf"),
        ("cloudchat", &large, &[], "16 MB"),
        ("cloudchat", &picture("sedang.png", 5 * 1024 * 1024 + 1), &["--channel", "telegram"], "5 MB"),
        ("chatera", &large, &["--template", "a"], "5 MB"),
    ] {
        let refused = send(&home, account, path, more).await.expect(2);
        assert!(refused.err.contains(reason), "{account}: {refused:?}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

/// The chunks of a PNG of about this size after its first bytes.
fn png_end(size: usize) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], name, data, b"\0\0\0\0"].concat()
    };
    [chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", &vec![7; size]), chunk(b"IEND", b"")].concat()
}
