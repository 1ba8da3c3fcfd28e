//! `loket account` from an empty machine to a connected account, and out again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::home::Home;

const KEY: &str = "kunci-sangat-rahasia";

/// A gateway that knows one key.
#[derive(Default)]
struct Gateway {
    requests: AtomicUsize,
    status: AtomicU16,
}

impl Gateway {
    async fn open(self: &Arc<Self>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/contacts", get(contacts)).with_state(self.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}/v1")
    }
}

async fn contacts(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    gateway.requests.fetch_add(1, Ordering::Relaxed);
    let json = [("content-type", "application/json")];
    let genuine = headers.get("authorization").is_some_and(|key| key.as_bytes() == format!("Bearer {KEY}").as_bytes());
    match gateway.status.load(Ordering::Relaxed) {
        0 if genuine => (json, json!({"success": true, "data": []}).to_string()).into_response(),
        0 => {
            let message = format!("no such key {KEY}-salah");
            let body = json!({"success": false, "error": {"code": "AUTH_INVALID_KEY", "message": message}});
            (StatusCode::UNAUTHORIZED, json, body.to_string()).into_response()
        }
        other => StatusCode::from_u16(other).unwrap().into_response(),
    }
}

async fn machine() -> (Arc<Gateway>, String, Home) {
    let gateway = Arc::new(Gateway::default());
    let url = gateway.open().await;
    (gateway, url, Home::empty())
}

#[tokio::test]
async fn the_first_account_creates_the_configuration_and_can_be_used_at_once() {
    let (gateway, url, home) = machine().await;
    let args = [
        "account",
        "add",
        "toko",
        "--provider",
        "chatera",
        "--base-url",
        &url,
        "--api-key",
        "-",
        "--webhook-secret",
        "-",
        "--store",
        "file",
        "--json",
    ];
    let added = home.loket_with_input(&args, &format!("{KEY}\ntanda-tangan\n")).await.expect(0);
    let account = &added.lines()[0];
    assert_eq!((&account["name"], &account["provider"]), (&json!("toko"), &json!("chatera")));
    assert_eq!(account["key_accepted"], true);
    assert_eq!(gateway.requests.load(Ordering::Relaxed), 1);
    let path = home.loket(&["account", "url", "toko", "--path"]).await.expect(0);
    assert_eq!(account["webhook_path"], path.out.trim());
    assert!(account["webhook_url"].as_str().unwrap().ends_with(path.out.trim()));
    let config = std::fs::read_to_string(home.config()).unwrap();
    assert!(config.contains("secrets/toko.api_key") && !config.contains(KEY), "{config}");
    assert_eq!(std::fs::read_to_string(home.path("secrets/toko.api_key")).unwrap().trim(), KEY);
    assert_eq!(std::fs::read_to_string(home.path("secrets/toko.webhook_secret")).unwrap().trim(), "tanda-tangan");
    let checked = home.loket(&["account", "check", "toko"]).await.expect(0);
    assert!(checked.out.contains("accepts the key"));
    for ended in [added, checked, home.loket(&["account", "show", "toko"]).await.expect(0)] {
        assert!(!ended.out.contains(KEY) && !ended.err.contains(KEY), "{ended:?}");
    }
}

#[tokio::test]
async fn a_refused_key_leaves_nothing_behind() {
    let (_gateway, url, home) = machine().await;
    let args =
        ["account", "add", "toko", "--provider", "chatera", "--base-url", &url, "--api-key", "-", "--store", "file"];
    let refused = home.loket_with_input(&args, "salah\n").await.expect(1);
    assert!(refused.err.contains("refuses the key") && refused.err.contains("nothing was saved"), "{refused:?}");
    assert!(!home.config().exists() && !home.path("secrets").exists() && !home.path("data").exists());
}

