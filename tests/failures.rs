//! The texts of failures: complete in both languages, short, and about the same things.
//!
//! Invariant: no code that a gateway's documents or Loket itself names is without a text.
use std::collections::{BTreeMap, BTreeSet};

use loket::domain::Remedy;
use serde::Deserialize;

/// Meta's codes, as the table of error codes lists them (Meta, "Error codes"; 470 is the older name of 131047).
const META: &[&str] = &[
    "131047", "470", "131026", "130429", "131056", "131048", "131049", "131050", "130472", "131051", "131052",
    "131053", "131000", "131016", "135000", "1", "2", "131005", "3", "10", "200-299", "0", "190", "100", "131008",
    "131009", "33", "131021", "131030", "131031", "368", "130497", "131037", "131042", "131045", "131057", "131060",
    "131062", "131064", "132000", "132001", "132005", "132007", "132008", "132012", "132015", "132016", "132018",
    "132068", "132069", "4", "80007", "137000",
];

/// Chatera's page on contacts.
const CHATERA: &[&str] =
    &["VALIDATION_INVALID_PHONE", "VALIDATION_MISSING_FIELD", "RESOURCE_ALREADY_EXISTS", "AUTH_INSUFFICIENT_SCOPE"];

/// The statuses that the pages of Cetar AI, CloudChat, WAVIRO and WAHA name, and those of the transport.
const STATUSES: &[&str] = &[
    "http_400", "http_401", "http_403", "http_404", "http_408", "http_413", "http_422", "http_429", "http_500",
    "http_502", "http_503", "http_504", "http_4xx", "http_5xx",
];

/// Loket's own codes.
const OWN: &[&str] = &[
    "timeout",
    "unreachable",
    "interrupted",
    "cancelled",
    "not_carried",
    "file_missing",
    "link_no_public_url",
    "link_no_listener",
    "link_unreachable",
    "link_answer",
    "link_length",
    "unreadable",
    "failed",
    "unknown",
    "ack_error",
    "session_not_working",
    "other",
];

/// Every remedy. The match makes a new one fail to compile here, so that it is not forgotten.
const REMEDIES: &[Remedy] = &[
    Remedy::WaitsAndRetries,
    Remedy::RenewKey,
    Remedy::AskAdministrator,
    Remedy::CheckRecipient,
    Remedy::CorrectContent,
    Remedy::SendTemplate,
    Remedy::CorrectTemplate,
    Remedy::CheckMedia,
    Remedy::LogInAgain,
    Remedy::LetItRest,
    Remedy::LookBeforeResending,
    Remedy::TryLater,
];

fn listed(remedy: Remedy) -> bool {
    match remedy {
        Remedy::WaitsAndRetries
        | Remedy::RenewKey
        | Remedy::AskAdministrator
        | Remedy::CheckRecipient
        | Remedy::CorrectContent
        | Remedy::SendTemplate
        | Remedy::CorrectTemplate
        | Remedy::CheckMedia
        | Remedy::LogInAgain
        | Remedy::LetItRest
        | Remedy::LookBeforeResending
        | Remedy::TryLater => REMEDIES.contains(&remedy),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    codes: BTreeMap<String, CodeText>,
    remedies: BTreeMap<String, RemedyText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeText {
    what: String,
    r#do: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedyText {
    r#do: String,
    again: String,
}

fn languages() -> Result<[(&'static str, Texts); 2], toml::de::Error> {
    Ok([
        ("en", toml::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/failures.en.toml")))?),
        ("id", toml::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/failures.id.toml")))?),
    ])
}

fn sentences(texts: &Texts) -> Vec<(String, &str)> {
    let codes = texts.codes.iter().flat_map(|(k, f)| [(format!("{k}.what"), &*f.what), (format!("{k}.do"), &*f.r#do)]);
    let remedies =
        texts.remedies.iter().flat_map(|(k, w)| [(format!("{k}.do"), &*w.r#do), (format!("{k}.again"), &*w.again)]);
    codes.chain(remedies).collect()
}

#[test]
fn both_languages_have_the_same_keys() {
    let [(_, en), (_, id)] = languages().unwrap();
    let keys = |texts: &Texts| texts.codes.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&en), keys(&id));
    assert!(en.remedies.keys().eq(id.remedies.keys()));
}

#[test]
fn every_code_and_every_remedy_has_a_text() {
    for (language, texts) in languages().unwrap() {
        for code in [META, CHATERA, STATUSES, OWN].concat() {
            assert!(texts.codes.contains_key(code), "{language} has no text for {code}");
        }
        let named: BTreeSet<_> = REMEDIES.iter().map(|remedy| format!("{remedy:?}")).collect();
        assert_eq!(texts.remedies.keys().cloned().collect::<BTreeSet<_>>(), named, "{language}");
    }
    assert!(REMEDIES.iter().copied().all(listed));
}

#[test]
fn every_sentence_is_one_short_sentence() {
    for (language, texts) in languages().unwrap() {
        for (key, sentence) in sentences(&texts) {
            assert!(sentence.ends_with('.') && sentence.trim() == sentence, "{language} {key}: {sentence}");
            assert!(!sentence.trim_end_matches('.').contains(". "), "{language} {key} is more than one: {sentence}");
            let length = sentence.chars().count();
            assert!((12..=110).contains(&length), "{language} {key} has {length} characters: {sentence}");
            assert!(!sentence.chars().any(char::is_control), "{language} {key}");
        }
    }
}

#[test]
fn nothing_is_left_untranslated() {
    let [(_, en), (_, id)] = languages().unwrap();
    for ((key, english), (_, indonesian)) in sentences(&en).into_iter().zip(sentences(&id)) {
        assert_ne!(english, indonesian, "{key}");
    }
}
