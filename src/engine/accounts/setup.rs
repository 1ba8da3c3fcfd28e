//! New accounts: tried at their gateway, kept in the configuration, and at work at once.
//!
//! Invariant: an account that its gateway refuses, or that could not be loaded again, leaves nothing behind, and no
//! error here holds a secret.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::probe::{Probed, probe};
use super::registry as account_registry;
use crate::config;
use crate::config::{
    AccountSettings, ConfigError, Environment, Overrides, SecretField, SecretSource, SecretStorage, Settings,
    keyring_available,
};
use crate::domain::Failure;
use crate::engine::client::Client;
use crate::engine::outbound::http::Http;
use crate::providers::{Manifest, registry};
use crate::store::StoreError;

pub use crate::providers::{Field, LoginMethod};

/// Where new accounts are written, and how gateways reach this machine.
#[derive(Debug, Clone)]
pub struct AccountSetup {
    /// The configuration file; need not exist.
    pub config_file: PathBuf,
    /// The environment, for secrets.
    pub environment: Environment,
    /// The listener's public URL, where one is known at the start.
    pub public_url: Option<String>,
    /// Where the listener is meant to be.
    pub bind: SocketAddr,
}

/// What a form needs to know before an account can be added.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Every gateway, in the order in which people are offered them.
    pub gateways: Vec<&'static Manifest>,
    /// Names that are taken.
    pub taken: Vec<String>,
    /// Where secrets can be kept apart from the configuration, the better place first.
    pub places: Vec<SecretStorage>,
}

/// An account that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedAccount {
    /// The gateway accepted the key; `false`: it has no harmless request that would tell, or was not asked.
    pub key_accepted: bool,
    /// The URL that the gateway is to be told.
    pub webhook_url: String,
    /// Gateways reach that URL from anywhere; `false`: it is one of this machine only.
    pub reachable: bool,
}

/// Why an account was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountSetupError {
    /// Settings that cannot be used or written.
    #[error("{0}")]
    Config(ConfigError),
    /// The gateway refuses the key.
    #[error("the gateway refuses the key: {}", .0.message)]
    Refused(Failure),
    /// The gateway did not say whether it accepts the key.
    #[error("the gateway did not answer: {}", .0.message)]
    Untried(Failure),
    /// Something else; in words.
    #[error("{0}")]
    Failed(String),
}

impl From<StoreError> for AccountSetupError {
    fn from(error: StoreError) -> Self {
        AccountSetupError::Failed(error.to_string())
    }
}

impl Client {
    /// What a form needs to know. `None`: accounts are not added here. Blocks: the keyring is asked whether it is there.
    pub fn choices(&self) -> Option<Choices> {
        self.office()?;
        let keyring = keyring_available().is_ok().then_some(SecretStorage::Keyring);
        Some(Choices {
            gateways: registry::ALL.iter().map(|provider| provider.manifest()).collect(),
            taken: self.taken(),
            places: keyring.into_iter().chain([SecretStorage::File]).collect(),
        })
    }

    /// Names of accounts that work here or are broken. A name that was written into the file meanwhile is found when
    /// the account is kept.
    fn taken(&self) -> Vec<String> {
        let here = self.roster().members().into_iter().map(|member| member.name().to_string());
        here.chain(self.roster().broken().into_iter().map(|broken| broken.name)).collect()
    }

    /// Tries the key, keeps the account and lets it work. Secrets that stand in `settings` in clear go to the first
    /// of `places` that takes them, or stay in clear without any place. `untried`: the gateway is not asked.
    pub async fn add_account(
        &self,
        settings: AccountSettings,
        places: Vec<SecretStorage>,
        untried: bool,
    ) -> Result<AddedAccount, AccountSetupError> {
        let Some(office) = self.office().cloned() else {
            return Err(AccountSetupError::Failed("accounts cannot be added here".to_owned()));
        };
        let key_accepted = !untried && try_key(&office, &settings).await?;
        let roster = self.roster().clone();
        let store = self.store().clone();
        let at_work = {
            let office = office.clone();
            blocking(move || {
                let kept = keep(&office.config_file, settings, &places).map_err(AccountSetupError::Config)?;
                let url = office.public_url.as_deref();
                roster.admit(&kept, url, &office.environment, &store)?.map_err(AccountSetupError::Config)
            })
            .await?
        };
        let (webhook_url, reachable) = self.webhook_url(&at_work.webhook_path());
        Ok(AddedAccount { key_accepted, webhook_url, reachable })
    }

