//! The engine of the real binary between strangers: gateways that answer well, badly, late or not at all, and a
//! power cut now and then.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

#[path = "../kit/gateway.rs"]
mod gateway;
#[path = "../kit/mod.rs"]
mod kit;

mod both_ways;
mod command;
mod disk;
mod held;
mod kills;
mod outcomes;
mod pace;
mod reading;
mod receipts;
mod rules;
mod samples;
mod send_options;

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use gateway::{Answer, Gateway, Seen};
use kit::{House, Voice, account};

/// The API's place below a gateway's host.
fn base(voice: Voice, host: &str) -> String {
    match voice {
        Voice::Chatera | Voice::Cetar | Voice::CetarMeta => format!("{host}/v1"),
        Voice::Waviro => host.to_owned(),
        Voice::CloudChat => format!("{host}/api/public/v1"),
    }
}

/// What a gateway says when it takes a message, by its documents.
fn accepted(voice: Voice, n: u64) -> Value {
    match voice {
        Voice::Chatera => json!({"success": true, "data": {"messageId": format!("c-{n}"), "status": "queued"}}),
        Voice::Cetar | Voice::CloudChat => {
            json!({"success": true, "data": {"status": "queued", "id": 1_700_000_000_000_u64 + n}})
        }
        Voice::CetarMeta => json!({"success": true, "data": {"status": "queued", "job_id": format!("job-{n}")}}),
        Voice::Waviro => json!({"success": true, "message": {
            "id": format!("3EB0{n:04}"), "status": 0, "type": "text", "timestamp": 1_678_849_330,
            "from": "628110000@c.us", "to": "628120000@c.us"
        }}),
    }
}

/// A gateway that takes everything.
fn willing(voice: Voice) -> Gateway {
    let count = AtomicU64::new(0);
    Gateway::start(move |_| Answer::json(200, &accepted(voice, count.fetch_add(1, Ordering::SeqCst) + 1)))
}

/// An account without a window, as fast as can be.
fn fast(name: &str, voice: Voice, host: &str) -> String {
    account(name, voice, &base(voice, host), "window = \"none\"\nrequests_per_minute = 6000")
}

/// A house with one such account, named `toko`.
fn shop(voice: Voice, gateway: &Gateway) -> House {
    House::new(&fast("toko", voice, &gateway.url()))
}

/// The text of a message that a gateway saw.
fn text(seen: &Seen) -> String {
    let body = seen.json();
    let found = ["/text/body", "/content/text", "/pesan", "/text"].iter().find_map(|at| body.pointer(at)?.as_str());
    found.unwrap_or_default().to_owned()
}

/// How often a gateway saw a text.
fn times(gateway: &Gateway, wanted: &str) -> usize {
    gateway.seen().iter().filter(|seen| text(seen) == wanted).count()
}

/// Puts a text into the outbox without waiting for what becomes of it.
#[track_caller]
fn queue(house: &House, account: &str, to: &str, words: &str) {
    let ran = house.run(&["send", "--account", account, "--to", to, "--text", words, "--wait", "0"]);
    assert!(matches!(ran.status, 0 | 1 | 3), "{ran:?}");
}

/// The status of the message with a text.
fn status(messages: &[Value], words: &str) -> String {
    let message = messages.iter().find(|m| m["text"] == words);
    message.map_or_else(|| "missing".to_owned(), |m| m["status"].as_str().unwrap_or_default().to_owned())
}

/// What `account list` says of an account's connection.
fn state(house: &House, account: &str) -> String {
    let accounts = house.json(&["account", "list"]);
    let found = accounts.iter().find(|a| a["name"] == account);
    found.and_then(|a| a["state"].as_str()).unwrap_or_default().to_owned()
}
