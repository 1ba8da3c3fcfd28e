//! Files of customers while the engine runs: fetched by themselves or by request, within the limits, through a full disk and
//! a kill.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::kit::{Dialect, Home, RunningEngine, account, wait_until};

/// A server that has a file of so many bytes under every name, and what it was asked for.
#[derive(Clone)]
struct FileServer {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    /// How many requests are left that get half of the file and then nothing more.
    halves: Arc<AtomicUsize>,
}

/// The bytes of a file.
fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend((bytes.len()..length).map(|n| n.to_le_bytes()[0]));
    bytes
}

impl FileServer {
    fn start(length: usize, halves: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = FileServer { address, asked: Arc::default(), halves: Arc::new(AtomicUsize::new(halves)) };
        let shared = server.clone();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (mut request, mut line) = (String::new(), String::new());
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                    request.push_str(&line.to_ascii_lowercase());
                    line.clear();
                }
                let file = picture(length);
                let from = request.split("range: bytes=").nth(1).and_then(|rest| rest.split('-').next()?.parse().ok());
                shared.asked.lock().unwrap().push(request);
                let (status, body) = match from {
                    Some(from) => {
                        let range = format!("bytes {from}-{}/{length}", length - 1);
                        (format!("206 Partial Content\r\nContent-Range: {range}"), &file[from..])
                    }
                    None => ("200 OK".to_owned(), &file[..]),
                };
                let head = format!("HTTP/1.1 {status}\r\nETag: \"v1\"\r\nContent-Length: {}\r\n\r\n", body.len());
                let is_half = shared.halves.load(Ordering::SeqCst) > 0;
                let sent = if is_half { &body[..body.len() / 2] } else { body };
                drop(stream.write_all(&[head.as_bytes(), sent].concat()));
                if is_half {
                    shared.halves.fetch_sub(1, Ordering::SeqCst);
                    open.push(stream);
                }
            }
        });
        server
    }

    fn config(&self, media: &str) -> String {
        let account = account("toko", Dialect::Cetar, "http://127.0.0.1:9/v1", "");
        format!("[media]\nallow_private = [\"{}\"]\n{media}\n{account}", self.address)
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// A customer sends a picture.
fn send_picture(engine: &RunningEngine, server: &FileServer, id: &str) {
    let mut body = Dialect::Cetar.body(id, "6281230001", "");
    body["data"]["type"] = json!("image");
    body["data"]["media_url"] = json!(format!("http://{}/{id}.png", server.address));
    assert_eq!(engine.post("toko", &Dialect::Cetar.signed(&body)).status, 200);
}

fn media(home: &Home) -> Value {
    home.messages("toko").last().map(|message| message["media"].clone()).unwrap_or_default()
}

#[track_caller]
fn until_state(home: &Home, state: &str) -> Value {
    wait_until(state, || Some(media(home)).filter(|media| media["state"] == state))
}

/// Every file under `media/` of the data directory, and whether it is a part.
fn files(home: &Home) -> Vec<(std::path::PathBuf, bool)> {
    let mut found = Vec::new();
    let mut folders = vec![home.data().join("media")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { found.push((path, folder.ends_with("part"))) }
        }
    }
    found
}

#[test]
fn files_come_by_themselves_or_only_when_somebody_asks() {
    let server = FileServer::start(5000, 0);
    let home = Home::new(&server.config("fetch = false"));
    let engine = home.serve();
    send_picture(&engine, &server, "m1");
    home.until_messages("toko", "the message", |messages| messages.len() == 1);
    send_picture(&engine, &server, "m2");
    home.until_messages("toko", "the next one", |messages| messages.len() == 2);
    assert_eq!((media(&home)["state"].as_str(), server.count()), (Some("waiting"), 0));
    let id = home.messages("toko")[1]["id"].as_str().unwrap().to_owned();
    home.run(&["media", &id]).expect_status(0);
    assert_eq!((until_state(&home, "here")["size"].as_u64(), server.count()), (Some(5000), 1));
    // Switched on while it runs: the other one comes by itself.
    home.configure(&server.config("fetch = true"));
    wait_until("the other one", || (home.messages("toko")[0]["media"]["state"] == "here").then_some(()));
    assert_eq!(files(&home).len(), 1, "equal files are there once");
}

#[test]
fn a_file_beyond_max_mb_is_refused_and_comes_when_the_limit_is_raised_and_somebody_asks() {
    let server = FileServer::start(1_200_000, 0);
    let home = Home::new(&server.config("max_mb = 1"));
    let engine = home.serve();
    send_picture(&engine, &server, "m1");
    let refused = until_state(&home, "refused");
    assert!(refused["error"].as_str().unwrap().contains("max_mb"), "{refused}");
    assert_eq!(files(&home), []);
    home.configure(&server.config("max_mb = 2"));
    let id = home.messages("toko")[0]["id"].as_str().unwrap().to_owned();
    wait_until("the raised limit", || (home.run(&["media", &id]).status == 0).then_some(()));
    assert_eq!(media(&home)["size"], 1_200_000);
}

#[test]
fn a_killed_engine_leaves_no_half_file_and_the_next_one_goes_on_with_it() {
    let server = FileServer::start(400_000, 1);
    let home = Home::new(&server.config(""));
    let engine = home.serve();
    send_picture(&engine, &server, "m1");
    wait_until("half of it", || {
        let part =
            files(&home).into_iter().find(|(path, is_part)| *is_part && path.extension().is_some_and(|e| e == "part"));
        part.filter(|(path, _)| std::fs::metadata(path).is_ok_and(|found| found.len() == 200_000))
    });
    engine.kill();
    assert!(files(&home).iter().all(|(_, is_part)| *is_part), "{:?}", files(&home));
    assert_eq!((media(&home)["state"].as_str(), media(&home)["file"].as_str()), (Some("waiting"), None));
    let _engine = home.serve();
    let here = until_state(&home, "here");
    assert!(std::fs::read(here["file"].as_str().unwrap()).unwrap() == picture(400_000), "the same bytes");
    assert!(server.asked.lock().unwrap()[1].contains("range: bytes=200000-"), "{:?}", server.asked);
    assert_eq!(files(&home).len(), 1);
}

#[test]
fn a_full_disk_is_the_reason_and_the_file_comes_when_there_is_space() {
    let server = FileServer::start(3_000_000, 0);
    let home = Home::new(&server.config(""));
    // The database is smaller than that, the file is not.
    let limited = home.shell("trap '' XFSZ; ulimit -f 4000", &["serve", "--listen", "127.0.0.1:0"]);
    let engine = RunningEngine::start(limited);
    send_picture(&engine, &server, "m1");
    let failed = wait_until("the reason", || Some(media(&home)).filter(|media| media["error"].is_string()));
    assert!(failed["error"].as_str().unwrap().contains("could not be written here"), "{failed}");
    assert_eq!((failed["state"].as_str(), failed["file"].as_str()), (Some("waiting"), None));
    engine.end();
    let _engine = home.serve();
    let id = home.messages("toko")[0]["id"].as_str().unwrap().to_owned();
    home.run(&["media", &id]).expect_status(0);
    assert!(std::fs::read(until_state(&home, "here")["file"].as_str().unwrap()).unwrap() == picture(3_000_000));
}
