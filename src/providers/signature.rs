//! Webhook signatures: HMAC-SHA256 in the encodings seen, compared in constant time; and the verdict that follows
//! from them, alike for every gateway that signs.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::outcome::scalar;
use super::profile::Profile;
use super::provider::Verdict;
use super::wire::Webhook;
use crate::domain::Secret;

/// Longest event key that is kept as it is, in bytes.
const KEY_MAX: usize = 256;

/// What a webhook's headers prove about its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// There is no signature.
    Missing,
    /// A signature under one of the account's secrets.
    Genuine,
    /// A signature under one of the secrets, made too long ago.
    TooOld,
    /// A signature under none of the secrets.
    Wrong,
}

/// The verdict on a webhook whose proof was sought over its raw bytes, before they were parsed; `key` names the
/// event. Without a secret the random token in the webhook's path is what authenticates it.
///
/// A missing signature is accepted only where no secret is set or `allow_unsigned` is; a dashboard's ping is
/// always answered (providers.md section 9, A5). A wrong one is never accepted.
pub fn judge(profile: &Profile, webhook: &Webhook, proof: Proof, key: impl FnOnce(&Value) -> String) -> Verdict {
    let checked = !profile.webhook_secrets.is_empty();
    match proof {
        Proof::Wrong if checked => return Verdict::Unauthorised,
        Proof::TooOld if checked => return Verdict::TooOld,
        _ => {}
    }
    let signed = checked && proof == Proof::Genuine;
    if !signed && is_ping(webhook) {
        return Verdict::Ping;
    }
    if checked && !signed && !profile.allow_unsigned {
        return Verdict::Unauthorised;
    }
    webhook.value().map_or(Verdict::NotJson, |body| Verdict::Genuine { key: bounded(key(&body)), within: None })
}

/// A key of no sane length is hashed, so that nobody fills the journal's index with one.
fn bounded(key: String) -> String {
    if key.len() > KEY_MAX { fingerprint(key.as_bytes()) } else { key }
}

/// What the signatures in these headers prove over the raw body. Any of them suffices.
pub fn body_proof(profile: &Profile, webhook: &Webhook, headers: &[&str]) -> Proof {
    let given: Vec<&str> =
        headers.iter().filter_map(|name| webhook.header(name)).filter(|s| !s.trim().is_empty()).collect();
    let genuine = given.iter().any(|s| is_genuine(&profile.webhook_secrets, &[&webhook.body], s));
    match (given.is_empty(), genuine) {
        (true, _) => Proof::Missing,
        (false, true) => Proof::Genuine,
        (false, false) => Proof::Wrong,
    }
}

/// Whether a webhook is a dashboard's ping: an empty body, or one of the documented words
/// (providers.md section 5.2 and section 9, A5).
pub fn is_ping(webhook: &Webhook) -> bool {
    if webhook.body.trim_ascii().is_empty() {
        return true;
    }
    let event = webhook.value().and_then(|body| body.get("event").and_then(scalar));
    event.is_some_and(|event| matches!(event.as_str(), "verification_ping" | "test.ping"))
}

/// HMAC-SHA256 over the parts, one after the other.
pub fn hmac_sha256(secret: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(secret);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether `signature` is the HMAC-SHA256 of the parts under one of the secrets. Accepts hex in any case and
/// standard or URL-safe base64, with or without `sha256=` / `sha256:` before it (providers.md A1).
pub fn is_genuine(secrets: &[Secret], parts: &[&[u8]], signature: &str) -> bool {
    let Some(claimed) = decode(signature) else { return false };
    // Every secret is tried, so that time does not tell which one matched.
    secrets.iter().filter(|s| !s.is_empty()).fold(false, |found, secret| {
        let mut mac = keyed(secret);
        for part in parts {
            mac.update(part);
        }
        mac.verify_slice(&claimed).is_ok() | found
    })
}

/// Lower-case hex of the HMAC-SHA256, as gateways write it.
pub fn hex_signature(secret: &Secret, parts: &[&[u8]]) -> String {
    hex::encode(hmac_sha256(secret, parts))
}

/// A short hash that names bytes in an event key.
pub fn fingerprint(bytes: &[u8]) -> String {
    let mut text = hex::encode(Sha256::digest(bytes));
    text.truncate(32);
    text
}

fn keyed(secret: &Secret) -> Hmac<Sha256> {
    // HMAC takes keys of any length; the error type exists for other MACs.
    #[expect(clippy::expect_used, reason = "HMAC accepts every key length")]
    Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC accepts every key length")
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
    fn every_encoding_seen_is_accepted_and_nothing_else() {
        let secret = Secret::new("whsec_contoh");
        let body: &[u8] = br#"{"event":"message.received"}"#;
        let digest = hmac_sha256(&secret, &[body]);
        let hex = hex::encode(digest);
        let std = base64::engine::general_purpose::STANDARD.encode(digest);
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
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
            assert!(is_genuine(&[Secret::new("other"), secret.clone()], &[body], &good), "{good}");
        }
        for bad in ["", "sha256=", "é", "00", hex.get(..62).unwrap(), &format!("{hex}00")] {
            assert!(!is_genuine(std::slice::from_ref(&secret), &[body], bad), "{bad}");
        }
        assert!(!is_genuine(&[Secret::new("")], &[body], &hex::encode(hmac_sha256(&Secret::new(""), &[body]))));
        assert!(!is_genuine(&[secret], &[b"other"], &hex));
    }
}
