//! The options that every command knows, and their places in the environment.

use serde_json::json;
use tokio::process::Command;

use crate::home::Home;

fn account(name: &str) -> String {
    format!("[[account]]\nname = \"{name}\"\nprovider = \"chatera\"\napi_key = \"k\"\n")
}

/// The program in an environment that names the configuration and the data directory of a home.
fn by_environment(home: &Home, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
    command.env_clear().env("HOME", home.path("")).env("LOKET_CONFIG", home.config());
    command.env("LOKET_DATA_DIR", home.path("data")).args(args).kill_on_drop(true);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

#[tokio::test]
async fn configuration_and_data_are_where_the_flags_say_and_else_where_the_environment_says() {
    let (near, far) = (Home::with(&account("dekat")), Home::with(&account("jauh")));
    let listed = near.run(by_environment(&near, &["account", "list", "--json"]), "").await.expect(0);
    assert_eq!(listed.lines()[0]["name"], "dekat");
    assert!(near.path("data/loket.db").exists());
    let (config, data) = (far.config(), far.path("elsewhere"));
    let (config, data) = (config.to_str().unwrap(), data.to_str().unwrap());
    for args in [
        ["--config", config, "--data-dir", data, "account", "list", "--json"],
        ["account", "list", "--json", "--config", config, "--data-dir", data],
    ] {
        let listed = near.run(by_environment(&near, &args), "").await.expect(0);
        assert_eq!(listed.lines()[0]["name"], "jauh");
    }
    assert!(far.path("elsewhere/loket.db").exists() && !far.path("data").exists());
    let missing =
        near.run(by_environment(&near, &["--config", "/no/such.toml", "account", "list"]), "").await.expect(2);
    assert!(missing.err.contains("/no/such.toml"), "{missing:?}");
}

#[tokio::test]
async fn refusals_are_worded_in_the_chosen_language() {
    let home = Home::with(&format!("locale = \"en\"\n{}", account("toko")));
    let args = ["send", "--account", "toko", "--to", "0812-3456-789", "--location", "-6.2,106.8"];
    let (english, indonesian) = ("Account toko (Chatera) carries", "Akun toko (Chatera) bisa mengirim");
    let refused = home.loket(&args).await.expect(2);
    assert!(refused.err.contains(english), "{refused:?}");
    let refused = home.loket(&[&["--locale", "id"], &args[..]].concat()).await.expect(2);
    assert!(refused.err.contains(indonesian), "{refused:?}");
    let mut command = home.command(&args);
    command.env("LOKET_LOCALE", "id");
    let refused = home.run(command, "").await.expect(2);
    assert!(refused.err.contains(indonesian), "{refused:?}");
    let wrong = home.loket(&["--locale", "nl", "account", "list"]).await.expect(2);
    assert!(wrong.err.contains("--locale"), "{wrong:?}");
}

#[tokio::test]
async fn every_command_that_prints_data_prints_json_lines_and_nothing_else() {
    let home = Home::with(&account("toko"));
    let message = json!({
        "id": "1", "conversation": "1", "account": "toko", "channel": "whatsapp", "peer": "628111111111",
        "direction": "in", "author": {"kind": "contact", "name": "Budi"}, "kind": "text", "text": "halo", "media": null,
        "payload": null, "remote_id": "wamid.1", "status": "received", "error": null, "at": "2026-01-04T08:49:07Z",
        "about": {"name": "Budi", "group": false, "state": "open", "labels": [], "aliases": [], "window": "24h"},
    });
    let file = home.file("in.jsonl", &message.to_string());
    for args in [
        &["import", &file][..],
        &["export"],
        &["conversations"],
        &["messages", "--conversation", "1"],
        &["account", "list"],
        &["account", "show", "toko"],
        &["account", "url", "toko"],
        &["account", "rotate-token", "toko"],
        &["account", "remove", "toko"],
    ] {
        let ended = home.loket(&[args, &["--json"]].concat()).await.expect(0);
        assert_eq!(ended.lines().len(), 1, "{args:?}: {ended:?}");
        assert!(ended.lines()[0].is_object(), "{args:?}: {ended:?}");
    }
    // Nothing found is no line, not an empty one.
    assert_eq!(home.loket(&["contacts", "export", "--account", "toko", "--json"]).await.expect(0).out, "");
}

#[tokio::test]
async fn completions_of_every_shell_know_the_commands() {
    let home = Home::with("");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.loket(&["completions", shell]).await.expect(0);
        for word in ["check-number", "rotate-token", "webhook-secret"] {
            assert!(script.out.contains(word), "{shell}: {word}");
        }
        assert_eq!(script.err, "");
    }
    let wrong = home.loket(&["completions", "csh"]).await.expect(2);
    assert!(wrong.err.contains("csh"), "{wrong:?}");
}

#[tokio::test]
async fn the_manual_has_a_page_for_every_command() {
    let home = Home::empty();
    let page = home.loket(&["man"]).await.expect(0).out;
    assert!(page.contains(".TH loket 1") && page.contains("loket\\-doctor") && !page.contains("guard"), "{page}");
    let pages = home.path("man");
    std::fs::create_dir(&pages).unwrap();
    home.loket(&["man", "--dir", pages.to_str().unwrap()]).await.expect(0);
    for name in ["loket.1", "loket-send.1", "loket-account-add.1", "loket-doctor.1"] {
        let page = std::fs::read_to_string(pages.join(name)).unwrap();
        assert!(page.contains(".SH NAME"), "{name}: {page}");
    }
    assert!(!pages.join("loket-guard.1").exists());
    let missing = home.path("none");
    let refused = home.loket(&["man", "--dir", missing.to_str().unwrap()]).await.expect(1);
    assert!(refused.err.contains("none"), "{refused:?}");
}
