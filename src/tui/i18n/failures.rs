//! What went wrong with a message, in short sentences: what happened, what to do, the gateway's message.
//!
//! Invariant: a raw code is never shown alone where a sentence for it is known.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::config::Locale;
use crate::domain::{Failure, Remedy};
use crate::text::Clean;

/// What happened and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FailureText {
    /// What happened, one sentence.
    pub what: String,
    /// What to do, one sentence.
    pub remedy: String,
    /// Whether it is tried again by itself, one sentence; empty where the remedy is not known.
    pub again: String,
    /// The gateway's own message with its code, clean; empty where `what` says it all.
    pub(crate) gateway_message: String,
}

impl FailureText {
    /// Everything in one line.
    pub(crate) fn line(&self) -> String {
        let parts = [self.what.as_str(), self.remedy.as_str(), self.gateway_message.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Debug, Default, Deserialize)]
struct File {
    codes: BTreeMap<String, Entry>,
    remedies: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Entry {
    what: String,
    #[serde(rename = "do")]
    remedy: String,
    again: String,
}

// A file that cannot be read would leave the gateway's own message; a test reads both.
static EN: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/failures.en.toml")))
        .unwrap_or_default()
});
static ID: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/failures.id.toml")))
        .unwrap_or_default()
});

/// The words for a failure: those of its code, else those of its class of codes with the gateway's own text.
/// `remedy` is what the provider says can be done, where it is known.
pub(crate) fn failure(locale: Locale, failure: &Failure, remedy: Option<Remedy>) -> FailureText {
    let file = file(locale);
    let cure = remedy.and_then(|r| file.remedies.get(&format!("{r:?}")));
    let again = cure.map(|entry| entry.again.clone()).unwrap_or_default();
    if let Some(entry) = file.codes.get(&failure.code) {
        let gateway_message = if is_general(&failure.code) { message_of(failure) } else { String::new() };
        return FailureText { what: entry.what.clone(), remedy: entry.remedy.clone(), again, gateway_message };
    }
    let gateway_message = message_of(failure);
    let entry = file.codes.get(class(&failure.code)).cloned().unwrap_or_default();
    let remedy = cure.map_or(entry.remedy, |cure| cure.remedy.clone());
    FailureText { what: entry.what, remedy, again, gateway_message }
}

/// The sentence for a code that has one of its own.
pub(crate) fn known_failure(locale: Locale, code: &str) -> Option<String> {
    file(locale).codes.get(code).map(|entry| entry.what.clone())
}

/// Whether a code says enough without the gateway's own message.
pub(crate) fn is_explained(code: &str) -> bool {
    !is_general(code) && file(Locale::En).codes.contains_key(code)
}

fn file(locale: Locale) -> &'static File {
    match locale {
        Locale::En => &EN,
        Locale::Id => &ID,
    }
}

/// The gateway's own message with its code, clean.
pub(crate) fn message_of(failure: &Failure) -> String {
    if failure.is_own() {
        // Our own code says nothing, and our own message is not the gateway's.
        let detail = Clean::line(failure.message.trim());
        let is_said = detail.as_str().is_empty() || failure.code == "timeout";
        return if is_said { String::new() } else { format!("({})", detail.as_str()) };
    }
    let code = Clean::line(&failure.code);
    let message = Clean::line(failure.message.trim());
    if message.as_str().is_empty() || message == code {
        format!("({})", code.as_str())
    } else {
        format!("“{}” ({})", message.as_str(), code.as_str())
    }
}

/// HTTP statuses say little; what the gateway minded is in its own text.
fn is_general(code: &str) -> bool {
    code.starts_with("http_") || code == "other"
}

/// The class of a code that has no text of its own.
fn class(code: &str) -> &'static str {
    match code {
        _ if code.starts_with("http_4") => "http_4xx",
        _ if code.starts_with("http_5") => "http_5xx",
        // Families of codes that gateways form by one pattern but do not list.
        _ if code.starts_with("AUTH_") => "http_401",
        _ if code.starts_with("RATE_") => "http_429",
        _ if code.starts_with("VALIDATION_") => "http_422",
        _ if code.parse::<u16>().is_ok_and(|n| (200..300).contains(&n)) => "200-299",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code_has_its_own_text() {
        for locale in Locale::ALL {
            let text = failure(locale, &Failure::new("131047", "Re-engagement message"), Some(Remedy::SendTemplate));
            assert!(text.what.ends_with('.') && text.remedy.ends_with('.') && text.again.ends_with('.'), "{text:?}");
            assert!(text.gateway_message.is_empty());
        }
    }

    #[test]
    fn an_unknown_code_says_what_the_gateway_said_and_cleans_it() {
        for locale in Locale::ALL {
            for code in ["X_1", "http_418", "http_599", "222"] {
                let text = failure(locale, &Failure::new(code, "no\u{1b}[2J way"), None);
                assert!(!text.what.is_empty() && !text.remedy.is_empty(), "{text:?}");
                assert_eq!(text.gateway_message, format!("“no way” ({code})"));
            }
        }
    }
}
