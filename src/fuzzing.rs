//! Every parser of foreign bytes as a function of bytes, for the fuzz targets in `fuzz/` and the properties in
//! `tests/parsers.rs`, which hold the same.
//!
//! Each function panics when what it feeds breaks a promise, or when the parser itself panics.

#![expect(clippy::missing_panics_doc, reason = "to panic is how all of these report")]

use std::path::Path;

use crate::config::KeySet;
use crate::config::{Environment, Overrides, Settings};
use crate::decoders::pdf;
use crate::decoders::picture::{MAX_PIXELS, Picture};
use crate::decoders::voice;
use crate::domain::{AccountName, Secret, Timestamp, phone};
use crate::engine::Line;
use crate::engine::contacts::csv;
use crate::providers::{Profile, Verdict, Webhook, registry};
use crate::text::{Clean, escape_json};
use crate::tui::Keymap;
use crate::tui::widgets::qr::{self, QrOptions, QrPlan};

/// The arrival of every event: 2026-06-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);
const SECRET: &str = "whsec_rahasia";
/// The header names in which gateways sign.
const SIGNATURES: &[&str] = &[
    "x-chatera-signature",
    "x-chatera-timestamp",
    "x-hub-signature-256",
    "x-cloudchat-signature",
    "x-webhook-hmac",
    "x-webhook-hmac-algorithm",
];

/// A webhook of every gateway in every mode: whatever its bytes are, it has a verdict, reports at least something, and
/// is stored without a change of what it reports that is not a credential.
pub fn webhook(body: &[u8]) {
    for account in profiles(&[]) {
        for ack in [false, true] {
            check(&account, &Webhook { ack, headers: Vec::new(), body: body.to_vec() });
        }
    }
}

/// A header of a signature: the first line is its value, the rest the body. No guess is a valid signature.
pub fn signature(bytes: &[u8]) {
    let (value, body) = bytes.split_at(bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len()));
    let value = String::from_utf8_lossy(value);
    for (provider, profile) in profiles(&[SECRET]) {
        let headers = SIGNATURES.iter().map(|name| ((*name).to_owned(), value.clone().into_owned())).collect();
        let webhook = Webhook { ack: false, headers, body: body.to_vec() };
        let verdict = provider.verify(&profile, &webhook, NOW);
        // Some gateways send the key itself in the body.
        let holds_key = body.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(holds_key || !matches!(verdict, Verdict::Genuine { .. }), "{}: {verdict:?}", provider.manifest().id);
    }
}

/// A contact list: every row that is read has a number in its line, or says what is wrong.
pub fn contacts(bytes: &[u8]) {
    if let Ok(rows) = csv::read(bytes, phone::INDONESIA) {
        assert!(rows.len() <= bytes.len());
    }
}

/// A configuration: it is read, or refused in words that repeat no control character.
pub fn configuration(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = Settings::from_text(&text, Path::new("config.toml"), &Overrides::default(), &Environment::of([]));
    if let Err(error) = read {
        assert!(!error.to_string().is_empty());
    }
}

/// A line of an import: what is read and written again is read the same.
pub fn import_line(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(line) = Line::parse(&text) {
        let again = Line::parse(&line.to_json().to_string());
        assert_eq!(again.as_ref(), Ok(&line));
    }
}

