//! What went wrong with a message, in two short sentences: what happened, and what to do.
//!
//! Invariant: a raw code never stands alone where words for it are known.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Locale;
use crate::domain::Failure;
use crate::text::Clean;

/// What happened and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct FailureWords {
    /// What happened, one sentence.
    #[serde(default)]
    pub what: String,
    /// What to do, one sentence.
    #[serde(default, rename = "do")]
    pub remedy: String,
}

#[derive(Debug, Default, Deserialize)]
struct File {
    #[serde(default)]
    codes: BTreeMap<String, FailureWords>,
}

static EN: LazyLock<File> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/locales/failures.en.toml")).unwrap_or_default());
static ID: LazyLock<File> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/locales/failures.id.toml")).unwrap_or_default());

/// The words for a failure: those of its code, or of the family that its code belongs to. The gateway's own words
/// stand with them where Loket's are general.
pub fn failure(locale: Locale, failure: &Failure) -> FailureWords {
    let file = match locale {
        Locale::En => &*EN,
        Locale::Id => &*ID,
    };
    if let Some(words) = file.codes.get(&failure.code).filter(|_| !is_general(&failure.code)) {
        return words.clone();
    }
    let general = file.codes.get(&failure.code).or_else(|| file.codes.get(family(&failure.code)));
    let mut words = general.cloned().unwrap_or_default();
    let said = own_words(failure);
    if !said.is_empty() {
        words.what = if words.what.is_empty() { said } else { format!("{} {said}", words.what) };
    }
    words
}

/// The gateway's own words with their code, for those who ask for them.
pub fn own_words(failure: &Failure) -> String {
    let said = Clean::line(&failure.message);
    let code = Clean::line(&failure.code);
    match (said.as_str().trim(), code.as_str()) {
        ("", code) => format!("({code})"),
        (said, code) => format!("({code}: {said})"),
    }
}

/// HTTP statuses say little; the gateway's own words beside them say what it minded.
fn is_general(code: &str) -> bool {
    code.starts_with("http_") || code == "other"
}

/// The key that stands for codes of no words of their own; the rule is told in the files.
fn family(code: &str) -> &'static str {
    match code.strip_prefix("http_") {
        Some(status) if status.starts_with('4') => "http_4xx",
        Some(status) if status.starts_with('5') => "http_5xx",
        _ if code.parse::<u16>().is_ok_and(|n| (200..300).contains(&n)) => "200-299",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_words_are_cleaned_and_keep_their_code() {
        let unknown = Failure::new("X_1", "no\u{1b}[2J way");
        let words = failure(Locale::En, &unknown);
        assert!(words.what.contains("(X_1: ") && !words.what.contains('\u{1b}'), "{words:?}");
        assert!(failure(Locale::Id, &Failure::new("X_2", "")).what.ends_with("(X_2)"));
    }

    #[test]
    fn a_code_finds_its_own_words_or_its_familys() {
        let what = |code: &str| failure(Locale::En, &Failure::new(code, "said")).what;
        assert!(!what("131047").contains("said"), "Loket's words say it all");
        for code in ["http_422", "http_418", "http_503", "http_599", "205", "NEW_CODE"] {
            assert!(what(code).contains("said"), "{code}: {}", what(code));
        }
        assert_ne!(what("http_418"), what("http_599"));
    }
}
