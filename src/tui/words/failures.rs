//! What went wrong with a message, in two short sentences: what happened, and what to do.
//!
//! Invariant: a raw code never stands alone where words for it are known.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Locale;
use crate::domain::{Failure, Remedy};
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
    #[serde(default)]
    remedies: BTreeMap<String, FailureWords>,
}

static EN: LazyLock<File> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/locales/failures.en.toml")).unwrap_or_default());
static ID: LazyLock<File> =
    LazyLock::new(|| toml::from_str(include_str!("../../../assets/locales/failures.id.toml")).unwrap_or_default());

/// The words for a failure: those of its code, else the gateway's own words with what the remedy says.
pub fn failure(locale: Locale, failure: &Failure, remedy: Option<Remedy>) -> FailureWords {
    let file = match locale {
        Locale::En => &*EN,
        Locale::Id => &*ID,
    };
    if let Some(words) = file.codes.get(&failure.code) {
        return words.clone();
    }
    let remedy = remedy.and_then(|r| file.remedies.get(&format!("{r:?}"))).cloned().unwrap_or_default();
    let said = Clean::line(&failure.message);
    let code = Clean::line(&failure.code);
    let what = if said.as_str().trim().is_empty() {
        code.as_str().to_owned()
    } else {
        format!("{} ({})", said.as_str(), code.as_str())
    };
    FailureWords { what, remedy: remedy.remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_words_are_cleaned_and_keep_their_code() {
        let unknown = Failure::new("X_1", "no\u{1b}[2J way");
        let words = failure(Locale::En, &unknown, None);
        assert!(words.what.contains("(X_1)") && !words.what.contains('\u{1b}'), "{words:?}");
        assert_eq!(failure(Locale::Id, &Failure::new("X_2", ""), None).what, "X_2");
    }
}
