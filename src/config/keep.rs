//! Keeps a secret that a person typed, outside `config.toml`. Nothing here touches what the person keeps elsewhere.

use std::path::{Path, PathBuf};

use super::replace::{self, Mode};
use super::settings::subject;
use super::{ConfigError, SecretSource, keyring};
use crate::domain::{AccountName, Secret};

/// Where to keep a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretStorage {
    /// The system's keyring, service `loket`, entry `ACCOUNT.FIELD`.
    Keyring,
    /// `secrets/ACCOUNT.FIELD` beside `config.toml`, for its owner only.
    File,
}

/// A secret of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretField {
    /// `api_key`.
    ApiKey,
    /// `webhook_secret`.
    WebhookSecret,
    /// `previous_webhook_secret`.
    PreviousWebhookSecret,
}

impl SecretField {
    /// Every secret of an account.
    pub const ALL: [SecretField; 3] = [Self::ApiKey, Self::WebhookSecret, Self::PreviousWebhookSecret];

    /// The key in `config.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            SecretField::ApiKey => "api_key",
            SecretField::WebhookSecret => "webhook_secret",
            SecretField::PreviousWebhookSecret => "previous_webhook_secret",
        }
    }
}

/// Keeps a secret and gives the source that reads it again, to be written into the account. Blocks.
pub fn store_secret(
    place: SecretStorage,
    config_file: &Path,
    account: &AccountName,
    field: SecretField,
    secret: &Secret,
) -> Result<SecretSource, ConfigError> {
    let failed = |message: String| ConfigError::new(&subject(account.as_str(), field.as_str()), message);
    if secret.is_empty() || secret.expose().chars().any(char::is_control) {
        return Err(failed("must be one line and not empty".to_owned()));
    }
    match place {
        SecretStorage::Keyring => {
            let name = entry_name(account, field);
            keyring::write(&name, secret.expose()).map_err(failed)?;
            Ok(SecretSource::Keyring(name))
        }
        SecretStorage::File => {
            let file = secret_file(config_file, account, field);
            let unwritable = |error: std::io::Error| failed(format!("cannot write {}: {error}", file.display()));
            replace::create_private_directory(file.parent().unwrap_or(Path::new("."))).map_err(unwritable)?;
            replace::replace(&file, &format!("{}\n", secret.expose()), Mode::Private).map_err(unwritable)?;
            Ok(SecretSource::File(file))
        }
    }
}

/// Removes a secret that [`store_secret`] kept; `false` when the source is another one, which is left alone. Blocks.
pub fn discard_secret(
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
    use crate::config::Environment;

    #[test]
    fn a_kept_secret_is_read_again_and_discarded() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config.toml");
        let account = AccountName::new("toko").unwrap();
        let (field, nothing) = (SecretField::ApiKey, Environment::of([]));
        let keep = |text: &str| store_secret(SecretStorage::File, &config, &account, field, &Secret::new(text));
        keep("lama").unwrap();
        let source = keep("geheim").unwrap();
        assert_eq!(source, SecretSource::File(directory.path().join("secrets").join("toko.api_key")));
        assert!(source.resolve(&account, "api_key", &nothing).unwrap().matches("geheim"));
        assert_eq!(discard_secret(&source, &config, &account, field), Ok(true));
        assert!(source.resolve(&account, "api_key", &nothing).is_err());
        assert_eq!(keep(" \n").unwrap_err().message(), "must be one line and not empty");
    }

    #[test]
    fn a_secret_that_the_person_keeps_is_left_alone() {
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
    fn a_kept_secret_is_for_its_owner_only() {
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
