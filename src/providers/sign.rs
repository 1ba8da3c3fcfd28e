//! Webhook signatures: HMAC-SHA256 in the encodings seen, compared in constant time.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::domain::Secret;

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
