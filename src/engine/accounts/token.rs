//! Webhook URLs: their paths, and the tokens that make them unguessable.
use crate::config::{AccountSettings, ConfigError};
use crate::domain::{AccountName, AccountSetupError, Secret};
use crate::store::Store;

/// The path of an account's webhook URL, `/webhooks/NAME/TOKEN`.
pub(crate) fn webhook_path(name: &AccountName, token: &Secret) -> String {
    format!("/webhooks/{name}/{}", token.expose())
}

/// The URL to which the gateway posts acknowledgements of an account's messages.
pub(crate) fn acknowledgement_url(public_url: &str, name: &AccountName, token: &Secret) -> String {
    format!("{}{}/ack", public_url.trim_end_matches('/'), webhook_path(name, token))
}

/// 160 random bits as 40 hexadecimal digits.
pub(crate) fn new_token() -> Result<String, String> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|e| format!("the system's random source failed: {e}"))?;
    Ok(hex::encode(bytes))
}

/// The token of an account's webhook URL: the fixed one of the configuration, else the store's, else a new one, which
/// is stored. Blocks.
pub(crate) fn ensure_token(settings: &AccountSettings, store: &Store) -> Result<Secret, AccountSetupError> {
    let known = store.account(&settings.name)?;
    if let Some(fixed) = &settings.webhook_token {
        match known {
            Some(row) if fixed.matches(&row.token) => {}
            Some(_) => store.set_token(&settings.name, fixed.expose()).wait()?,
            None => drop(store.ensure_account(&settings.name, &settings.provider, fixed.expose()).wait()?),
        }
        return Ok(fixed.clone());
    }
    if let Some(row) = known {
        return Ok(Secret::new(&row.token));
    }
    let fresh = new_token().map_err(|reason| settings.error("", reason))?;
    let row = store.ensure_account(&settings.name, &settings.provider, &fresh).wait()?;
    Ok(Secret::new(&row.token))
}

/// Replaces an account's token: the old URL is refused from then on, also by a running engine. Blocks.
pub(crate) fn rotate_token(settings: &AccountSettings, store: &Store) -> Result<Secret, AccountSetupError> {
    if settings.webhook_token.is_some() {
        let message = "the configuration fixes this account's token; change or remove it there";
        return Err(settings.error("webhook_token", message).into());
    }
    ensure_token(settings, store)?;
    let fresh = new_token().map_err(|reason| settings.error("", reason))?;
    store.set_token(&settings.name, &fresh).wait()?;
    Ok(Secret::new(&fresh))
}

impl From<ConfigError> for AccountSetupError {
    fn from(error: ConfigError) -> Self {
        AccountSetupError::Settings(error.to_string())
    }
}
