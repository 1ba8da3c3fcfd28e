//! The door for webhooks of the real binary, knocked at by strangers: every row of the contract's table of
//! answers, for every gateway, and what is durable behind each 200.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

#[path = "../kit/mod.rs"]
mod kit;

mod answers;
mod bystanders;
mod doubles;
mod durability;

use kit::{House, Voice, account};

/// A configuration with one account of every voice, each sending nowhere.
fn everybody() -> String {
    Voice::ALL.iter().map(|voice| account(voice.name(), *voice, "http://127.0.0.1:9", "")).collect()
}

/// A house with one account of every voice.
fn house() -> House {
    House::new(&everybody())
}