    /// The URL of a webhook path, and whether it is reached from outside this machine: by a tunnel, else by the public
    /// URL, else only at the listener's own address.
    pub fn webhook_url(&self, path: &str) -> (String, bool) {
        let public = self.roster().reached_at().or_else(|| self.office()?.public_url.clone());
        if let Some(url) = public {
            return (format!("{}{path}", url.trim_end_matches('/')), true);
        }
        let here = self.place().listener.or_else(|| Some(self.office()?.bind));
        (here.map_or_else(|| path.to_owned(), |address| format!("http://{address}{path}")), false)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AccountSetupError> + Send + 'static,
) -> Result<T, AccountSetupError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => {
            Err(AccountSetupError::Failed("stopped on a defect; the log in the data directory says where".to_owned()))
        }
    }
}

/// Whether the gateway said that it accepts the key; `false` when it has no request that would tell.
async fn try_key(office: &Arc<AccountSetup>, settings: &AccountSettings) -> Result<bool, AccountSetupError> {
    let member = {
        let (office, settings) = (office.clone(), settings.clone());
        blocking(move || account_registry::candidate(&settings, &office.environment).map_err(AccountSetupError::Config))
            .await?
    };
    let http = Http::new().map_err(AccountSetupError::Failed)?;
    match probe(&http, &member).await {
        Probed::Accepted { .. } => Ok(true),
        Probed::Untold => Ok(false),
        Probed::Refused(failure) => Err(AccountSetupError::Refused(failure)),
        Probed::Failed(failure) => Err(AccountSetupError::Untried(failure)),
    }
}

/// Writes an account into the configuration file. Secrets that stand in it in clear go to the first of `places` that
/// takes them; without any place they stay in the file. When the account cannot be written, they are removed again.
/// Returns the account as it was written. Blocks.
pub fn keep(
    config_file: &Path,
    mut settings: AccountSettings,
    places: &[SecretStorage],
) -> Result<AccountSettings, ConfigError> {
    // Before any secret is kept: it would take the place of the other account's.
    refuse_taken(config_file, &settings)?;
    let mut kept = Vec::new();
    let outcome = keep_secrets(config_file, &mut settings, places, &mut kept)
        .and_then(|()| config::add_account(config_file, &settings));
    match outcome {
        Ok(()) => Ok(settings),
        Err(error) => {
            for field in kept {
                discard(config_file, &settings, field);
            }
            Err(error)
        }
    }
}

fn refuse_taken(config_file: &Path, settings: &AccountSettings) -> Result<(), ConfigError> {
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

fn keep_secrets(
    file: &Path,
    settings: &mut AccountSettings,
    places: &[SecretStorage],
    kept: &mut Vec<SecretField>,
) -> Result<(), ConfigError> {
    for field in SecretField::ALL {
        let Some(SecretSource::Plain(secret)) = source(settings, field).cloned() else { continue };
        let mut stored = None;
        for place in places {
            let attempt = config::store_secret(*place, file, &settings.name, field, &secret);
            let done = attempt.is_ok();
            stored = Some(attempt);
            if done {
                break;
            }
        }
        if let Some(stored) = stored.transpose()? {
            if let Some(place) = source_mut(settings, field) {
                *place = stored;
            }
            kept.push(field);
        }
    }
    Ok(())
}

fn discard(file: &Path, settings: &AccountSettings, field: SecretField) {
    if let Some(source) = source(settings, field)
        && let Err(error) = config::discard_secret(source, file, &settings.name, field)
    {
        tracing::warn!(account = %settings.name, %error, "a secret that is not needed could not be removed");
    }
}

/// Where a secret of an account comes from.
pub fn source(settings: &AccountSettings, field: SecretField) -> Option<&SecretSource> {
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
    fn typed_secrets_are_kept_apart_from_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let kept = keep(&file, settings("toko"), &[SecretStorage::File]).unwrap();
        let environment = Environment::of([]);
        assert!(kept.secrets(&environment).unwrap().api_key.matches("kunci"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("secrets/toko.api_key") && !text.contains("kunci") && !text.contains("rahasia"));
    }

    #[test]
    fn without_a_place_they_stay_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        keep(&file, settings("toko"), &[]).unwrap();
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
        let error = keep(&file, settings("toko"), &[SecretStorage::File]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("kunci"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
        let left: Vec<_> = std::fs::read_dir(dir.path().join("secrets")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn the_secrets_of_an_account_of_the_same_name_are_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let first = keep(&file, settings("toko"), &[SecretStorage::File]).unwrap();
        let mut second = settings("toko");
        second.api_key = SecretSource::Plain(Secret::new("lain"));
        assert!(keep(&file, second, &[SecretStorage::File]).unwrap_err().to_string().contains("already"));
        assert!(first.secrets(&Environment::of([])).unwrap().api_key.matches("kunci"));
    }
}
