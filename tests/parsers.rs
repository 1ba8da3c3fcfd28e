//! Every parser of foreign bytes against bytes that are almost right: what the fuzz targets in `fuzz/` try for hours.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

use loket::fuzzing;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The bodies of all webhooks in the fixtures.
static BODIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut bodies = Vec::new();
    let gateways = fs::read_dir(root().join("tests/fixtures/providers")).unwrap().map(|entry| entry.unwrap().path());
    for gateway in gateways.filter(|path| path.is_dir()) {
        let files = fs::read_dir(gateway).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
            let text = fs::read_to_string(file).unwrap();
            let fixture: Value = serde_json::from_str(&text).unwrap();
            let body = &fixture["webhook"]["body"];
            if !body.is_null() {
                bodies.push(body.to_string().into_bytes());
            }
        }
    }
    assert!(bodies.len() > 100);
    bodies
});

/// What people write into files that Loket reads.
const CONFIGURATION: &str = r#"locale = "id"
[listener]
bind = "127.0.0.1:1"
tunnel = { command = ["a"], url = "b" }
[[account]]
name = "toko"
provider = "chatera"
api_key = { env = "K" }
window = "24h"
"#;
const CONTACTS: &str = "phone;name;email;tags\n0812-3456-789;\"Budi \"\"B\"\" S\";b@x.example;vip\n\n+62 812;;;\n";
const KEYMAP: &str = r#"[list]
resolve = ["ctrl-e", "e"]
quit = false
[composer]
send = "enter"
"#;
const LINE: &str = r#"{"id":"1","conversation":"7","account":"toko","channel":"whatsapp","peer":"628111111111",
    "direction":"in","author":{"kind":"contact","name":"Budi"},"kind":"text","text":"halo","media":null,
    "payload":{"a":1.5},"remote_id":"w","status":"received","error":null,"at":"2026-01-04T08:49:07Z"}"#;
const CODE: &str = "2@kode-pertama,AbCdEfGhIjKlMnOpQrStUv==,wXyZ0123456789";
const SIGNATURE: &str = "sha256=0123456789abcdef\n{\"event\":\"x\"}";
const VOICE: &[u8] = include_bytes!("../assets/sandbox/catatan.ogg");
const HOSTILE: &str = "a\u{1b}]52;c;eA==\u{7}\u{9b}2J\u{202e}b\u{200d}👩\u{200d}👧\u{3164}\t\r\n\u{e0041}c\u{301}";

