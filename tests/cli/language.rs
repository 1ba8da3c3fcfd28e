//! `--locale id`: every command speaks Indonesian to people, whatever it has to say; JSON and CSV stay as they are.
use crate::home::{Home, Output};
use serde_json::json;
use std::collections::BTreeSet;

/// Words that no Indonesian sentence has.
const ENGLISH: &[&str] = &[
    "the", "is", "are", "was", "were", "not", "and", "with", "without", "there", "this", "that", "its", "it", "which",
    "cannot", "must", "no", "of", "for", "from", "your", "you", "one", "try", "write", "choose", "name", "does", "has",
    "have", "account", "accounts", "messages", "found", "missing", "unknown", "give", "another", "already", "here",
];

/// The values of an option, which are typed as they are in every language.
const VALUES: &str = "agent, account, day, conversation";

/// The English words of an output that people read.
fn english_words(output: &Output) -> Vec<String> {
    let text = format!("{}\n{}", output.out, output.err);
    let text = text
        .lines()
        .filter(|line| !line.starts_with('{') && !line.starts_with("phone,name"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("loket account ", "loket ")
        .replace(VALUES, "");
    // What stands in quotes, paths, flags and JSON is not said in any language.
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '(' | ')' | '.' | '?' | '!'));
    words.filter(|word| ENGLISH.contains(&word.to_lowercase().as_str())).map(str::to_owned).collect()
}

