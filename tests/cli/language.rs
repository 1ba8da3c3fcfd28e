//! `--locale id`: every command speaks Indonesian to people, whatever it has to say; JSON and CSV stay as they are.
use crate::home::{Home, Output};
use serde_json::json;

/// Words that no Indonesian sentence has.
const ENGLISH: &[&str] = &[
    "the", "is", "are", "was", "were", "not", "and", "with", "without", "there", "this", "that", "its", "it", "which",
    "cannot", "must", "no", "of", "for", "from", "your", "you", "one", "try", "write", "choose", "name", "does", "has",
    "have", "account", "accounts", "messages", "found", "missing", "unknown", "give", "another", "already", "here",
];

/// The English words of an output that people read.
fn english_words(output: &Output) -> Vec<String> {
    let text = format!("{}\n{}", output.out, output.err);
    let text = text
        .lines()
        .filter(|line| !line.starts_with('{') && !line.starts_with("phone,name"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("loket account ", "loket ");
    // What stands in quotes, paths, flags and JSON is not said in any language.
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '(' | ')' | '.' | '?' | '!'));
    words.filter(|word| ENGLISH.contains(&word.to_lowercase().as_str())).map(str::to_owned).collect()
}

fn toko(more: &str) -> String {
    format!(
        "locale = \"id\"\n[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://127.0.0.1:1/v1\"\n\
         api_key = \"k\"\n{more}"
    )
}

async fn check(home: &Home, args: &[&str]) {
    let ended = home.loket(&[&["--locale", "id"], args].concat()).await;
    let words = english_words(&ended);
    assert!(words.is_empty(), "{args:?} says {words:?}\n{}\n{}", ended.out, ended.err);
}

#[tokio::test]
async fn what_commands_say_is_indonesian() {
    let home = Home::with(&toko(""));
    let message = json!({
        "id": "1", "conversation": "1", "account": "toko", "channel": "whatsapp", "peer": "628111111111",
        "direction": "in", "author": {"kind": "contact", "name": "Budi"}, "kind": "text", "text": "halo", "media": null,
        "payload": null, "remote_id": "wamid.1", "status": "received", "error": null, "at": "2026-01-04T08:49:07Z",
        "about": {"name": "Budi", "group": false, "state": "open", "labels": [], "aliases": [], "window": "24h"},
    });
    let file = home.file("in.jsonl", &message.to_string());
    let csv = home.file("in.csv", "phone,name\n12,Budi\n");
    let backup = home.path("copy.db").to_str().unwrap().to_owned();
    for args in [
        &["import", &file][..],
        &["export"],
        &["backup", &backup],
        &["conversations"],
        &["messages", "--account", "toko"],
        &["messages", "--conversation", "1"],
        &["search", "halo"],
        &["account", "list"],
        &["account", "url", "toko"],
        &["account", "rotate-token", "toko"],
        &["account", "check", "toko"],
        &["login", "toko"],
        &["groups", "toko"],
        &["templates", "toko"],
        &["check-number", "toko", "0812-3456-789"],
        &["contacts", "list", "--account", "toko"],
        &["contacts", "sync", "--account", "toko"],
        &["contacts", "create", "--account", "toko", "--phone", "0812-3456-789"],
        &["contacts", "import", &csv, "--account", "toko"],
        &["contacts", "export", "--account", "toko"],
        &["send", "--account", "toko", "--to", "628111111111", "--text", "Halo", "--wait", "1"],
        &["doctor"],
        &["account", "remove", "toko"],
        &["doctor"],
    ] {
        check(&home, args).await;
    }
}

#[tokio::test]
async fn refusals_of_every_command_are_indonesian() {
    let home = Home::with(&toko(""));
    let nowhere = home.path("nowhere").to_str().unwrap().to_owned();
    let bad = home.file("bad.jsonl", "{\n");
    let csv = home.file("bad.csv", "nama\nBudi\n");
    for args in [
        &["account", "show", "nope"][..],
        &["account", "url", "nope"],
        &["account", "add", "toko", "--provider", "chatera", "--api-key", "env:X"],
        &["account", "add", "Toko!", "--provider", "chatera", "--api-key", "env:X"],
        &["account", "add", "baru", "--provider", "chatera", "--api-key", "rahasia"],
        &["account", "add", "baru", "--provider", "cetera", "--api-key", "env:X"],
        &["account", "remove", "nope"],
        &["send", "--account", "toko", "--to", "0812-3456-789"],
        &["send", "--account", "toko", "--to", "0812-3456-789", "--text", "Halo"],
        &["send", "--account", "toko", "--to", "0812-3456-789", "--location", "-6.2,106.8"],
        &["send", "--account", "toko", "--to", "0812-3456-789", "--location", "sini"],
        &["send", "--account", "toko", "--to", "0812-3456-789", "--card", "Budi", "--location", "-6.2,106.8"],
        &["send", "--account", "toko", "--to", "0812-3456-789", "--text", "Pilih", "--button", "x"],
        &["send", "--account", "nope", "--to", "0812-3456-789", "--text", "Halo"],
        &["messages"],
        &["messages", "--conversation", "99"],
        &["messages", "--account", "toko", "--before", "99"],
        &["search"],
        &["check-number", "toko", "x"],
        &["contacts", "import", &csv, "--account", "toko"],
        &["contacts", "import", &nowhere, "--account", "toko"],
        &["contacts", "create", "--account", "toko", "--phone", "x"],
        &["import", &bad],
        &["import", &nowhere],
        &["bogus"],
        &["send", "--bogus"],
        &["messages", "--limit", "banyak", "--account", "toko"],
    ] {
        check(&home, args).await;
    }
    for more in ["mode = \"x\"\n", "bogus = 1\n", "channel = 3\n", "webhook_secret = { env = \"NOPE_NOPE\" }\n"] {
        let home = Home::with(&toko(more));
        for args in [&["doctor"][..], &["account", "list"], &["groups", "toko"]] {
            check(&home, args).await;
        }
    }
    check(&Home::with("[[account]\n"), &["account", "list"]).await;
    let nearest = home.loket(&["account", "show", "tok"]).await.expect(2);
    assert!(nearest.err.contains("\"toko\""), "{nearest:?}");
    let none = home.loket(&["account", "show", "nope"]).await.expect(2);
    assert!(!none.err.contains("chatera"), "{none:?}");
}

#[tokio::test]
async fn json_is_the_same_in_every_language() {
    let home = Home::with(&toko(""));
    for args in [&["account", "list", "--json"][..], &["doctor", "--json"]] {
        let (en, id) = (
            home.loket(&[&["--locale", "en"], args].concat()).await,
            home.loket(&[&["--locale", "id"], args].concat()).await,
        );
        let keys = |output: &Output| output.lines().iter().map(|line| line["check"].clone()).collect::<Vec<_>>();
        assert_eq!(keys(&en), keys(&id));
    }
}
