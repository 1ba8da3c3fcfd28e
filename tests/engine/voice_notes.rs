//! Voice notes that a program of the person's own transcribes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::kit::{Home, wait_until};

const VOICE: &[u8] = include_bytes!("../../assets/sandbox/catatan.ogg");

/// A server that has the voice note.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", VOICE.len());
            drop(stream.write_all(&[head.as_bytes(), VOICE].concat()));
        }
    });
    address
}

/// A home with a voice note of a customer, one of our own and a photo, whose program runs a script.
fn home(script: &str) -> (Home, PathBuf) {
    let host = server();
    let home = Home::new("");
    let runs = home.config().with_file_name("runs");
    let script = script.replace("RUNS", runs.to_str().unwrap());
    let program = serde_json::to_string(&["sh", "-c", &script]).unwrap();
    home.configure(&format!("[media]\nallow_private = [\"{host}\"]\n[assist]\ntranscribe = {program}\n"));
    let line = |id: usize, direction: &str, kind: &str| {
        json!({
            "id": id.to_string(), "conversation": "1", "account": "toko", "channel": "whatsapp",
            "peer": "628111111111", "direction": direction,
            "author": {"kind": if direction == "in" { "contact" } else { "agent" }, "name": "Budi"},
            "kind": kind, "text": "", "media": {"url": format!("http://{host}/{id}.ogg")}, "payload": null,
            "remote_id": format!("wamid.{id}"), "status": if direction == "in" { "received" } else { "sent" },
            "error": null, "at": "2026-01-04T08:49:07Z",
        })
        .to_string()
    };
    let lines = [line(1, "in", "audio"), line(2, "out", "audio"), line(3, "in", "image")].join("\n");
    let file = home.config().with_file_name("in.jsonl");
    std::fs::write(&file, lines).unwrap();
    home.run(&["import", file.to_str().unwrap()]).expect_status(0);
    (home, runs)
}

fn voice_note(home: &Home) -> Value {
    home.json(&["messages", "--conversation", "1"])[0].clone()
}

fn payload(home: &Home) -> Value {
    voice_note(home)["payload"].clone()
}

#[test]
fn a_voice_note_is_transcribed_once_and_found_by_what_is_said() {
    let (home, runs) = home("echo \"$0\" >> 'RUNS'; printf 'Kirim gamis\\033[2J ke\\tBandung ya\\n'");
    let engine = home.serve();
    for message in ["2", "3", "1"] {
        home.run(&["media", message]).expect_status(0);
    }
    let text = wait_until("the transcript", || payload(&home)["transcript"].as_str().map(str::to_owned));
    assert!(text.starts_with("Kirim gamis") && text.ends_with("Bandung ya") && !text.contains('\u{1b}'), "{text:?}");
    let run = std::fs::read_to_string(&runs).unwrap();
    let file = voice_note(&home)["media"]["file"].as_str().unwrap().to_owned();
    assert_eq!(run.lines().collect::<Vec<_>>(), [file], "neither our own voice note nor the photo");
    let found = home.json(&["search", "bandung"]);
    assert_eq!(found.iter().map(|m| m["id"].clone()).collect::<Vec<_>>(), [json!("1")]);
    assert!(home.run(&["search", "bandung"]).out.contains("Kirim gamis"));
    // It goes with the messages into another store, and is found there.
    let exported = home.run(&["export"]).expect_status(0).out;
    let other = Home::new("");
    let path = other.config().with_file_name("out.jsonl");
    std::fs::write(&path, exported).unwrap();
    other.run(&["import", path.to_str().unwrap()]).expect_status(0);
    assert_eq!(other.json(&["search", "bandung"]).len(), 1);
    drop(engine);
    // Neither an engine that starts again nor a file that is fetched again runs it again.
    let _engine = home.serve();
    home.run(&["media", "1"]).expect_status(0);
    assert_eq!(std::fs::read_to_string(&runs).unwrap().lines().count(), 1);
}

#[test]
fn what_a_kill_interrupts_is_begun_again() {
    let (home, runs) = home("echo run >> 'RUNS'; test $(wc -l < 'RUNS') -gt 1 || exec sleep 600; echo selesai");
    let engine = home.serve();
    home.run(&["media", "1"]).expect_status(0);
    wait_until("the program to run", || std::fs::read_to_string(&runs).ok().filter(|runs| !runs.is_empty()));
    engine.kill();
    assert!(payload(&home)["transcript"].is_null());
    let _engine = home.serve();
    wait_until("the transcript", || (payload(&home)["transcript"] == "selesai").then_some(()));
    assert_eq!(std::fs::read_to_string(&runs).unwrap().lines().count(), 2);
}

#[test]
fn a_program_that_is_not_there_is_named_and_without_one_nothing_runs() {
    let (home, _) = home("true");
    let config = std::fs::read_to_string(home.config()).unwrap();
    let media = config.lines().take(2).collect::<Vec<_>>().join("\n");
    home.configure(&format!("{media}\n[assist]\ntranscribe = [\"/tidak/ada\"]\n"));
    let engine = home.serve();
    home.run(&["media", "1"]).expect_status(0);
    let reason = wait_until("the reason", || payload(&home)["transcript_error"].as_str().map(str::to_owned));
    assert_eq!(reason, "/tidak/ada cannot be started: it is not installed, or not in PATH");
    assert!(engine.log().contains("a voice note was not transcribed"), "{}", engine.log());
    assert!(home.run(&["search", "started"]).out.is_empty(), "the reason is no text of the customer");
}
