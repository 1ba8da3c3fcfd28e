//! Stores a secret that a person typed, outside `config.toml`. Secrets that the person manages are never touched.
use std::path::{Path, PathBuf};

use super::keyring;
use super::source::SecretSource;
use crate::config::error::{ConfigError, subject};
use crate::domain::{AccountName, Secret};
use crate::files;

/// Where a new secret is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretStorage {
    /// The system's keyring, service `loket`, entry `ACCOUNT.FIELD`.
    Keyring,
    /// `secrets/ACCOUNT.FIELD` beside `config.toml`, readable by its owner only.
    File,
}

/// The settings of an account that hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretField {
    ApiKey,
    WebhookSecret,
    PreviousWebhookSecret,
}

impl SecretField {
    /// All of them, in the order of the documentation.
    pub(crate) const ALL: [SecretField; 3] = [Self::ApiKey, Self::WebhookSecret, Self::PreviousWebhookSecret];

    /// The key in `config.toml`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            SecretField::ApiKey => "api_key",
            SecretField::WebhookSecret => "webhook_secret",
            SecretField::PreviousWebhookSecret => "previous_webhook_secret",
        }
    }
}

/// Stores a secret and returns the source that reads it, for the account's settings. Blocks.
pub(crate) fn store_secret(
    storage: SecretStorage,
    config_file: &Path,
    account: &AccountName,
    field: SecretField,
    secret: &Secret,
) -> Result<SecretSource, ConfigError> {
    let failed = |message: String| ConfigError::new(&subject(account.as_str(), field.as_str()), message);
    if secret.is_empty() || secret.expose().chars().any(char::is_control) {
        return Err(failed("must be one line and not empty".to_owned()));
    }
    match storage {
        SecretStorage::Keyring => {
            let name = entry_name(account, field);
            keyring::write(&name, secret.expose()).map_err(failed)?;
            Ok(SecretSource::Keyring(name))
        }
        SecretStorage::File => {
            let file = secret_file(config_file, account, field);
            let unwritable = |error: std::io::Error| failed(format!("cannot write {}: {error}", file.display()));
            files::create_directory(file.parent().unwrap_or(Path::new("."))).map_err(unwritable)?;
            files::replace(&file, format!("{}\n", secret.expose()).as_bytes()).map_err(unwritable)?;
            Ok(SecretSource::File(file))
        }
    }
}

/// Removes a secret that [`store_secret`] stored. Returns `false` for any other source, which is left alone. Blocks.
pub(crate) fn discard_secret(
    source: &SecretSource,
    config_file: &Path,
    account: &AccountName,
    field: SecretField,
) -> Result<bool, ConfigError> {
    let failed = |message: String| ConfigError::new(&subject(account.as_str(), field.as_str()), message);
    match source {
        SecretSource::Keyring(name) if *name == entry_name(account, field) => {
            keyring::remove(name).map_err(failed)?;
            Ok(true)
        }
        SecretSource::File(file) if *file == secret_file(config_file, account, field) => {
            match std::fs::remove_file(file) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
                Err(error) => Err(failed(format!("cannot remove {}: {error}", file.display()))),
            }
        }
        _ => Ok(false),
    }
}

fn entry_name(account: &AccountName, field: SecretField) -> String {
    format!("{account}.{}", field.as_str())
}

fn secret_file(config_file: &Path, account: &AccountName, field: SecretField) -> PathBuf {
    config_file.parent().unwrap_or(Path::new("")).join("secrets").join(entry_name(account, field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::environment::Environment;

    #[test]
    fn a_stored_secret_can_be_read_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config.toml");
        let account = AccountName::new("toko").unwrap();
        let (field, environment) = (SecretField::ApiKey, Environment::of([]));
        let store = |text: &str| store_secret(SecretStorage::File, &config, &account, field, &Secret::new(text));
        store("lama").unwrap();
        let source = store("geheim").unwrap();
        assert_eq!(source, SecretSource::File(directory.path().join("secrets").join("toko.api_key")));
        assert!(source.read(&environment).unwrap().matches("geheim"));
        assert_eq!(discard_secret(&source, &config, &account, field), Ok(true));
        assert!(source.read(&environment).is_err());
        assert_eq!(store(" \n").unwrap_err().to_string(), "account \"toko\": api_key: must be one line and not empty");
    }

    #[test]
    fn a_secret_stored_elsewhere_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("own");
        std::fs::write(&own, "geheim").unwrap();
        let account = AccountName::new("toko").unwrap();
        let config = directory.path().join("config.toml");
        for source in [SecretSource::File(own.clone()), SecretSource::Keyring("own".into())] {
            assert_eq!(discard_secret(&source, &config, &account, SecretField::ApiKey), Ok(false));
        }
        assert!(own.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_stored_secret_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let account = AccountName::new("toko").unwrap();
        let config = directory.path().join("baru").join("config.toml");
        store_secret(SecretStorage::File, &config, &account, SecretField::WebhookSecret, &Secret::new("geheim"))
            .unwrap();
        let mode = |path: &str| {
            std::fs::metadata(directory.path().join("baru").join(path)).unwrap().permissions().mode() & 0o777
        };
        assert_eq!(mode("secrets"), 0o700);
        assert_eq!(mode("secrets/toko.webhook_secret"), 0o600);
    }
}
