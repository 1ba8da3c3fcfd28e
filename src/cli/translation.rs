//! The language of what commands print.
//!
//! Invariant: JSON and what strangers wrote are never translated.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::Locale;
use crate::tui::i18n::sentences::sentences_in;

/// Whether this process prints Indonesian.
static INDONESIAN: AtomicBool = AtomicBool::new(false);

/// Chooses the language of all that this process prints from now on.
pub(crate) fn set_locale(locale: Locale) {
    INDONESIAN.store(locale == Locale::Id, Ordering::Relaxed);
}

/// The language in which this process prints.
pub(crate) fn locale() -> Locale {
    if INDONESIAN.load(Ordering::Relaxed) { Locale::Id } else { Locale::En }
}

/// A text of our own in the chosen language, line by line.
pub(crate) fn translate(text: &str) -> String {
    sentences_in(locale(), text)
}
