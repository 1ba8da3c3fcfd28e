//! `loket account add` with every option, and what is then known of the account.

use crate::fake_gateway::{self, fake_gateway};
use crate::home::{Home, Output};
use serde_json::json;

#[tokio::test]
async fn what_the_flags_say_is_what_the_configuration_holds() {
    let home = Home::empty();
    let key = home.file("key", "kunci-rahasia");
    let hook = home.file("hook", "tanda-rahasia");
    let (key, hook) = (format!("file:{key}"), format!("file:{hook}"));
    let args = [
        "account",
        "add",
        "awan",
        "--provider",
        "cetar",
        "--mode",
        "unofficial",
        "--base-url",
        "http://127.0.0.1:9/v1/",
        "--session",
        "SESSION_12345",
        "--channel",
        "telegram",
        "--api-key",
        &key,
        "--webhook-secret",
        &hook,
        "--no-check",
    ];
    let added = home.loket(&args).await.expect(0);
    assert!(added.out.contains("account \"awan\" is in") && added.out.contains("webhook URL: http"), "{added:?}");
    let shown = home.loket(&["account", "show", "awan"]).await.expect(0);
    let field = |name: &str| {
        let value = shown.out.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap_or_else(|| panic!("{name}: {shown:?}")).trim().to_owned()
    };
    assert_eq!((field("gateway"), field("mode")), ("Cetar AI".to_owned(), "unofficial".to_owned()));
    assert_eq!((field("session"), field("channel")), ("SESSION_12345".to_owned(), "telegram".to_owned()));
    assert_eq!(field("base_url"), "http://127.0.0.1:9/v1");
    assert_eq!((field("api_key"), field("webhook_secret")), ("***".to_owned(), "***".to_owned()));
    let shown = home.loket(&["account", "show", "awan", "--json"]).await.expect(0);
    assert_eq!((&shown.last()["mode"], &shown.last()["channel"]), (&json!("unofficial"), &json!("telegram")));
    // The command that asks the gateway ends too, where nobody answers.
    let unreachable = home.loket(&["account", "check", "awan"]).await.expect(1);
    assert!(unreachable.err.contains("\"awan\""), "{unreachable:?}");
}

/// Adds an account whose key is typed, on a machine on which no keyring can be reached.
async fn add(home: &Home, base_url: &str, store: &str) -> Output {
    let args =
        ["account", "add", "toko", "--provider", "chatera", "--base-url", base_url, "--api-key", "-", "--store", store];
    let mut command = home.command(&args);
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/no/such/socket");
    home.run(command, "kunci-rahasia\n").await
}

#[tokio::test]
async fn a_typed_key_is_kept_where_the_flag_says() {
    let url = fake_gateway(|_| fake_gateway::json(200, &json!({"success": true, "data": []}))).await;
    let url = format!("{url}/v1");
    // Elsewhere the system's keyring needs no session bus, and a test keeps away from it.
    let places = if cfg!(target_os = "linux") { &["config", "file", "auto"][..] } else { &["config", "file"] };
    for place in places {
        let home = Home::empty();
        add(&home, &url, place).await.expect(0);
        let config = std::fs::read_to_string(home.config()).unwrap();
        assert_eq!(config.contains("kunci-rahasia"), *place == "config", "{place}: {config}");
        assert_eq!(home.path("secrets/toko.api_key").exists(), *place != "config", "{place}");
        let checked = home.loket(&["account", "check", "toko", "--json"]).await.expect(0);
        assert_eq!(checked.lines(), [json!({"account": "toko", "key_accepted": true})]);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_key_for_a_keyring_that_cannot_be_reached_is_not_saved() {
    let url = fake_gateway(|_| fake_gateway::json(200, &json!({"success": true, "data": []}))).await;
    let home = Home::empty();
    let refused = add(&home, &format!("{url}/v1"), "keyring").await;
    assert!([1, 2].contains(&refused.status) && refused.err.contains("keyring"), "{refused:?}");
    assert!(!home.config().exists() && !refused.err.contains("kunci-rahasia"), "{refused:?}");
}

#[tokio::test]
async fn the_webhook_url_follows_the_configuration_and_the_token() {
    let home = Home::with(
        "[listener]\npublic_url = \"https://inbox.example.com/\"\n\
         [[account]]\nname = \"toko\"\nprovider = \"chatera\"\napi_key = \"k\"\n",
    );
    let path = home.loket(&["account", "url", "toko", "--path"]).await.expect(0).out.trim().to_owned();
    assert!(path.starts_with("/webhooks/toko/"), "{path}");
    let url = home.loket(&["account", "url", "toko", "--json"]).await.expect(0).last();
    assert_eq!(url, json!({"url": format!("https://inbox.example.com{path}")}));
    let rotated = home.loket(&["account", "rotate-token", "toko", "--json"]).await.expect(0);
    let renewed = home.loket(&["account", "url", "toko", "--path", "--json"]).await.expect(0).last();
    assert_ne!(renewed["path"], path);
    assert_eq!(rotated.last()["url"], format!("https://inbox.example.com{}", renewed["path"].as_str().unwrap()));
    let listed = home.loket(&["account", "list"]).await.expect(0);
    assert!(listed.out.starts_with("toko\tchatera\twhatsapp\tunknown\t-"), "{listed:?}");
}
