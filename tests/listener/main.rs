//! The webhook listener of the real binary: every row of the contract's table of answers, for every gateway, and what is
//! durable behind each 200.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

#[path = "../kit/mod.rs"]
mod kit;

mod answers;
mod broken_bodies;
mod bystanders;
mod doubles;
mod durability;
mod floods;
mod meta_fields;
mod proxies;
mod waha;
use kit::{Dialect, Home, account};

/// A configuration with one account of every dialect, whose gateways do not exist.
fn all_accounts() -> String {
    Dialect::ALL.iter().map(|dialect| account(dialect.name(), *dialect, "http://127.0.0.1:9", "")).collect()
}

/// A home with one account of every dialect.
fn home() -> Home {
    Home::new(&all_accounts())
}
