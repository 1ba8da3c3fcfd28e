//! What the engine reports about accounts, totals and this process.
//!
//! Invariant: nothing here is a guess of the screen.

use crate::domain::{Account, Capabilities, Objection, Timestamp};

/// An account as the screen needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountView {
    /// The contract's account object.
    pub account: Account,
    /// The gateway's own name.
    pub provider_name: &'static str,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// The gateway's words with its state (foreign text).
    pub detail: String,
    /// How much of its request budget is used.
    pub budget: Budget,
    /// The URL that the gateway is told for its events.
    pub webhook_url: String,
    /// Since when the gateway has acknowledged nothing of what it accepted, where it tells and something was sent.
    pub silent_since: Option<Timestamp>,
}

/// An account whose settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenView {
    /// Its name as written.
    pub name: String,
    /// What is wrong, where, what to do.
    pub reason: String,
}

/// How much of an account's request budget is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Requests of the last minute.
    pub used: u32,
    /// Requests that a minute allows.
    pub per_minute: u32,
}

/// Totals over all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Unread messages.
    pub unread_messages: u64,
    /// Conversations with unread messages.
    pub unread_conversations: u64,
    /// Conversations whose customer waits for an answer.
    pub waiting: u64,
    /// All conversations.
    pub total: u64,
}

/// Whether this process runs the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The engine runs here.
    #[default]
    Engine,
    /// Another process runs it.
    Viewer {
        /// That process.
        pid: u32,
    },
}

/// What the status bar tells about this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Whether the engine runs here.
    pub role: Role,
    /// All gateways are simulated.
    pub sandbox: bool,
    /// Where the listener listens.
    pub listener: Option<String>,
    /// Where the listener moved to, when the gateways' dashboards know another URL (foreign text).
    pub moved_to: Option<String>,
}

/// Why a message was not put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// The account may not or cannot send it.
    Objection(Objection),
    /// The store could not keep it; the reason in words.
    Failed(String),
}
