//! Failures as data. They are worded where people read them, in their language.
use serde::{Deserialize, Serialize};

/// Why one request or message failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The code of the gateway or of Meta (`AUTH_INSUFFICIENT_SCOPE`, `131047`), otherwise `http_422`, `timeout`,
    /// `unreachable` and the like.
    pub code: String,
    /// The gateway's message, truncated; empty if there was none.
    pub message: String,
}

impl Failure {
    /// A failure with the gateway's code and message, both kept as given.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Failure { code: code.into(), message: message.into() }
    }

    /// Whether Loket found the failure itself, so that the message is no gateway's.
    pub fn is_own(&self) -> bool {
        const OWN: &[&str] = &[
            "timeout",
            "unreachable",
            "interrupted",
            "defect",
            "budget",
            "expired",
            "window_closed",
            "cancelled",
            "not_carried",
            "file_missing",
            "link_no_public_url",
            "link_no_listener",
            "link_unreachable",
            "link_answer",
            "link_length",
            "unreadable",
            "unexpected_answer",
        ];
        OWN.contains(&self.code.as_str())
    }
}

/// What a person can do about a failure. Providers map each documented code to one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Nothing: it is retried automatically.
    WaitsAndRetries,
    /// The key is wrong, expired or lacks a scope: renew it in the gateway's dashboard.
    RenewKey,
    /// The plan, a permission or the account status is the cause: an administrator must act in the dashboard.
    AskAdministrator,
    /// The number or id is wrong, or not reachable on this channel.
    CheckRecipient,
    /// The content was refused: correct it and send again.
    CorrectContent,
    /// The 24-hour window is closed: send a template.
    SendTemplate,
    /// The template's name, language, parameters or status is wrong.
    CorrectTemplate,
    /// The URL, type or size of the media was refused.
    CheckMedia,
    /// The gateway's WhatsApp session is logged out: log in again.
    LogInAgain,
    /// The customer or Meta limits the number of messages: do not resend now.
    LetItRest,
    /// It is unknown whether the message was sent: check on the phone before sending again.
    LookBeforeResending,
    /// A temporary fault of the gateway: send again by hand later.
    TryLater,
}
