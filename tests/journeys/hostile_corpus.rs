//! Every place on the screen that shows a stranger's text, each fed with its own hostile text, visited and counted.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::hostile_text::only_own_sequences;
use crate::installation::Installation;
use crate::term::Term;

/// A clipboard command, C1 controls, backspace, a line that is overwritten, device reports, bidirectional controls, and
/// characters that nobody sees.
const STEERING: &str = "\u{1b}]52;c;cHduZWQ=\u{7}\u{9b}31m\u{9d}0;x\u{9c}\u{8}\u{7f}\r\u{85}\u{1b}[6n\u{202e}\u{2066}\u{200f}\u{200b}\u{e0041}\u{3164}\u{2800}\u{feff}\u{1b}c";

/// A hostile text that begins with a word by which it is found on the screen.
fn hostile(word: &str) -> String {
    format!("{word}{STEERING}")
}

/// A gateway whose every answer is hostile. It refuses messages in hostile words.
fn hostile_gateway() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || respond(stream));
        }
    });
    address
}

fn respond(mut stream: TcpStream) {
    let mut some = vec![0_u8; 65_536];
    let length = stream.read(&mut some).unwrap_or_default();
    let head = String::from_utf8_lossy(&some[..length]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
    let contact = json!({"id": hostile("kid"), "phone": "+6281999000111", "name": hostile("kontak"),
        "first_name": hostile("kontak"), "email": hostile("surel"), "tags": [hostile("tanda")], "custom_fields": {}});
    let (status, body) = match path.as_str() {
        "/v1/contacts" => (200, json!({"success": true, "data": [contact], "meta": {"has_more": false, "total": 1}})),
        "/v1/whatsapp/templates" => (
            200,
            json!({"success": true, "meta": {"has_more": false}, "data": [{"name": hostile("pola"),
                "language": "id", "status": "APPROVED", "components": [{"type": "BODY", "text": hostile("badan")}]}]}),
        ),
        _ => (422, json!({"success": false, "error": {"code": hostile("kode"), "message": hostile("galat")}})),
    };
    let body = body.to_string();
    drop(write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ));
}

/// A line of an export: a message of a conversation of a person, or of a group.
fn line(id: u32, group: bool, change: &Value) -> String {
    let (conversation, peer) = if group { ("8", "120363041234567890") } else { ("7", "6281230004444") };
    let name = if group { hostile("grup") } else { hostile("nama") };
    let mut line = json!({
        "id": id.to_string(), "conversation": conversation, "account": "toko", "channel": "whatsapp", "peer": peer,
        "direction": "in", "author": {"kind": "contact", "name": hostile("anggota")}, "kind": "text", "text": "",
        "media": null, "payload": null, "remote_id": format!("r-{id}"), "status": "received", "error": null,
        "at": format!("2026-01-04T08:{:02}:07Z", id),
        "about": {"name": name, "group": group, "state": "open", "labels": [hostile("label")], "aliases": [peer],
                  "window": "none"},
    });
    for (key, value) in change.as_object().unwrap() {
        line[key] = value.clone();
    }
    line.to_string() + "\n"
}

fn lines() -> String {
    let media = |name: &str| {
        json!({"url": format!("https://x.example/{STEERING}"), "mime": hostile("image/jpeg"), "name": hostile(name),
               "size": 12, "remote_id": null})
    };
    [
        line(1, true, &json!({"text": hostile("kelompok")})),
        line(2, false, &json!({"text": hostile("teks")})),
        line(3, false, &json!({"kind": "image", "text": hostile("kapsi"), "media": media("gambar.jpg")})),
        line(4, false, &json!({"kind": "document", "media": media("dokumen.pdf")})),
        line(
            5,
            false,
            &json!({"kind": "location", "payload": {"latitude": -6.2, "longitude": 106.8,
                    "name": hostile("tempat"), "address": hostile("alamat")}}),
        ),
        line(
            6,
            false,
            &json!({"kind": "contacts", "payload": {"contacts": [{"name": hostile("kartu"), "phones": [hostile("0812")]}]}}),
        ),
        line(7, false, &json!({"kind": "choice", "text": hostile("pilih"), "payload": {"id": hostile("x"), "title": hostile("pilih")}})),
        line(8, false, &json!({"text": format!("tautan https://satu.example/{STEERING} https://dua.example/{STEERING}")})),
        line(
            9,
            false,
            &json!({"direction": "out", "author": {"kind": "agent", "name": hostile("agen")}, "status": "failed",
                    "text": hostile("keluar"), "error": {"code": hostile("kode"), "message": hostile("galat")}}),
        ),
    ]
    .concat()
}

