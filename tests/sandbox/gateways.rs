//! Requests as the gateways' documents show them, and the documented responses.
use crate::kit::{Account, Receiver, bearer, client, control, options, sandbox, say, sent};
use loket::config::{Environment, Overrides, Settings};
use loket::sandbox::{Sandbox, all_accounts, config};
use serde_json::{Value, json};

/// The documented sample of a text: its path, its body, and the pointer to the id in the response.
fn sample(name: &str) -> (&'static str, Value, &'static str) {
    match name {
        // Seed 000, "Mengirim pesan teks".
        "chatera" => (
            "/whatsapp/messages",
            json!({"to": "628123456789", "type": "text", "text": {"body": "Halo! Terima kasih telah menghubungi kami."}}),
            "/data/messageId",
        ),
        // Seed 002, "Kirim Teks (Unofficial)".
        "cetar" => (
            "/messages",
            json!({"channel": "whatsapp", "type": "text", "to": "6281234567890",
                   "content": {"text": "Halo! Ini pesan teks dari Cetar API."}}),
            "/success",
        ),
        // Seed 002, "Kirim Teks (Meta Official)".
        "cetar-meta" => (
            "/meta/messages",
            json!({"to": "6281234567890", "type": "text",
                   "text": "Halo! Ini balasan cepat via WhatsApp Official API."}),
            "/data/job_id",
        ),
        // Seed 003, "sendwa".
        "waviro" => ("/api/sendwa", json!({"nohp": "628123000000", "pesan": "Test kirim text"}), "/message/id"),
        // Seed 004, "Send Messages".
        "cloudchat" => (
            "/messages",
            json!({"channel": "whatsapp", "to": "6281234567890", "type": "text", "text": "Halo dari CloudChat API!"}),
            "/data/id",
        ),
        other => panic!("no sample for {other}"),
    }
}

#[tokio::test]
async fn a_documented_sample_gets_the_documented_response_and_reaches_the_customer_once() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    for name in ["chatera", "cetar", "cetar-meta", "waviro", "cloudchat"] {
        let account = Account::of(&sandbox, name);
        let (path, body, id) = sample(name);
        let header = if name == "waviro" { "secretkey" } else { "Authorization" };
        let key = if name == "waviro" { account.definition.api_key.to_owned() } else { bearer(&account.definition) };
        let (status, answer) = account.post(path, (header, &key), &body).await;
        assert_eq!((status, &answer["success"]), (200, &json!(true)), "{name}: {answer}");
        assert!(answer.pointer(id).is_some_and(|id| !id.is_null()), "{name}: {answer}");

        let (status, answer) = account.post(path, (header, "Bearer salah"), &body).await;
        assert!(matches!(status, 401 | 403), "{name}: {status} {answer}");

        let reached = sent(&sandbox, name).await;
        assert_eq!(reached.len(), 1, "{name}: {reached:?}");
        assert_eq!((&reached[0]["count"], &reached[0]["via"]), (&json!(1), &json!("request")));
        assert_eq!(reached[0]["kind"], "text");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_gateway_refuses_more_requests_than_it_documents() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let account = Account::of(&sandbox, "chatera");
    for _ in 0..60 {
        assert_eq!(account.get("/contacts").await.0, 200);
    }
    let url = format!("{}/contacts", account.profile.base_url);
    let answer = client().get(url).header("Authorization", bearer(&account.definition)).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    // Another account has a limit of its own.
    let other = Account::of(&sandbox, "waviro");
    let number = json!({"nohp": "628123000000"});
    let (status, answer) = other.post("/api/checknumber", ("secretkey", other.definition.api_key), &number).await;
    assert_eq!((status, &answer["message"]), (200, &json!(true)));
}

