//! An account as others see it, and what is known of its health. Never "connected" on a guess.

use serde::Serialize;

use super::{AccountName, Channel, Timestamp};

/// What is known about an account's connection. Each is an observation, not a conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Nothing is known against it, and the gateway has not said that it is connected.
    Unknown,
    /// The gateway itself said that the session is connected.
    Connected,
    /// The gateway said that the session is logged out.
    LoggedOut,
    /// The gateway said that the number is banned.
    Banned,
    /// The key was refused (401, 403).
    KeyRefused,
    /// The gateway asked to slow down.
    RateLimited,
    /// The gateway could not be reached.
    Unreachable,
    /// The configuration of this account cannot be used.
    Broken,
}

impl SessionState {
    /// The word of the JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionState::Unknown => "unknown",
            SessionState::Connected => "connected",
            SessionState::LoggedOut => "logged_out",
            SessionState::Banned => "banned",
            SessionState::KeyRefused => "key_refused",
            SessionState::RateLimited => "rate_limited",
            SessionState::Unreachable => "unreachable",
            SessionState::Broken => "broken",
        }
    }

    /// The state that a stored word names; `Unknown` for a word of a later version.
    pub fn from_word(word: &str) -> Self {
        [
            SessionState::Connected,
            SessionState::LoggedOut,
            SessionState::Banned,
            SessionState::KeyRefused,
            SessionState::RateLimited,
            SessionState::Unreachable,
            SessionState::Broken,
        ]
        .into_iter()
        .find(|s| s.as_str() == word)
        .unwrap_or(SessionState::Unknown)
    }
}

/// What is known of an account, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The newest observation.
    pub state: SessionState,
    /// When it was first made without a different one since.
    pub since: Option<Timestamp>,
    /// The gateway's words with it (foreign text).
    pub detail: String,
    /// When the account's newest webhook event came.
    pub last_event_at: Option<Timestamp>,
}

impl Default for Health {
    fn default() -> Self {
        Health { state: SessionState::Unknown, since: None, detail: String::new(), last_event_at: None }
    }
}

/// The contract's account object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The user's name for it.
    pub name: AccountName,
    /// The gateway.
    pub provider: String,
    /// The gateway's mode, where it has several.
    pub mode: Option<String>,
    /// The channel of conversations that start here.
    pub channel: Channel,
    /// What is known of the connection.
    pub state: SessionState,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When its newest event came.
    pub last_event_at: Option<Timestamp>,
    /// The webhook URL's path, `/webhooks/NAME/TOKEN`.
    pub webhook_path: String,
}

/// A setting of an account that differs by gateway: the gateways' manifests list those that they have, and the account
/// form asks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountField {
    BaseUrl,
    Mode,
    ApiKey,
    WebhookSecret,
    Session,
    Channel,
}
