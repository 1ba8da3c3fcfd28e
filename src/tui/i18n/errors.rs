//! Errors in the reader's language.
//!
//! Invariant: what a system, a database or a gateway reported is quoted after a sentence, never alone.
use super::failures::{FailureText, failure};
use super::fill;
use crate::config::Locale;
use crate::domain::{AccountError, AccountSetupError, QueryError, StoreError};
use crate::text::Clean;
use crate::tui::message::{LinkError, PictureError};

/// Why the store did not do something.
pub(crate) fn store_error(locale: Locale, error: &StoreError) -> String {
    let strings = &locale.strings().errors;
    match error {
        StoreError::TooNew { .. } => strings.store_too_new.clone(),
        StoreError::Outdated { .. } => fill(&strings.store_outdated, &[("pid", "?")]),
        StoreError::OutdatedInUse { pid } => fill(&strings.store_outdated, &[("pid", pid)]),
        StoreError::Full => strings.store_full.clone(),
        StoreError::Unusable { path, reason } => {
            fill(&strings.unusable, &[("path", &path.display().to_string()), ("reason", reason)])
        }
        StoreError::NotFound => strings.not_found.clone(),
        StoreError::Closed => strings.store_closed.clone(),
        StoreError::Failed(reason) => fill(&strings.store_failed, &[("reason", reason)]),
    }
}

/// Why an account cannot be used.
pub(crate) fn account_error(locale: Locale, error: &AccountError) -> String {
    let strings = &locale.strings().errors;
    match error {
        AccountError::Unknown => strings.account_unknown.clone(),
        AccountError::Invalid(reason) => fill(&strings.account_invalid, &[("reason", Clean::line(reason).as_str())]),
    }
}

/// Why a gateway did not answer a query.
pub(crate) fn query_error(locale: Locale, error: &QueryError) -> String {
    match error {
        QueryError::Unsupported => locale.strings().errors.unsupported.clone(),
        QueryError::Failed(reported) => {
            // What a person can do about a failure is written for messages; a query is simply repeated.
            let text = failure(locale, reported, None);
            FailureText { remedy: String::new(), ..text }.line()
        }
        QueryError::Account(error) => account_error(locale, error),
        QueryError::Store(error) => store_error(locale, error),
    }
}

/// Why an account was not added.
pub(crate) fn setup_error(locale: Locale, error: &AccountSetupError) -> String {
    match error {
        AccountSetupError::Unavailable => locale.strings().whynot.no_new_account.clone(),
        AccountSetupError::Settings(reason) => reason.clone(),
        AccountSetupError::KeyRefused(reported) | AccountSetupError::KeyUnchecked(reported) => {
            // The remedies send to the settings, which are being typed.
            FailureText { remedy: String::new(), ..failure(locale, reported, None) }.line()
        }
        AccountSetupError::Store(error) => store_error(locale, error),
    }
}

/// Why a link was not opened.
pub(crate) fn link_error(locale: Locale, error: &LinkError) -> String {
    let strings = &locale.strings().errors;
    match error {
        LinkError::NotWeb => strings.link_not_web.clone(),
        LinkError::NoProgram(reason) => fill(&strings.link_no_program, &[("reason", reason)]),
    }
}

/// Why a login code was not saved as a picture.
pub(crate) fn picture_error(locale: Locale, error: &PictureError) -> String {
    let strings = &locale.strings().errors;
    match error {
        PictureError::TooLong => strings.code_too_long.clone(),
        PictureError::Unwritable { path, reason } => {
            fill(&strings.unusable, &[("path", &path.display().to_string()), ("reason", reason)])
        }
    }
}