/// A picture of every format that is decoded, and a document.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let picture = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x, y, x * y].map(|n| n.to_le_bytes()[0])));
    let formats =
        [image::ImageFormat::Png, image::ImageFormat::Jpeg, image::ImageFormat::WebP, image::ImageFormat::Gif];
    let encoded = formats.map(|format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    });
    let document = b"%PDF-1.4\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 7>>endobj".to_vec();
    encoded.into_iter().chain([document]).collect()
});

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index),
    Remove(Index, u8),
    Set(Index, u8),
    Insert(Index, &'static [u8]),
    Repeat(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces: Vec<&'static [u8]> = vec![
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"\\ud83d",
        b"\\u0000",
        b"null",
        b"-1",
        b"1e400",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\x1b",
        b"\n",
        b"\r",
        b";",
        b"'",
        b"=",
        b"#",
        b"\xe2\x80\xae",
        b"true",
        b"\"apikey\":",
    ];
    prop_oneof![
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), any::<u8>()).prop_map(|(at, n)| Change::Remove(at, n)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), prop::sample::select(pieces)).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, n)| Change::Repeat(at, n)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for change in changes {
        let end = |from: usize, n: u8| bytes.len().min(from + usize::from(n));
        let at = |index: Index| index.index(bytes.len() + 1);
        match change {
            Change::Cut(index) => bytes.truncate(at(index)),
            Change::Remove(index, n) => {
                let at = at(index);
                bytes.drain(at..end(at, n));
            }
            Change::Set(index, byte) => {
                let at = at(index);
                bytes.splice(at..end(at, 1), [byte]);
            }
            Change::Insert(index, piece) => {
                let at = at(index);
                bytes.splice(at..at, piece.iter().copied());
            }
            Change::Repeat(index, n) => {
                let at = at(index);
                let part = bytes[at..end(at, n)].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

/// Bytes that are `sample` but for a few changes, or anything.
fn almost(sample: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec(change(), 0..6);
    prop_oneof![
        4 => changes.prop_map(move |changes| changed(sample.as_bytes().to_vec(), changes)),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn almost_a_webhook() -> impl Strategy<Value = Vec<u8>> {
    let body = any::<Index>().prop_map(|index| index.get(&BODIES).clone());
    (body, prop::collection::vec(change(), 0..6)).prop_map(|(body, changes)| changed(body, changes))
}

proptest! {
    #[test]
    fn webhooks(body in almost_a_webhook()) {
        fuzzing::webhook(&body);
    }

    #[test]
    fn signatures(value in almost(SIGNATURE), body in almost_a_webhook()) {
        fuzzing::signature(&value);
        fuzzing::signature(&[&value[..], b"\n", &body[..]].concat());
    }

    #[test]
    fn contact_lists(bytes in almost(CONTACTS)) {
        fuzzing::contacts(&bytes);
    }

    #[test]
    fn configurations(bytes in almost(CONFIGURATION)) {
        fuzzing::configuration(&bytes);
    }

    #[test]
    fn lines_of_an_import(bytes in almost(LINE)) {
        fuzzing::import_line(&bytes);
    }

    #[test]
    fn foreign_text(bytes in almost(HOSTILE)) {
        fuzzing::clean(&bytes);
    }

    #[test]
    fn key_maps(bytes in almost(KEYMAP)) {
        fuzzing::keymap(&bytes);
    }
}

proptest! {
    #[test]
    fn pictures(file in any::<Index>(), changes in prop::collection::vec(change(), 0..4)) {
        fuzzing::picture(&changed(file.get(&FILES).clone(), changes));
    }
}

#[test]
fn a_picture_that_ends_anywhere_is_borne() {
    for file in FILES.iter() {
        for end in 0..file.len() {
            fuzzing::picture(&file[..end]);
        }
    }
}

proptest! {
    // Drawing a code and decoding sound are slow without optimisation.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn voice_notes(whole in any::<bool>(), changes in prop::collection::vec(change(), 0..6)) {
        let sample = if whole { VOICE } else { &VOICE[..4000] };
        fuzzing::voice_note(&changed(sample.to_vec(), changes));
    }

    #[test]
    fn login_codes(bytes in almost(CODE)) {
        fuzzing::login_code(&bytes);
    }
}

/// Writes what the fuzz targets begin with: `cargo test --test parsers -- --ignored`.
#[test]
#[ignore = "writes into fuzz/corpus"]
fn write_the_corpora() {
    let write = |target: &str, samples: &[Vec<u8>]| {
        let directory = root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&directory).unwrap();
        for (n, sample) in samples.iter().enumerate() {
            fs::write(directory.join(format!("sample-{n}")), sample).unwrap();
        }
    };
    write("webhook", &BODIES);
    let signed: Vec<_> = BODIES.iter().map(|body| [b"sha256=00\n", &body[..]].concat()).collect();
    write("signature", &signed);
    write("voice_note", &[VOICE.to_vec()]);
    write("picture", &FILES);
    for (target, sample) in [
        ("contacts", CONTACTS),
        ("configuration", CONFIGURATION),
        ("import_line", LINE),
        ("clean", HOSTILE),
        ("keymap", KEYMAP),
        ("login_code", CODE),
    ] {
        write(target, &[sample.as_bytes().to_vec()]);
    }
}

#[test]
fn every_function_has_a_fuzz_target() {
    let source = fs::read_to_string(root().join("src/fuzzing.rs")).unwrap();
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let mut count = 0;
    for name in source.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next()) {
        let target = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("fuzzing::{name}(")) && manifest.contains(&format!("name = \"{name}\"")));
        count += 1;
    }
    assert_eq!(count, 10);
}
