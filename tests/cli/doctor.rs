//! `loket doctor` on machines that are well and on machines that are not.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::fake_gateway::fake_gateway;
use crate::home::{Home, Output};

/// A gateway that accepts every key, with this `Date`.
async fn gateway(date: Option<&'static str>) -> String {
    let url = fake_gateway(move |_| {
        let body = json!({"success": true, "data": []}).to_string();
        let mut response = ([("content-type", "application/json")], body).into_response();
        if let Some(date) = date {
            response.headers_mut().insert("date", date.parse().unwrap());
        }
        response
    })
    .await;
    format!("{url}/v1")
}

fn toko(url: &str, more: &str) -> String {
    format!(
        "{more}\n[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"{url}\"\n\
         api_key = \"kunci-rahasia\"\nwebhook_secret = \"tanda-rahasia\"\n"
    )
}

fn line<'a>(lines: &'a [Value], check: &str) -> &'a Value {
    lines.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("no {check} in {lines:#?}"))
}

async fn doctor(home: &Home, status: i32) -> (Vec<Value>, Output) {
    let ended = home.loket(&["doctor", "--json"]).await.expect(status);
    for secret in ["kunci-rahasia", "tanda-rahasia"] {
        assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{ended:?}");
    }
    (ended.lines(), ended)
}

/// Starts the engine and tells where it listens.
async fn serve(home: &Home) -> (Child, String) {
    let mut child = home.command(&["serve"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("serve says where it listens");
    (child, line.trim_start_matches("listening on ").to_owned())
}

#[tokio::test]
async fn a_machine_with_a_running_engine_is_well() {
    let gateway = gateway(None).await;
    let home = Home::with(&toko(&gateway, "[listener]\nbind = \"127.0.0.1:0\""));
    let (mut engine, address) = serve(&home).await;
    home.configure(&toko(
        &gateway,
        &format!("[listener]\nbind = \"{}\"\npublic_url = \"{address}\"", address.trim_start_matches("http://")),
    ));
    let (lines, _) = doctor(&home, 0).await;
    for check in ["configuration", "store", "engine", "events", "account toko", "listener", "public URL"] {
        assert_eq!(line(&lines, check)["status"], "ok", "{check}: {lines:#?}");
    }
    for check in ["webhook toko", "key toko", "clock toko", "disk", "keyring"] {
        assert_eq!(line(&lines, check)["status"], "ok", "{check}: {lines:#?}");
    }
    let token = home.loket(&["account", "url", "toko", "--path"]).await.expect(0).out;
    assert!(!serde_json::to_string(&lines).unwrap().contains(token.trim()));
    engine.kill().await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_named_with_what_to_do() {
    let refusing = fake_gateway(|_| {
        let body = json!({"success": false, "error": {"code": "AUTH_INVALID_KEY", "message": "tidak dikenal"}});
        (StatusCode::UNAUTHORIZED, body.to_string()).into_response()
    })
    .await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = Home::with(&format!(
        "{}\n[[account]]\nname = \"rusak\"\nprovider = \"lain\"\napi_key = \"k\"\n\
         [[account]]\nname = \"kosong\"\nprovider = \"chatera\"\napi_key = {{ env = \"NOT_SET_ANYWHERE\" }}\n",
        toko(&format!("{refusing}/v1"), &format!("[listener]\npublic_url = \"http://{closed}\""))
    ));
    let (lines, ended) = doctor(&home, 1).await;
    for check in ["account rusak", "account kosong", "public URL", "key toko"] {
        let line = line(&lines, check);
        assert_eq!(line["status"], "fail", "{lines:#?}");
        assert!(!line["do"].as_str().unwrap().is_empty());
    }
    assert_eq!(line(&lines, "engine")["status"], "warn");
    assert!(line(&lines, "account kosong")["detail"].as_str().unwrap().contains("NOT_SET_ANYWHERE"));
    assert!(line(&lines, "key toko")["detail"].as_str().unwrap().contains("refuses it"));
    assert!(ended.err.contains("4 checks failed"), "{ended:?}");
    let read = home.loket(&["doctor"]).await.expect(1);
    assert!(read.out.contains("FAIL  key toko") && read.out.contains("      -> renew the key"), "{read:?}");
}

#[tokio::test]
async fn a_clock_that_gateways_would_refuse_is_noticed() {
    let home = Home::with(&toko(&gateway(Some("Sun, 04 Jan 2026 08:49:37 GMT")).await, ""));
    let (lines, _) = doctor(&home, 1).await;
    assert_eq!(line(&lines, "clock toko")["status"], "fail", "{lines:#?}");
}

#[tokio::test]
async fn a_tunnel_that_cannot_start_is_noticed() {
    let url = gateway(None).await;
    let with = |url_pattern: &str, program: &str| {
        toko(&url, &format!("[listener]\ntunnel = {{ command = [\"{program}\"], url = \"{url_pattern}\" }}"))
    };
    let home = Home::with(&with("(", "sh"));
    let (lines, _) = doctor(&home, 1).await;
    assert!(line(&lines, "public URL")["detail"].as_str().unwrap().contains("pattern"), "{lines:#?}");
    home.configure(&with("https://.*", "no-such-tunnel"));
    let (lines, _) = doctor(&home, 1).await;
    assert!(line(&lines, "public URL")["detail"].as_str().unwrap().contains("no-such-tunnel"), "{lines:#?}");
    home.configure(&with("https://.*", "sh"));
    let (lines, _) = doctor(&home, 0).await;
    assert_eq!(line(&lines, "public URL")["status"], "ok", "{lines:#?}");
}

#[tokio::test]
async fn a_broken_configuration_is_a_line_of_its_own() {
    let home = Home::with("locale = \"xx\"\n");
    let (lines, _) = doctor(&home, 1).await;
    let configuration = line(&lines, "configuration");
    assert_eq!(configuration["status"], "fail");
    assert!(configuration["detail"].as_str().unwrap().contains("locale"));
    line(&lines, "characters");
}

#[tokio::test]
async fn a_machine_without_configuration_is_shown_where_to_begin() {
    let home = Home::empty();
    let (lines, _) = doctor(&home, 0).await;
    assert!(line(&lines, "configuration")["do"].as_str().unwrap().contains("loket account add"));
    assert!(!home.path("data").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_data_directory_that_others_can_look_into_is_closed_and_a_configuration_that_they_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::with(&toko(&gateway(None).await, ""));
    std::fs::create_dir(home.path("data")).unwrap();
    for (path, mode) in [(home.path("data"), 0o755), (home.config(), 0o644)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let (lines, _) = doctor(&home, 0).await;
    assert_eq!(line(&lines, "file modes")["status"], "ok");
    assert_eq!(std::fs::metadata(home.path("data")).unwrap().permissions().mode() & 0o777, 0o700);
    let warned =
        lines.iter().any(|line| line["status"] == "warn" && line["detail"].as_str().unwrap().contains("chmod 600"));
    assert!(warned, "{lines:#?}");
}

#[tokio::test]
async fn a_damaged_store_is_noticed() {
    let home = Home::with(&toko(&gateway(None).await, ""));
    std::fs::create_dir(home.path("data")).unwrap();
    std::fs::write(home.path("data/loket.db"), vec![b'x'; 8192]).unwrap();
    let (lines, _) = doctor(&home, 1).await;
    assert_eq!(line(&lines, "store")["status"], "fail");
}
