//! The engine of the real binary against fake gateways that respond well, badly, late or not at all, and killed now and
//! then.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

#[path = "../kit/gateway.rs"]
mod gateway;
#[path = "../kit/mod.rs"]
mod kit;

mod both_ways;
mod command;
mod configuration;
mod disk;
mod files;
mod forget;
mod hang_ups;
mod held;
mod kills;
mod logged_out;
mod outcomes;
mod pace;
mod reading;
mod reading_again;
mod receipts;
mod retention;
mod rules;
mod samples;
mod send_options;
mod supervision;
mod tunnel;
mod turns;
mod voice_notes;
mod waiting;
use gateway::{Answer, Gateway, Request};
use kit::{Dialect, Home, account};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// The base URL of a gateway's API.
fn base(dialect: Dialect, host: &str) -> String {
    match dialect {
        Dialect::Chatera | Dialect::Cetar | Dialect::CetarMeta => format!("{host}/v1"),
        Dialect::Waviro => host.to_owned(),
        Dialect::CloudChat => format!("{host}/api/public/v1"),
    }
}

/// The response of a gateway that accepts a message, by its documents.
fn accepted(dialect: Dialect, n: u64) -> Value {
    match dialect {
        Dialect::Chatera => json!({"success": true, "data": {"messageId": format!("c-{n}"), "status": "queued"}}),
        Dialect::Cetar | Dialect::CloudChat => {
            json!({"success": true, "data": {"status": "queued", "id": 1_700_000_000_000_u64 + n}})
        }
        Dialect::CetarMeta => json!({"success": true, "data": {"status": "queued", "job_id": format!("job-{n}")}}),
        Dialect::Waviro => json!({"success": true, "message": {
            "id": format!("3EB0{n:04}"), "status": 0, "type": "text", "timestamp": 1_678_849_330,
            "from": "628110000@c.us", "to": "628120000@c.us"
        }}),
    }
}

/// A gateway that accepts every message.
fn accepting_gateway(dialect: Dialect) -> Gateway {
    let count = AtomicU64::new(0);
    Gateway::start(move |_| Answer::json(200, &accepted(dialect, count.fetch_add(1, Ordering::SeqCst) + 1)))
}

/// An account without a window and with the highest rate limit.
fn fast(name: &str, dialect: Dialect, host: &str) -> String {
    account(name, dialect, &base(dialect, host), "window = \"none\"\nrequests_per_minute = 6000")
}

/// A home with one such account, named `toko`.
fn home_with_account(dialect: Dialect, gateway: &Gateway) -> Home {
    Home::new(&fast("toko", dialect, &gateway.url()))
}

/// The text of the message in a request.
fn text(seen: &Request) -> String {
    let body = seen.json();
    let found = ["/text/body", "/content/text", "/pesan", "/text"].iter().find_map(|at| body.pointer(at)?.as_str());
    found.unwrap_or_default().to_owned()
}

/// How often a gateway received a text.
fn times(gateway: &Gateway, wanted: &str) -> usize {
    gateway.requests().iter().filter(|seen| text(seen) == wanted).count()
}

/// Puts a text into the outbox without waiting for its outcome.
#[track_caller]
fn queue(home: &Home, account: &str, to: &str, content: &str) {
    let output = home.run(&["send", "--account", account, "--to", to, "--text", content, "--wait", "0"]);
    assert!(matches!(output.status, 0 | 1 | 3), "{output:?}");
}

/// The status of the message with a text.
fn status(messages: &[Value], content: &str) -> String {
    let message = messages.iter().find(|m| m["text"] == content);
    message.map_or_else(|| "missing".to_owned(), |m| m["status"].as_str().unwrap_or_default().to_owned())
}

/// The state of an account by `account list`.
fn state(home: &Home, account: &str) -> String {
    let accounts = home.json(&["account", "list"]);
    let found = accounts.iter().find(|a| a["name"] == account);
    found.and_then(|a| a["state"].as_str()).unwrap_or_default().to_owned()
}