/// A help text without what is typed: the names of commands, options and columns.
fn without_names(help: &str) -> String {
    let line = |line: &str| match line.strip_prefix("  ") {
        Some(rest) => rest.trim_start().split_once(' ').map_or(String::new(), |(_, text)| text.to_owned()),
        None if line.starts_with("Pemakaian:") => String::new(),
        None => line.to_owned(),
    };
    let text = help
        .lines()
        .map(|text| line(text) + "\n")
        .collect::<String>()
        .replace("phone, name, email", "")
        .replace(VALUES, "");
    // Words of a query end in a colon; words of the configuration stand between marks.
    let is_name = |word: &&str| word.contains(':') && !word.ends_with(':') || word.starts_with('`');
    text.split_inclusive(char::is_whitespace).filter(|word| !is_name(word)).collect()
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

/// Every command, in an order in which each has something to say, with what it is refused beside it. `IN`, `CSV`,
/// `BAD`, `BADCSV`, `NOWHERE` and `NEW` stand for files.
const RUNS: &[(&str, &[&str])] = &[
    ("import", &["IN", "BAD", "NOWHERE", ""]),
    ("export", &[""]),
    ("backup", &["NEW", "NEW", "NOWHERE/x/y", ""]),
    ("media", &["1", "99", ""]),
    ("conversations", &["", "--state resolved", "--state zu", "--account nope"]),
    (
        "messages",
        &[
            "--account toko",
            "--conversation 1",
            "",
            "--conversation 99",
            "--account toko --before 99",
            "--account toko --peer 99",
            "--account nope",
            "--limit banyak --account toko",
        ],
    ),
    ("search", &["halo", "nichts", "", "halo --account nope"]),
    ("conversation", &["", "1", "99 show", "x show"]),
    ("conversation show", &["1"]),
    ("conversation take", &["1", "1 Budi"]),
    ("conversation assign", &["1 Budi", "1 ."]),
    ("conversation unassign", &["1"]),
    ("conversation label", &["1 +vip", "1 vip", "1 -vip", "1"]),
    ("conversation note", &["1 Catatan", "1"]),
    ("conversation resolve", &["1"]),
    ("conversation reopen", &["1"]),
    ("conversation snooze", &["1 besok", "1 entah", "1 2020-01-01", "1"]),
    ("conversation read", &["1"]),
    ("conversation unread", &["1"]),
    ("report", &["", "--by day", "--from 2030-01-01", "--from besok", "--by x", "--from 2026-02-01 --to 2026-01-01"]),
    ("account list", &[""]),
    ("account url", &["toko", "toko --path", "nope", ""]),
    ("account show", &["toko", "nope"]),
    ("account rotate-token", &["toko", "nope"]),
    ("account check", &["toko", "nope"]),
    (
        "account add",
        &[
            "toko --provider chatera --api-key env:X",
            "Toko! --provider chatera --api-key env:X",
            "baru --provider chatera --api-key rahasia",
            "baru --provider cetera --api-key env:X",
            "baru --provider chatera --api-key env:NOPE",
            "baru --provider waviro --api-key env:X",
            "baru --provider cetar --mode x --api-key env:X",
            "baru --provider chatera --channel x --api-key env:X",
            "baru --provider chatera --base-url ftp://x --api-key env:X",
            "baru --provider chatera --api-key -",
            "baru --provider chatera --api-key file:NOWHERE",
            "",
        ],
    ),
    ("login", &["toko", "nope", ""]),
    ("groups", &["toko", "nope"]),
    ("templates", &["toko", "nope"]),
    ("check-number", &["toko 0812-3456-789", "toko x", "nope 0812"]),
    ("contacts list", &["--account toko", ""]),
    ("contacts sync", &["--account toko", "--account nope"]),
    (
        "contacts create",
        &[
            "--account toko --phone 0812-3456-789",
            "--account toko --phone x",
            "--account toko --phone 0812-3456-789 --field x",
        ],
    ),
    ("contacts import", &["CSV --account toko", "BADCSV --account toko", "NOWHERE --account toko"]),
    ("contacts export", &["--account toko", "--account nope"]),
    (
        "send",
        &[
            "--account toko --to 628111111111 --text Halo --wait 1",
            "--account toko --to 0812-3456-789",
            "--account toko --to 0812-3456-789 --text Halo",
            "--account toko --to 0812-3456-789 --location -6.2,106.8",
            "--account toko --to 0812-3456-789 --location sini",
            "--account toko --to x --text Halo",
            "--account toko --to 0812-3456-789 --card Budi --card-number 0812 --location -6.2,106.8",
            "--account toko --to 0812-3456-789 --card Budi",
            "--account toko --to-group x --text Halo",
            "--account toko --to 0812-3456-789 --text Pilih --button x",
            "--account toko --text Halo",
            "--account toko --to 628111111111 --text Pilih --button reply|1|Ya",
            "--account toko --to 628111111111 --text Pilih --list-button Lihat --row x",
            "--account toko --to 628111111111 --text Pilih --title Judul",
            "--account toko --to 628111111111 --kind image",
            "--account toko --to 628111111111 --text Halo --at entah",
            "--account toko --to 628111111111 --text Halo --at 2020-01-01",
            "--account toko --to 628111111111 --text Halo --at besok --anyway",
            "--account toko --to 628111111111 --var x",
            "--account toko --to 628111111111 --media-url x --anyway",
            "--account nope --to 0812-3456-789 --text Halo",
            "--account toko --channel telegram --to 628111111111 --text Halo",
            "--account toko --channel x --to 1 --text Halo",
            "--account toko --to 1 --text Halo --wait lama",
            "--bogus",
        ],
    ),
    ("doctor", &["", "--read-again"]),
    (
        "forget",
        &[
            "--account toko --peer 628111111111",
            "--account toko --peer 99",
            "--account nope --peer 1",
            "--account toko --peer 628111111111 --yes",
            "",
        ],
    ),
    ("completions", &["bash", "nope", ""]),
    ("man", &["", "--dir NOWHERE"]),
    ("account remove", &["toko", "nope"]),
    ("guard", &[""]),
    ("", &["", "bogus", "--bogus", "--locale xx"]),
    ("demo", &[""]),
    ("serve", &["--listen 192.0.2.1:1", "--log-format bunt", "--health-listen x"]),
    ("sandbox", &["--listen 192.0.2.1:1", "--chaos x"]),
];

#[test]
fn every_command_is_among_those_whose_language_is_looked_at() {
    let named: BTreeSet<_> = RUNS.iter().map(|(command, _)| *command).collect();
    let all: BTreeSet<_> = crate::coverage::TABLE.iter().map(|(command, _)| *command).collect();
    assert_eq!(named, all);
}

/// The files that commands of `RUNS` name.
fn files(home: &Home) -> Vec<(&'static str, String)> {
    let message = json!({
        "id": "1", "conversation": "1", "account": "toko", "channel": "whatsapp", "peer": "628111111111",
        "direction": "in", "author": {"kind": "contact", "name": "Budi"}, "kind": "text", "text": "halo", "media": null,
        "payload": null, "remote_id": "wamid.1", "status": "received", "error": null, "at": "2026-01-04T08:49:07Z",
        "about": {"name": "Budi", "group": false, "state": "open", "labels": [], "aliases": [], "window": "24h"},
    });
    let path = |name: &str| home.path(name).to_str().unwrap().to_owned();
    vec![
        ("BADCSV", home.file("bad.csv", "nama\nBudi\n")),
        ("BAD", home.file("bad.jsonl", "{\n")),
        ("CSV", home.file("in.csv", "phone,name\n12,Budi\n")),
        ("IN", home.file("in.jsonl", &message.to_string())),
        ("NOWHERE", path("nowhere")),
        ("NEW", path("copy.db")),
    ]
}

#[tokio::test]
async fn what_every_command_says_is_indonesian() {
    let home = Home::with(&toko(""));
    let files = files(&home);
    let mut english = Vec::new();
    for (command, lines) in RUNS {
        for line in *lines {
            let words = command.split(' ').chain(line.split(' ')).filter(|word| !word.is_empty());
            let mut words: Vec<_> = words.map(str::to_owned).collect();
            if words.first().is_some_and(|word| word == "conversation") && words.len() > 2 && line.len() > 1 {
                // The id stands between the command and what is done.
                let id = words.iter().position(|word| word.parse::<u32>().is_ok() || word == "x").unwrap();
                let id = words.remove(id);
                words.insert(1, id);
            }
            for word in &mut words {
                let file = files.iter().find(|(name, _)| word.starts_with(name) || word.ends_with(&format!(":{name}")));
                if let Some((name, path)) = file {
                    *word = word.replace(name, path);
                }
            }
            let args: Vec<_> = words.iter().map(String::as_str).collect();
            let ended = home.loket(&[&["--locale", "id"], args.as_slice()].concat()).await;
            // A script, a page and an export are read by programs; what the log says is for whoever runs the engine.
            let of_programs = ["completions", "man", "export", "serve"].contains(command) && ended.status == 0;
            let found = english_words(&ended);
            if !found.is_empty() && !of_programs {
                english.push(format!("{} {found:?}\n{}{}", args.join(" "), ended.out, ended.err));
            }
        }
    }
    let mut dumb = home.command(&["--locale", "id", "demo"]);
    let dumb = home
        .run(
            {
                dumb.env("TERM", "dumb");
                dumb
            },
            "",
        )
        .await
        .expect(2);
    assert!(dumb.err.contains("TERM=dumb;") && english_words(&dumb).is_empty(), "{dumb:?}");
    assert!(english.is_empty(), "{}", english.join("\n"));
}

#[tokio::test]
async fn the_help_of_every_command_is_indonesian() {
    let home = Home::empty();
    let mut english = Vec::new();
    for (command, _) in crate::coverage::TABLE {
        let words: Vec<_> = command.split(' ').filter(|word| !word.is_empty()).collect();
        // `label --help` would remove a label.
        let args = match words.as_slice() {
            ["conversation", action] => vec!["help", "conversation", action],
            words => [words, &["--help"]].concat(),
        };
        let ended = home.loket(&[&["--locale", "id"], args.as_slice()].concat()).await.expect(0);
        assert!(ended.out.contains("Pemakaian:"), "{command}: {}", ended.out);
        let found = english_words(&Output { out: without_names(&ended.out), ..ended });
        if !found.is_empty() {
            english.push(format!("{} {found:?}", args.join(" ")));
        }
    }
    assert_eq!(english, Vec::<String>::new());
    home.configure("locale = \"id\"\n");
    let configured = home.loket(&["send", "--help"]).await.expect(0);
    assert!(configured.out.contains("Kirim satu pesan"), "{}", configured.out);
    let page = home.loket(&["--locale", "id", "man"]).await.expect(0);
    assert!(page.out.contains(".SH NAMA") && page.out.contains("Kotak masuk di terminal"), "{}", page.out);
    let script = home.loket(&["--locale", "id", "completions", "zsh"]).await.expect(0);
    assert!(script.out.contains("Kirim satu pesan"), "{}", script.out);
}

#[tokio::test]
async fn what_gateways_let_commands_say_is_indonesian() {
    let home = crate::queries::home().await;
    for args in [
        &["groups", "wa"][..],
        &["templates", "toko"],
        &["check-number", "wa", "0812-3456-789"],
        &["check-number", "wa", "0812-3456-780"],
        &["send", "--account", "toko", "--to", "0812-3456-789", "--text", "Halo", "--anyway"],
    ] {
        check(&home, args).await;
    }
}

#[tokio::test]
async fn refusals_of_a_configuration_are_indonesian() {
    for more in ["mode = \"x\"\n", "bogus = 1\n", "channel = 3\n", "webhook_secret = { env = \"NOPE_NOPE\" }\n"] {
        let home = Home::with(&toko(more));
        for args in [&["doctor"][..], &["account", "list"], &["groups", "toko"]] {
            check(&home, args).await;
        }
    }
    check(&Home::with("[[account]\n"), &["account", "list"]).await;
    let home = Home::with(&toko(""));
    let nearest = home.loket(&["--locale", "id", "account", "show", "tok"]).await.expect(2);
    assert!(nearest.err.contains("\"toko\""), "{nearest:?}");
    let none = home.loket(&["--locale", "id", "account", "show", "nope"]).await.expect(2);
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
