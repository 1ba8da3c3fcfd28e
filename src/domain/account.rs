//! An account as the screen and scripts see it, and the state of its connection, which is never guessed.

use super::{AccountName, Capabilities, Channel, Timestamp};
use serde::Serialize;

/// The state of an account's connection to its gateway. Each state is an observation, not a conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// No fault has been observed, and the gateway has not reported a connection.
    Unknown,
    /// The gateway reported that the session is connected.
    Connected,
    /// The gateway reported that the session is logged out.
    LoggedOut,
    /// The gateway reported that the number is banned.
    Banned,
    /// The gateway refused the key (401, 403).
    KeyRefused,
    /// The gateway asked to slow down.
    RateLimited,
    /// The gateway could not be reached.
    Unreachable,
    /// The configuration of the account is invalid.
    Broken,
}

impl SessionState {
    /// As written in JSON.
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

    /// The reverse of [`SessionState::as_str`]; `Unknown` for a state of a later version.
    pub(crate) fn from_word(word: &str) -> Self {
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

/// What the messaging service said about an account besides the state of its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountNotice {
    pub code: NoticeCode,
    /// The service's own words for it; may be empty (foreign text).
    pub detail: String,
}

/// The kinds of notices about accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// Customers block or report the number; its limit may be lowered.
    QualityLow,
    /// The quality of the number is good again.
    QualityRestored,
    /// The number may begin more conversations than before.
    LimitRaised,
    /// The number may begin fewer conversations than before.
    LimitLowered,
    /// The account broke a rule of the service.
    Violation,
    /// The service forbids the account some kinds of messages for a time.
    Restricted,
    /// The account is to be closed unless somebody appeals.
    ClosureAnnounced,
    /// Any other notice; the detail says what.
    Other,
}

impl NoticeCode {
    const ALL: [NoticeCode; 8] = [
        NoticeCode::QualityLow,
        NoticeCode::QualityRestored,
        NoticeCode::LimitRaised,
        NoticeCode::LimitLowered,
        NoticeCode::Violation,
        NoticeCode::Restricted,
        NoticeCode::ClosureAnnounced,
        NoticeCode::Other,
    ];

    /// As written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeCode::QualityLow => "quality_low",
            NoticeCode::QualityRestored => "quality_restored",
            NoticeCode::LimitRaised => "limit_raised",
            NoticeCode::LimitLowered => "limit_lowered",
            NoticeCode::Violation => "violation",
            NoticeCode::Restricted => "restricted",
            NoticeCode::ClosureAnnounced => "closure_announced",
            NoticeCode::Other => "other",
        }
    }

    /// The reverse of [`NoticeCode::as_str`]; `Other` for a code of a later version.
    pub(crate) fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|code| code.as_str() == word).unwrap_or(NoticeCode::Other)
    }

    /// Whether somebody has to do something about it.
    pub fn is_warning(self) -> bool {
        !matches!(self, NoticeCode::QualityRestored | NoticeCode::LimitRaised | NoticeCode::Other)
    }
}

/// What shows that an account works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignOfLife {
    /// A message came in, or a copy of one that was sent from the phone.
    Received,
    /// A message of ours was reported as sent, delivered or read.
    Acknowledged,
    /// The gateway accepted a message.
    Accepted,
    /// The gateway answered a query, which says nothing of the session behind it.
    Answered,
}

impl SessionState {
    /// Whether this state cannot be true any more after a later sign of life.
    pub(crate) fn is_disproved_by(self, sign: SignOfLife) -> bool {
        match self {
            SessionState::LoggedOut => sign != SignOfLife::Answered,
            // Gateways accept messages into queues of their own, and receipts of a banned number may be late.
            SessionState::Banned => sign == SignOfLife::Received,
            // States of our requests: what comes in proves nothing about them.
            SessionState::KeyRefused | SessionState::RateLimited | SessionState::Unreachable => {
                matches!(sign, SignOfLife::Accepted | SignOfLife::Answered)
            }
            SessionState::Unknown | SessionState::Connected | SessionState::Broken => false,
        }
    }
}

/// The connection state of an account with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub state: SessionState,
    /// When this state was first observed without another one since.
    pub since: Option<Timestamp>,
    /// The gateway's message about it (foreign text).
    pub detail: String,
    /// When the latest webhook event of the account arrived.
    pub last_event_at: Option<Timestamp>,
    /// The latest notice of the messaging service.
    pub notice: Option<AccountNotice>,
}

impl Default for Health {
    fn default() -> Self {
        Health { state: SessionState::Unknown, since: None, detail: String::new(), last_event_at: None, notice: None }
    }
}

/// Serialises to the contract's account object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub name: AccountName,
    pub provider: String,
    /// `None` if the gateway has only one mode.
    pub mode: Option<String>,
    /// The channel of conversations started here.
    pub channel: Channel,
    pub state: SessionState,
    pub since: Option<Timestamp>,
    pub last_event_at: Option<Timestamp>,
    /// The latest notice of the messaging service, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<AccountNotice>,
    /// `/webhooks/NAME/TOKEN`, the path of the webhook URL.
    pub webhook_path: String,
}

/// A usable account with what is known of it now.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountStatus {
    pub account: Account,
    /// The gateway's own name.
    pub provider_name: &'static str,
    pub capabilities: Capabilities,
    /// What the gateway reported with the account's state (foreign text).
    pub detail: String,
    /// How much of its request budget is used.
    pub usage: RequestUsage,
    /// Until when it makes no request because its gateway asked for a pause.
    pub paused_until: Option<Timestamp>,
    /// The URL that the gateway is given for its events.
    pub webhook_url: String,
    /// Since when the gateway has acknowledged nothing of what it accepted; `None` where it never acknowledges or
    /// nothing was sent.
    pub silent_since: Option<Timestamp>,
}

/// An account whose settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAccount {
    /// Its name as written.
    pub name: String,
    /// What is wrong, where, and what to do.
    pub reason: String,
}

/// How much of an account's request budget is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestUsage {
    /// Requests begun in the last minute.
    pub used: u32,
    /// Requests allowed in a minute.
    pub per_minute: u32,
}

/// An account that was added to the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedAccount {
    /// The gateway accepted the key; `false` when it was not queried or has no harmless request that shows it.
    pub key_accepted: bool,
    /// The URL that the gateway is to be given.
    pub webhook_url: String,
    /// Gateways reach that URL from anywhere; `false` when it is one of this machine only.
    pub reachable: bool,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_of_life_disproves_what_it_can() {
        use SessionState::{Banned, Broken, Connected, KeyRefused, LoggedOut, RateLimited, Unknown, Unreachable};
        use SignOfLife::{Accepted, Acknowledged, Answered, Received};
        for (state, signs) in [
            (LoggedOut, &[Received, Acknowledged, Accepted][..]),
            (Banned, &[Received]),
            (KeyRefused, &[Accepted, Answered]),
            (RateLimited, &[Accepted, Answered]),
            (Unreachable, &[Accepted, Answered]),
            (Unknown, &[]),
            (Connected, &[]),
            (Broken, &[]),
        ] {
            for sign in [Received, Acknowledged, Accepted, Answered] {
                assert_eq!(state.is_disproved_by(sign), signs.contains(&sign), "{state:?} {sign:?}");
            }
        }
    }
}
