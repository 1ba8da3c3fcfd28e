//! A secret text that cannot be printed by accident.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::ConstantTimeEq;

/// A key, token or signature secret. `Debug` and `Display` print `***`; it has no `Serialize`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Trims the text, because files end with a line break that is not part of the secret.
    pub fn new(text: &str) -> Self {
        Secret(SecretString::from(text.trim().to_owned()))
    }

    /// The plain text. Call it only where a request is built, a signature is computed or a secret is stored.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Compares in constant time, regardless of the bytes but not of the length.
    pub fn matches(&self, candidate: &str) -> bool {
        self.expose().as_bytes().ct_eq(candidate.as_bytes()).into()
    }

    /// Whether the secret has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.expose())
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_printed_as_stars() {
        let secret = Secret::new("sk_live_abc\n");
        assert_eq!(format!("{secret:?} {secret}"), "*** ***");
        assert!(secret.matches("sk_live_abc"));
        assert!(!secret.matches("sk_live_abd"));
    }
}
