//! A secret text that shows itself to nobody by accident.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A key, token or signature secret. `Debug` and `Display` print `***`; it has no `Serialize`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret text; surrounding white space (a file's last line break) is no part of it.
    pub fn new(text: &str) -> Self {
        Secret(SecretString::from(text.trim().to_owned()))
    }

    /// The secret itself. Call it only where a request is built or a signature computed.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Equality in constant time (in the secret's bytes, not its length).
    pub fn matches(&self, candidate: &str) -> bool {
        self.expose().as_bytes().ct_eq(candidate.as_bytes()).into()
    }

    /// Whether there is nothing in it.
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
    fn a_secret_prints_as_stars_and_compares() {
        let secret = Secret::new("sk_live_abc\n");
        assert_eq!(format!("{secret:?} {secret}"), "*** ***");
        assert!(secret.matches("sk_live_abc"));
        assert!(!secret.matches("sk_live_abd"));
    }
}