/// Any text: what is cleaned holds nothing that steers a terminal, and cleaning it again changes nothing; escaped
/// JSON reads back the same.
pub fn clean(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (cleaned, kept) in
        [(Clean::line(&text), &[][..]), (Clean::block(&text), &['\n']), (Clean::printed(&text), &['\n', '\t'])]
    {
        assert!(!cleaned.chars().any(|c| (c.is_control() && !kept.contains(&c)) || steers(c)), "{cleaned:?}");
        assert_eq!(Clean::printed(&cleaned), cleaned);
    }
    assert!(Clean::name(&text).is_none_or(|name| !name.trim().is_empty() && name.trim() == name.as_str()));
    let quoted = serde_json::Value::from(&*text);
    let escaped = escape_json(&quoted.to_string());
    assert!(!escaped.chars().any(|c| c.is_control() || steers(c)), "{escaped:?}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).ok(), Some(quoted));
}

/// A key map: it is read, or refused in words.
pub fn keymap(bytes: &[u8]) {
    if let Err(error) = Keymap::with_own(KeySet::Default, &String::from_utf8_lossy(bytes)) {
        assert!(!error.to_string().is_empty());
    }
}

/// A voice note: it has as many bars as were asked for or none, none higher than the highest, or says why nothing is known.
pub fn voice_note(bytes: &[u8]) {
    for bars in [0, 1, 40] {
        if let Ok(voice) = voice::read(bytes, bars) {
            assert!(voice.bars.is_empty() || voice.bars.len() == bars);
            assert!(voice.bars.iter().all(|bar| *bar <= voice::HIGHEST));
        }
    }
}

/// A picture or a document: it is decoded within the limits, or refused; what is shown of it has the size that was asked for.
pub fn picture(bytes: &[u8]) {
    assert!(pdf::pages(bytes).is_none_or(|pages| pages > 0));
    let Ok(mut picture) = Picture::decode(bytes) else { return };
    let (width, height) = picture.size();
    assert!(width > 0 && height > 0 && u64::from(width) * u64::from(height) <= MAX_PIXELS);
    for shrunk in [false, true] {
        if shrunk {
            picture.shrink(64);
        }
        let small = picture.fit(24, 16);
        assert!(small.width <= 24 && small.height <= 16);
        assert_eq!(small.rgba.len(), usize::from(small.width) * usize::from(small.height));
    }
}

/// The text of a login code: it is drawn within the given size, or something says why not.
pub fn login_code(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (width, height) in [(0, 0), (40, 12), (80, 24), (200, 200)] {
        if let QrPlan::Drawn(drawing) = qr::plan(&text, width, height, QrOptions::default()) {
            let (w, h) = drawing.size();
            assert!(w <= width && h <= height, "{w}x{h} in {width}x{height}");
            assert!(!qr::text(&drawing).is_empty());
        }
    }
}

fn check((provider, profile): &(&'static dyn crate::providers::Provider, Profile), webhook: &Webhook) {
    let id = provider.manifest().id;
    drop(provider.verify(profile, webhook, NOW));
    assert!(!provider.interpret(profile, webhook, NOW).is_empty(), "{id} reports nothing");
    let stored = provider.redact(webhook);
    assert!(!provider.interpret(profile, &stored, NOW).is_empty(), "{id} reports nothing of what was stored");
    let is_json = |body: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    assert!(!is_json(&webhook.body) || is_json(&stored.body), "{id}: what is stored is no JSON any more");
}

/// An account of every gateway in every mode.
fn profiles(secrets: &[&str]) -> Vec<(&'static dyn crate::providers::Provider, Profile)> {
    let Some(account) = AccountName::new("toko") else { return Vec::new() };
    let mut profiles = Vec::new();
    for provider in registry::ALL.iter().copied() {
        let manifest = provider.manifest();
        let modes: Vec<_> = manifest.modes.iter().copied().map(Some).collect();
        for mode in if modes.is_empty() { vec![None] } else { modes } {
            let profile = Profile {
                account: account.clone(),
                base_url: manifest.base_url.unwrap_or("https://gateway.test").to_owned(),
                mode,
                session: None,
                channel: manifest.channels.first().copied().unwrap_or(crate::domain::Channel::WhatsApp),
                api_key: Secret::new("kunci-contoh"),
                webhook_secrets: secrets.iter().map(|secret| Secret::new(secret)).collect(),
                allow_unsigned: false,
                window: provider.default_window(mode),
                notify_url: None,
            };
            profiles.push((provider, profile));
        }
    }
    profiles
}

fn steers(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{115f}' | '\u{3164}')
}