fn installation(gateway: SocketAddr) -> Installation {
    let quoted = Value::from(hostile("akunjahat")).to_string().replace('\u{7f}', "\\u007f");
    let installation = Installation::new(&format!(
        "locale = \"en\"\n[listener]\nbind = \"127.0.0.1:0\"\n\
         [[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://{gateway}/v1\"\napi_key = \"k\"\n\
         window = \"none\"\n[[account]]\nname = {quoted}\nprovider = {quoted}\napi_key = \"k\"\n"
    ));
    let file = installation.path("in.jsonl");
    std::fs::write(&file, lines()).unwrap();
    assert!(installation.run(&["import", file.to_str().unwrap()]).status.success());
    assert!(installation.run(&["contacts", "sync", "--account", "toko"]).status.success());
    installation
}

/// A place: what it is, the keys that lead there from the composer of the person's conversation, and what is shown.
type Place = (&'static str, &'static str, &'static [&'static str]);

/// Each is left with `Esc`.
const OVERLAYS: &[Place] = &[
    ("go to a conversation", "\x07nama", &["nama"]),
    ("search", "\x06kapsi", &["kapsi"]),
    ("accounts", "\x1bOQ", &["akunjahat"]),
    ("templates", "\x14", &["pola"]),
    ("a new conversation", "\x1b[15~kontak", &["kontak"]),
];

#[test]
fn every_place_that_shows_a_strangers_text_is_visited_and_sends_only_our_own_sequences() {
    let installation = installation(hostile_gateway());
    let mut visited = BTreeSet::new();
    for size in [(80, 24), (40, 12), (140, 45)] {
        let mut term = Term::open(installation.loket(&[]), size);
        visited.insert("the list".to_owned());
        term.until("both names", |screen| screen.contains("nama") && screen.contains("grup"));
        // The person's conversation, and its messages from the newest to the oldest.
        term.press("\x07nama");
        term.until("the finder", |screen| screen.contains("› nama"));
        term.press("\r");
        term.shows("galat");
        term.press("\x1b[Z");
        for word in ["keluar", "satu.example", "pilih", "kartu", "tempat", "dokumen", "kapsi", "teks"] {
            term.until(word, |screen| screen.contains(word));
            visited.insert(format!("a message: {word}"));
            term.press("d");
            term.until("the details", |screen| screen.contains("Esc"));
            term.press("\x1b");
            term.until("the thread", |screen| !screen.contains("Esc"));
            // An arrow: two letters this fast are typing.
            term.press("\x1b[A");
        }
        term.press("\x1b[F\t");
        term.shows("Enter send");
        for (name, keys, words) in OVERLAYS {
            term.press(keys);
            for word in *words {
                term.until(&format!("{name}: {word}"), |screen| screen.contains(word) && screen.contains("Esc"));
            }
            visited.insert((*name).to_owned());
            term.press("\x1b");
            term.until("the composer", |screen| screen.contains("keluar") && screen.contains("Enter send"));
        }
        term.press("\x07grup");
        term.until("the finder", |screen| screen.contains("› grup"));
        term.press("\r");
        term.until("the group", |screen| screen.contains("kelompok"));
        visited.insert("a member of a group".to_owned());
        term.press("\x11");
        assert_eq!(term.ended(), 0);
        only_own_sequences(term.raw());
    }
    assert_eq!(visited.len(), OVERLAYS.len() + 10, "{visited:?}");
}