#[tokio::test]
async fn the_address_book_is_paged_searched_and_grows() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let account = Account::of(&sandbox, "chatera");
    let (_, page) = account.get("/contacts?page=2&per_page=20").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 10);
    assert_eq!((&page["meta"]["total"], &page["meta"]["has_more"]), (&json!(30), &json!(false)));
    let (_, found) = account.get("/contacts?page=1&per_page=20&search=wulan").await;
    assert_eq!(found["data"][0]["name"], "Wulan Sari");
    let new = json!({"phone": "+628990000456", "name": "Baru", "custom_fields": {"poin": 3}});
    let key = bearer(&account.definition);
    let (status, created) = account.post("/contacts", ("Authorization", &key), &new).await;
    assert!((200..300).contains(&status), "{created}");
    assert_eq!(created["data"]["custom_fields"]["poin"], 3);
    let (status, again) = account.post("/contacts", ("Authorization", &key), &new).await;
    assert!(status >= 400);
    assert_eq!(again["error"]["code"], "RESOURCE_ALREADY_EXISTS");
    let (_, templates) = account.get("/whatsapp/templates").await;
    assert_eq!(templates["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_session_waits_for_its_login_and_then_sends() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let account = Account::of(&sandbox, "waviro-baru");
    let key = ("secretkey", account.definition.api_key);
    let text = json!({"nohp": "628123000000", "pesan": "Halo"});
    let (status, answer) = account.post("/api/sendwa", key, &text).await;
    assert_eq!((status, &answer["success"]), (400, &json!(false)));
    let mut codes = std::collections::BTreeSet::new();
    loop {
        let (status, answer) = account.post("/api/getqr/", key, &Value::Null).await;
        assert_eq!(status, 200);
        if answer["message"]["isAuthenticated"] == true {
            break;
        }
        let code = answer["message"]["qrcode"].as_str().unwrap().to_owned();
        assert!(code.starts_with("2@") && (200..280).contains(&code.len()));
        codes.insert(code);
        assert!(codes.len() < 20, "nobody scans the code");
    }
    assert!(codes.len() >= 2, "the code was never renewed");
    assert_eq!(account.post("/api/sendwa", key, &text).await.0, 200);
    assert_eq!(sent(&sandbox, "waviro-baru").await.len(), 1);
    let groups = account.post("/api/groups", key, &Value::Null).await.1;
    assert_eq!(groups["message"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_control_addresses_report_accounts_and_errors() {
    let receiver = Receiver::start().await;
    let sandbox = sandbox(&receiver, false).await;
    let (status, text) = control(&sandbox, reqwest::Method::GET, "", String::new()).await;
    assert_eq!(status, 200);
    for name in ["chatera", "cetar-meta", "waviro-baru: waviro, waits for a login", &receiver.url()] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    for (method, path, body, expected) in [
        (reqwest::Method::POST, "/nobody/say", "{}", 404),
        (reqwest::Method::GET, "/nobody/sent", "", 404),
        (reqwest::Method::POST, "/waviro/say", "{}", 400),
        (reqwest::Method::POST, "/waviro/say", r#"{"from":"628","text":"a","channel":"telegram"}"#, 400),
        (reqwest::Method::PUT, "/waviro/webhook", "ftp://a", 400),
        (reqwest::Method::PUT, "/waviro/webhook", "http://127.0.0.1:9/x", 200),
        (reqwest::Method::GET, "/media/gelas-pecah.png", "", 200),
        (reqwest::Method::GET, "/media/..%2FCargo.toml", "", 404),
    ] {
        let (status, text) = control(&sandbox, method, path, body.to_owned()).await;
        assert_eq!(status, expected, "{path}: {text}");
    }
    say(&sandbox, "cloudchat", "6281", "halo").await;
    let unknown = client().get(format!("http://{}/nowhere/v1", sandbox.address())).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn the_printed_configuration_is_valid() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let text = config(&all_accounts(), sandbox.address(), Some("http://127.0.0.1:8585"));
    let file = std::path::Path::new("config.toml");
    let settings = Settings::from_text(&text, file, &Overrides::default(), &Environment::of([])).unwrap();
    assert!(settings.invalid_accounts.is_empty());
    assert_eq!(settings.accounts.len(), all_accounts().len());
    assert_eq!(settings.listener.bind.port(), 8585);
    for definition in all_accounts() {
        let account = settings.account(definition.name).unwrap();
        assert_eq!(account.base_url.as_deref(), Some(sandbox.base_url(&definition).as_str()));
        assert!(account.webhook_token.as_ref().is_some_and(|t| t.matches(definition.webhook_token)));
    }
}

#[tokio::test]
async fn a_stopped_sandbox_does_not_listen() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let url = format!("http://{}/sandbox", sandbox.address());
    assert!(client().get(&url).send().await.is_ok());
    sandbox.stop().await;
    assert!(client().get(&url).send().await.unwrap_err().is_connect());
}