#[tokio::test]
async fn with_no_check_an_account_is_added_although_its_gateway_does_not_answer() {
    let (gateway, url, home) = machine().await;
    gateway.status.store(500, Ordering::Relaxed);
    let mut args =
        vec!["account", "add", "toko", "--provider", "chatera", "--base-url", &url, "--api-key", "env:TOKO_KEY"];
    let unset = home.loket(&args).await.expect(2);
    assert!(unset.err.contains("TOKO_KEY"), "{unset:?}");
    let key = home.file("key", KEY);
    let source = format!("file:{key}");
    *args.last_mut().unwrap() = &source;
    let unknown = home.loket(&args).await.expect(1);
    assert!(unknown.err.contains("--no-check"), "{unknown:?}");
    args.push("--no-check");
    home.loket(&args).await.expect(0);
    assert_eq!(gateway.requests.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn wrong_settings_are_reported_before_any_request() {
    let (gateway, url, home) = machine().await;
    home.configure("# mine\n[[account]]\nname = \"ada\"\nprovider = \"chatera\"\napi_key = \"k\"\n");
    let base = ["account", "add", "toko", "--provider", "chatera", "--base-url", &url, "--api-key", "-"];
    let with = |change: &[(usize, &'static str)], more: &[&'static str]| {
        let mut args: Vec<&str> = base.to_vec();
        for (at, word) in change {
            args[*at] = word;
        }
        args.extend(more);
        args
    };
    for (args, word) in [
        (with(&[(2, "ada")], &[]), "already"),
        (with(&[(2, "Toko Satu")], &[]), "a-z, 0-9 and -"),
        (with(&[(4, "chatra")], &[]), "one of"),
        (with(&[(6, "ftp://x")], &[]), "base_url"),
        (with(&[(8, "kunci-sangat-rahasia")], &[]), "seen by others"),
        (with(&[], &["--channel", "telegram"]), "channel"),
        (with(&[], &["--mode", "meta"]), "mode"),
    ] {
        let refused = home.loket_with_input(&args, &format!("{KEY}\n")).await.expect(2);
        assert!(refused.err.contains(word), "{args:?}: {refused:?}");
        assert!(!refused.err.contains(KEY), "{refused:?}");
    }
    assert_eq!(gateway.requests.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_removed_account_takes_its_own_secrets_with_it_and_leaves_comments() {
    let (_gateway, url, home) = machine().await;
    home.configure("# my shop\nagent = \"Sari\"  # me\n");
    let args =
        ["account", "add", "toko", "--provider", "chatera", "--base-url", &url, "--api-key", "-", "--store", "file"];
    home.loket_with_input(&args, KEY).await.expect(0);
    assert!(home.path("secrets/toko.api_key").exists());
    let removed = home.loket(&["account", "remove", "toko", "--json"]).await.expect(0);
    assert_eq!(removed.lines(), [json!({"removed": "toko"})]);
    assert_eq!(std::fs::read_to_string(home.config()).unwrap().trim_end(), "# my shop\nagent = \"Sari\"  # me");
    assert!(!home.path("secrets/toko.api_key").exists());
    let unknown = home.loket(&["account", "remove", "toko"]).await.expect(2);
    assert!(unknown.err.contains("no account"), "{unknown:?}");
}

#[tokio::test]
async fn broken_accounts_are_listed_with_their_reason() {
    let home = Home::with(
        "[[account]]\nname = \"baik\"\nprovider = \"chatera\"\napi_key = \"k\"\n\
         [[account]]\nname = \"rusak\"\nprovider = \"chatera\"\napi_key = \"k\"\nmoed = \"x\"\n\
         [[account]]\nname = \"asing\"\nprovider = \"lain\"\napi_key = \"k\"\n",
    );
    let listed = home.loket(&["account", "list", "--json"]).await.expect(0);
    let states: Vec<_> = listed.lines().iter().map(|a| (a["name"].clone(), a["state"].clone())).collect();
    assert_eq!(
        states,
        [("baik", "unknown"), ("asing", "broken"), ("rusak", "broken")]
            .map(|(name, state)| (json!(name), json!(state)))
    );
    assert!(listed.lines()[2]["reason"].as_str().unwrap().contains("moed"));
    home.loket(&["account", "remove", "rusak"]).await.expect(0);
    assert_eq!(home.loket(&["account", "list", "--json"]).await.expect(0).lines().len(), 2);
}
