//! New accounts: tried at their gateway, kept in the configuration, and at work at once.
//!
//! Invariant: an account that its gateway refuses, or that could not be loaded again, leaves nothing behind, and no
//! error here holds a secret.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::clock;
use super::desk::Desk;
use super::http::Http;
use super::probe::{Probed, probe};
use super::roster;
use crate::config::{
    self, AccountSettings, ConfigError, Environment, SecretField, SecretPlace, SecretSource, keyring_there,
};
use crate::domain::Failure;
use crate::providers::{Manifest, registry};
use crate::store::StoreError;

pub use crate::providers::{Field, LoginWay};

/// Where new accounts are written, and how gateways reach this machine.
#[derive(Debug, Clone)]
pub struct Office {
    /// The configuration file; need not exist.
    pub config_file: PathBuf,
    /// The environment, for secrets.
    pub environment: Environment,
    /// The listener's public URL, where one is set.
    pub public_url: Option<String>,
}

/// What a form needs to know before an account can be added.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Every gateway, in the order in which people are offered them.
    pub gateways: Vec<&'static Manifest>,
    /// Names that are taken.
    pub taken: Vec<String>,
    /// Where secrets can be kept apart from the configuration, the better place first.
    pub places: Vec<SecretPlace>,
}

/// An account that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The gateway accepted the key; `false`: it has no harmless request that would tell, or was not asked.
    pub key_accepted: bool,
    /// The URL that the gateway is to be told.
    pub webhook_url: String,
    /// Gateways reach that URL from anywhere; `false`: it is one of this machine only.
    pub reachable: bool,
}

/// Why an account was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
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

impl From<StoreError> for EnrolError {
    fn from(error: StoreError) -> Self {
        EnrolError::Failed(error.to_string())
    }
}

impl Desk {
    /// What a form needs to know. `None`: accounts are not added here. Blocks: the keyring is asked whether it is there.
    pub fn choices(&self) -> Option<Choices> {
        self.office()?;
        let keyring = keyring_there().is_ok().then_some(SecretPlace::Keyring);
        Some(Choices {
            gateways: registry::ALL.iter().map(|provider| provider.manifest()).collect(),
            taken: self.taken(),
            places: keyring.into_iter().chain([SecretPlace::File]).collect(),
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
    pub async fn enrol(
        &self,
        settings: AccountSettings,
        places: Vec<SecretPlace>,
        untried: bool,
    ) -> Result<Enrolled, EnrolError> {
        let Some(office) = self.office().cloned() else {
            return Err(EnrolError::Failed("accounts cannot be added here".to_owned()));
        };
        let key_accepted = !untried && try_key(&office, &settings).await?;
        let roster = self.roster().clone();
        let store = self.store().clone();
        let at_work = {
            let office = office.clone();
            blocking(move || {
                let kept = keep(&office.config_file, settings, &places).map_err(EnrolError::Config)?;
                let url = office.public_url.as_deref();
                let now = clock::now();
                roster.admit(&kept, url, &office.environment, &store, now)?.map_err(EnrolError::Config)
            })
            .await?
        };
        let (webhook_url, reachable) = self.webhook_url(&at_work.webhook_path());
        Ok(Enrolled { key_accepted, webhook_url, reachable })
    }

    /// The URL of a webhook path, and whether it is reached from outside this machine. Without an office the listener's
    /// own address is all that is known.
    pub fn webhook_url(&self, path: &str) -> (String, bool) {
        let here = self.place().listener.map(|address| format!("http://{address}"));
        match self.office().and_then(|office| office.public_url.as_deref()) {
            Some(url) => (format!("{}{path}", url.trim_end_matches('/')), true),
            None => (format!("{}{path}", here.unwrap_or_default()), false),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EnrolError> + Send + 'static,
) -> Result<T, EnrolError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(EnrolError::Failed("stopped on a defect; the log in the data directory says where".to_owned())),
    }
}

/// Whether the gateway said that it accepts the key; `false` when it has no request that would tell.
async fn try_key(office: &Arc<Office>, settings: &AccountSettings) -> Result<bool, EnrolError> {
    let member = {
        let (office, settings) = (office.clone(), settings.clone());
        blocking(move || roster::candidate(&settings, &office.environment).map_err(EnrolError::Config)).await?
    };
    let http = Http::new().map_err(EnrolError::Failed)?;
    match probe(&http, &member).await {
        Probed::Accepted { .. } => Ok(true),
        Probed::Untold => Ok(false),
        Probed::Refused(failure) => Err(EnrolError::Refused(failure)),
        Probed::Failed(failure) => Err(EnrolError::Untried(failure)),
    }
}

/// Writes an account into the configuration file. Secrets that stand in it in clear go to the first of `places` that
/// takes them; without any place they stay in the file. When the account cannot be written, they are removed again.
/// Returns the account as it was written. Blocks.
pub fn keep(
    config_file: &Path,
    mut settings: AccountSettings,
    places: &[SecretPlace],
) -> Result<AccountSettings, ConfigError> {
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

fn keep_secrets(
    file: &Path,
    settings: &mut AccountSettings,
    places: &[SecretPlace],
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
