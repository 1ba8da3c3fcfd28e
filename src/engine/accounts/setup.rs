//! Writes new accounts into the configuration, and removes their secrets.
//!
//! Invariant: an account that cannot be written leaves nothing behind, and no error here holds a secret.

use crate::config::{
    self, AccountSettings, ConfigError, Environment, Overrides, SecretField, SecretSource, SecretStorage, Settings,
};
use std::path::Path;

/// Writes an account into the configuration file. Secrets that stand in it in clear go to the first of `storages` that
/// takes them; without any they stay in the file. When the account cannot be written, they are removed again. Returns
/// the account as it was written. Blocks.
pub(crate) fn add(
    config_file: &Path,
    mut settings: AccountSettings,
    storages: &[SecretStorage],
) -> Result<AccountSettings, ConfigError> {
    // Before any secret is stored: it would overwrite the other account's.
    check_name_is_free(config_file, &settings)?;
    let mut stored = Vec::new();
    let written = store_secrets(config_file, &mut settings, storages, &mut stored)
        .and_then(|()| config::add_account(config_file, &settings));
    match written {
        Ok(()) => Ok(settings),
        Err(error) => {
            for field in stored {
                if let Some(Err(error)) = discard_secret(config_file, &settings, field) {
                    tracing::warn!(account = %settings.name, %error, "a secret that is not needed could not be removed");
                }
            }
            Err(error)
        }
    }
}

/// What became of the secrets that Loket stored for a removed account.
#[derive(Debug, Default)]
pub(crate) struct RemovedAccount {
    pub(crate) deleted: Vec<SecretField>,
    pub(crate) errors: Vec<ConfigError>,
}

/// Removes an account, valid or not, from the configuration, with the secrets that Loket stored for it. Its
/// conversations stay. Blocks.
pub(crate) fn remove(config_file: &Path, settings: &Settings, name: &str) -> Result<RemovedAccount, ConfigError> {
    if !settings.invalid_accounts.iter().any(|account| account.name == name) {
        settings.account(name)?;
    }
    config::remove_account(config_file, name)?;
    let mut removed = RemovedAccount::default();
    if let Some(account) = settings.accounts.iter().find(|account| account.name.as_str() == name) {
        for field in SecretField::ALL {
            match discard_secret(config_file, account, field) {
                Some(Ok(true)) => removed.deleted.push(field),
                Some(Err(error)) => removed.errors.push(error),
                // The person stores it elsewhere, or there is none.
                Some(Ok(false)) | None => {}
            }
        }
    }
    Ok(removed)
}

fn check_name_is_free(config_file: &Path, settings: &AccountSettings) -> Result<(), ConfigError> {
    let text = match std::fs::read_to_string(config_file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(ConfigError::new("", format!("cannot be read: {error}")).in_file(config_file));
        }
    };
    let known = Settings::from_text(&text, config_file, &Overrides::default(), &Environment::of([]))?;
    let name = settings.name.as_str();
    let taken = known.accounts.iter().any(|other| other.name == settings.name)
        || known.invalid_accounts.iter().any(|other| other.name == name);
    if taken {
        return Err(settings.error("name", "there is an account of this name already; choose another one"));
    }
    Ok(())
}

fn store_secrets(
    file: &Path,
    settings: &mut AccountSettings,
    storages: &[SecretStorage],
    stored: &mut Vec<SecretField>,
) -> Result<(), ConfigError> {
    for field in SecretField::ALL {
        let Some(SecretSource::Plain(secret)) = source(settings, field).cloned() else { continue };
        let mut result = None;
        for storage in storages {
            let attempt = config::store_secret(*storage, file, &settings.name, field, &secret);
            let done = attempt.is_ok();
            result = Some(attempt);
            if done {
                break;
            }
        }
        if let Some(new) = result.transpose()? {
            if let Some(source) = source_mut(settings, field) {
                *source = new;
            }
            stored.push(field);
        }
    }
    Ok(())
}

fn discard_secret(file: &Path, settings: &AccountSettings, field: SecretField) -> Option<Result<bool, ConfigError>> {
    source(settings, field).map(|source| config::discard_secret(source, file, &settings.name, field))
}

fn source(settings: &AccountSettings, field: SecretField) -> Option<&SecretSource> {
    match field {
        SecretField::ApiKey => Some(&settings.api_key),
        SecretField::WebhookSecret => settings.webhook_secret.as_ref(),
        SecretField::PreviousWebhookSecret => settings.previous_webhook_secret.as_ref(),
    }
}

fn source_mut(settings: &mut AccountSettings, field: SecretField) -> Option<&mut SecretSource> {
    match field {
        SecretField::ApiKey => Some(&mut settings.api_key),
        SecretField::WebhookSecret => settings.webhook_secret.as_mut(),
        SecretField::PreviousWebhookSecret => settings.previous_webhook_secret.as_mut(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountName, Secret};

    fn settings(name: &str) -> AccountSettings {
        let plain = |text: &str| SecretSource::Plain(Secret::new(text));
        let mut settings = AccountSettings::new(AccountName::new(name).unwrap(), "chatera", plain("kunci"));
        settings.webhook_secret = Some(plain("rahasia"));
        settings
    }

    #[test]
    fn typed_secrets_are_stored_apart_from_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let stored = add(&file, settings("toko"), &[SecretStorage::File]).unwrap();
        let environment = Environment::of([]);
        assert!(stored.secrets(&environment).unwrap().api_key.matches("kunci"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("secrets/toko.api_key") && !text.contains("kunci") && !text.contains("rahasia"));
    }

    #[test]
    fn without_a_storage_they_stay_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        add(&file, settings("toko"), &[]).unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().contains("api_key = \"kunci\""));
        assert!(!dir.path().join("secrets").exists());
    }

    #[test]
    fn an_account_that_cannot_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        // Accounts in another form than people write them cannot be added to.
        let before = "account = []\n";
        std::fs::write(&file, before).unwrap();
        let error = add(&file, settings("toko"), &[SecretStorage::File]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("kunci"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
        let left: Vec<_> = std::fs::read_dir(dir.path().join("secrets")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn the_secrets_of_an_account_of_the_same_name_are_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let first = add(&file, settings("toko"), &[SecretStorage::File]).unwrap();
        let mut second = settings("toko");
        second.api_key = SecretSource::Plain(Secret::new("lain"));
        assert!(add(&file, second, &[SecretStorage::File]).unwrap_err().to_string().contains("already"));
        assert!(first.secrets(&Environment::of([])).unwrap().api_key.matches("kunci"));
    }
}
