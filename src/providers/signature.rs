//! Webhook signatures: HMAC in the encodings that gateways use, compared in constant time; and the verdict that
//! follows from them, which is the same for every gateway that signs.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::common::json::scalar;
use super::common::lenient_json::Damage;
use super::types::{Profile, Verdict, Webhook};
use crate::domain::Secret;

/// The longest event key that is stored as it is, in bytes.
const KEY_MAX: usize = 256;

/// What the signature headers of a webhook prove about its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureCheck {
    /// There is no signature.
    Missing,
    /// Signed with one of the account's secrets.
    Valid,
    /// Signed with one of the account's secrets, but too long ago.
    TooOld,
    /// Signed with none of the account's secrets.
    Invalid,
}

/// The verdict on a webhook whose signature was checked over its raw bytes, before they were parsed; `key` makes the
/// event's key. Without a secret the random token in the webhook's path is what authenticates it.
///
/// A missing signature is accepted only where no secret is set or `allow_unsigned` is; a dashboard's ping is
/// always answered (providers.md section 9, A5). An invalid one is never accepted. `signs`: by its documents the
/// gateway signs its webhooks.
pub(crate) fn verdict(
    profile: &Profile,
    webhook: &Webhook,
    (signature, signs): (SignatureCheck, bool),
    key: impl FnOnce(&Value) -> String,
) -> Verdict {
    let has_secret = !profile.webhook_secrets.is_empty();
    match signature {
        SignatureCheck::Invalid if has_secret => return Verdict::Unauthorised,
        SignatureCheck::TooOld if has_secret => return Verdict::TooOld,
        _ => {}
    }
    let signed = has_secret && signature == SignatureCheck::Valid;
    if !signed && is_ping(webhook) {
        return Verdict::Ping;
    }
    if has_secret && !signed && !profile.allow_unsigned {
        return Verdict::Unauthorised;
    }
    genuine(webhook, signed || (!has_secret && !signs), key)
}

/// The verdict on a webhook that may be interpreted. `proven`: its signature holds, or the gateway does not sign.
///
/// What is proven to come from the gateway is kept even if it is not JSON, under a key made of its bytes, because a
/// part of a broken body may be missing in an id, too. Without that proof it is somebody's noise.
pub(crate) fn genuine(webhook: &Webhook, proven: bool, key: impl FnOnce(&Value) -> String) -> Verdict {
    match webhook.read() {
        Some(reading) if reading.damage != Some(Damage::Structure) => {
            Verdict::Genuine { key: limit_key(key(&reading.value)), within: None }
        }
        _ if proven => Verdict::Genuine { key: format!("body:{}", fingerprint(&webhook.body)), within: None },
        _ => Verdict::NotJson,
    }
}

/// Hashes a key that is too long, so that nobody fills the journal's index with it.
fn limit_key(key: String) -> String {
    if key.len() > KEY_MAX { fingerprint(key.as_bytes()) } else { key }
}

/// Checks the signatures in these headers over the raw body. One valid signature suffices.
pub(crate) fn check_body(profile: &Profile, webhook: &Webhook, headers: &[&str]) -> SignatureCheck {
    let signatures: Vec<&str> =
        headers.iter().filter_map(|name| webhook.header(name)).filter(|value| !value.trim().is_empty()).collect();
    let valid = signatures.iter().any(|signature| is_valid(&profile.webhook_secrets, &[&webhook.body], signature));
    match (signatures.is_empty(), valid) {
        (true, _) => SignatureCheck::Missing,
        (false, true) => SignatureCheck::Valid,
        (false, false) => SignatureCheck::Invalid,
    }
}

/// Whether a webhook is a dashboard's ping: an empty body, or one of the documented event names
/// (providers.md section 5.2 and section 9, A5).
pub(crate) fn is_ping(webhook: &Webhook) -> bool {
    if webhook.is_empty() {
        return true;
    }
    let event = webhook.read().and_then(|reading| reading.value.get("event").and_then(scalar));
    event.is_some_and(|event| matches!(event.as_str(), "verification_ping" | "test.ping"))
}

/// Whether `signature` is the HMAC-SHA256 of the concatenated parts with one of the secrets. Accepts hex in any case
/// and standard or URL-safe base64, with or without `sha256=` / `sha256:` before it (providers.md A1).
pub(crate) fn is_valid(secrets: &[Secret], parts: &[&[u8]], signature: &str) -> bool {
    decode(signature).is_some_and(|expected| matches_any::<Hmac<Sha256>>(secrets, parts, &expected))
}

/// Whether the MAC of the concatenated parts with one of the secrets is `expected`.
pub(crate) fn matches_any<M: Mac + KeyInit>(secrets: &[Secret], parts: &[&[u8]], expected: &[u8]) -> bool {
    // Every secret is tried, so that the time does not reveal which one matched.
    secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(false, |found, secret| mac::<M>(secret, parts).verify_slice(expected).is_ok() | found)
}

/// The HMAC-SHA256 of the concatenated parts as lower-case hex, as gateways write it.
pub(crate) fn hex_signature(secret: &Secret, parts: &[&[u8]]) -> String {
    hex_mac::<Hmac<Sha256>>(secret, parts)
}

/// The MAC of the concatenated parts as lower-case hex.
pub(crate) fn hex_mac<M: Mac + KeyInit>(secret: &Secret, parts: &[&[u8]]) -> String {
    hex::encode(mac::<M>(secret, parts).finalize().into_bytes())
}

/// A short hash that stands for bytes in an event key.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let mut text = hex::encode(Sha256::digest(bytes));
    text.truncate(32);
    text
}

fn mac<M: Mac + KeyInit>(secret: &Secret, parts: &[&[u8]]) -> M {
    // HMAC takes keys of any length; the error type exists for other MACs.
    #[expect(clippy::expect_used, reason = "HMAC accepts every key length")]
    let mut mac = <M as KeyInit>::new_from_slice(secret.expose().as_bytes()).expect("HMAC accepts every key length");
    for part in parts {
        mac.update(part);
    }
    mac
}

fn decode(signature: &str) -> Option<[u8; 32]> {
    let text = signature.trim();
    let text = match text.get(..7) {
        Some(prefix) if prefix.eq_ignore_ascii_case("sha256=") || prefix.eq_ignore_ascii_case("sha256:") => {
            text.get(7..)?
        }
        _ => text,
    };
    if text.len() == 64 {
        return hex::decode(text).ok()?.try_into().ok();
    }
    let unpadded = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(unpadded).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_encoding_is_accepted_and_nothing_else() {
        let secret = Secret::new("whsec_contoh");
        let body: &[u8] = br#"{"event":"message.received"}"#;
        let hex = hex_signature(&secret, &[body]);
        let digest = hex::decode(&hex).unwrap();
        let std = base64::engine::general_purpose::STANDARD.encode(&digest);
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest);
        for good in [
            hex.clone(),
            hex.to_uppercase(),
            format!("sha256={hex}"),
            format!("SHA256={hex}"),
            format!("sha256:{hex}"),
            std.clone(),
            url,
            format!("sha256={std}"),
        ] {
            assert!(is_valid(&[Secret::new("other"), secret.clone()], &[body], &good), "{good}");
        }
        for bad in ["", "sha256=", "é", "00", hex.get(..62).unwrap(), &format!("{hex}00")] {
            assert!(!is_valid(std::slice::from_ref(&secret), &[body], bad), "{bad}");
        }
        assert!(!is_valid(&[Secret::new("")], &[body], &hex_signature(&Secret::new(""), &[body])));
        assert!(!is_valid(&[secret], &[b"other"], &hex));
    }
}
