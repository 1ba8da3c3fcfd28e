//! Why something did not work, as data: the words for people are made elsewhere, in their language.

use serde::{Deserialize, Serialize};

/// What went wrong with one request or message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The gateway's or Meta's code (`AUTH_INSUFFICIENT_SCOPE`, `131047`), else `http_422`, `timeout`, `unreachable`.
    pub code: String,
    /// The gateway's own words, cut to a bearable length; empty when it said nothing.
    pub message: String,
}

impl Failure {
    /// A failure by code and the gateway's own words.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Failure { code: code.into(), message: message.into() }
    }
}

/// What a person can do about a failure. A provider maps each code that its documents name to one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Nothing: it is tried again by itself.
    WaitsAndRetries,
    /// The key is wrong, expired or lacks a scope: renew it in the gateway's dashboard.
    RenewKey,
    /// The plan, permission or account status: an administrator must act in the dashboard.
    AskAdministrator,
    /// The number or id is wrong or not reachable on this channel.
    CheckRecipient,
    /// The content is not acceptable: correct it and send again.
    CorrectContent,
    /// The 24-hour window is closed: send a template.
    SendTemplate,
    /// The template's name, language, parameters or status.
    CorrectTemplate,
    /// The media URL, type or size.
    CheckMedia,
    /// The gateway's WhatsApp session is logged out: log in again.
    LogInAgain,
    /// The customer or Meta asked for fewer messages: do not resend now.
    LetItRest,
    /// Unknown whether it went out: look at the phone before sending again.
    LookBeforeResending,
    /// A passing fault of the gateway: send again by hand later.
    TryLater,
}
