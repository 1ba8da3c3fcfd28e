//! Accounts: what is known of them, adding, removing, and their webhook URLs.
use super::{Client, Shared};
use crate::config::{self, AccountSettings, ConfigError, Environment, SecretStorage};
use crate::domain::{
    Account, AccountName, AccountSetupError, AccountStatus, AddedAccount, Channel, InvalidAccount, QueryError,
    RequestUsage, SessionState, StoreError, Timestamp,
};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::accounts::key_check::{KeyCheck, check_key};
use crate::engine::accounts::setup;
use crate::engine::accounts::token::{self, ensure_token, webhook_path};
use crate::engine::accounts::validate::validate;
use crate::engine::outbound::http::Http;
use crate::engine::{clock, engine_status, lock, tunnel};
use crate::providers::{Manifest, registry};
use crate::store::StoredAccount;
use std::time::Duration;

/// Milliseconds of the past in which missing acknowledgements are looked for.
const SILENCE_WITHIN: i64 = 24 * 3_600_000;

/// How long a new account waits for the engine beside this process.
const ENGINE_WAIT: Duration = Duration::from_secs(5);
const ENGINE_POLL: Duration = Duration::from_millis(20);

/// What a form for a new account offers.
#[derive(Debug, Clone)]
pub struct SetupOptions {
    /// Every gateway, in the order in which people are offered them.
    pub gateways: Vec<&'static Manifest>,
    /// Names that other accounts have.
    pub taken: Vec<String>,
    /// Where secrets can be stored apart from the configuration, the better place first.
    pub storages: Vec<SecretStorage>,
}

/// An account of the configuration, whether it can be used or not.
pub(crate) struct AccountDetails {
    pub account: Account,
    /// Its gateway and its base URL there; `None` when the settings do not fit the gateway.
    pub gateway: Option<(&'static Manifest, String)>,
    /// Why it cannot be used.
    pub error: Option<ConfigError>,
}

impl Client {
    /// Every usable account, in the configuration's order.
    pub fn accounts(&self) -> Result<Vec<AccountStatus>, StoreError> {
        self.registry().accounts().iter().map(|account| self.account_status(account)).collect()
    }

    /// Every account that cannot be used.
    pub fn invalid_accounts(&self) -> Vec<InvalidAccount> {
        self.registry().invalid()
    }

    /// A usable account with its status.
    pub fn account(&self, name: &AccountName) -> Result<AccountStatus, QueryError> {
        let account = self.registry().get(name)?;
        Ok(self.account_status(&account)?)
    }

    fn account_status(&self, account: &ConfiguredAccount) -> Result<AccountStatus, StoreError> {
        let now = clock::now();
        let health = self.store().account(account.name())?.map(|row| row.health).unwrap_or_default();
        let webhook_path = account.webhook_path();
        let since = Timestamp(now.0.saturating_sub(SILENCE_WITHIN));
        let acknowledges = account.capabilities.receipts;
        Ok(AccountStatus {
            webhook_url: self.webhook_url(&webhook_path).0,
            silent_since: if acknowledges { self.store().unacknowledged_since(account.name(), since)? } else { None },
            account: Account {
                name: account.name().clone(),
                provider: account.manifest().id.to_owned(),
                mode: account.profile.mode.map(str::to_owned),
                channel: account.profile.channel,
                state: health.state,
                since: health.since,
                last_event_at: health.last_event_at,
                notice: health.notice,
                webhook_path,
            },
            provider_name: account.manifest().name,
            capabilities: account.capabilities.clone(),
            detail: health.detail,
            usage: RequestUsage {
                used: self.store().requests_used(account.name(), now)?,
                per_minute: account.limit.per_minute,
            },
            paused_until: self.store().requests_paused_until(account.name(), now)?,
        })
    }

    /// An account of the configuration. Blocks: secrets are resolved to see whether they can be.
    pub(crate) fn account_details(&self, settings: &AccountSettings) -> Result<AccountDetails, AccountSetupError> {
        let token = ensure_token(settings, self.store())?;
        let health = self.store().account(&settings.name)?.map(|row| row.health).unwrap_or_default();
        let valid = validate(settings);
        let secrets = settings.secrets(&self.shared.environment);
        let error = valid.as_ref().err().or(secrets.as_ref().err()).cloned();
        let valid = valid.ok();
        let usable = valid.as_ref().filter(|_| error.is_none());
        let account = Account {
            name: settings.name.clone(),
            provider: settings.provider.clone(),
            mode: usable.and_then(|valid| valid.mode).map(str::to_owned).or_else(|| settings.mode.clone()),
            channel: usable.map(|valid| valid.channel).or(settings.channel).unwrap_or(Channel::WhatsApp),
            state: if error.is_none() { health.state } else { SessionState::Broken },
            since: health.since,
            last_event_at: health.last_event_at,
            notice: health.notice,
            webhook_path: webhook_path(&settings.name, &token),
        };
        let gateway = valid.map(|valid| (valid.provider.manifest(), valid.base_url));
        Ok(AccountDetails { account, gateway, error })
    }

    /// What the store has of an account, also of one that has left the configuration.
    pub(crate) fn stored_account(&self, name: &AccountName) -> Result<Option<StoredAccount>, StoreError> {
        self.store().account(name)
    }

    /// What a form for a new account offers; `None` where none can be added. Blocks: the keyring is looked for.
    pub fn setup_options(&self) -> Option<SetupOptions> {
        if self.process().sandbox {
            return None;
        }
        let keyring = config::keyring_available().is_ok().then_some(SecretStorage::Keyring);
        let usable = self.registry().accounts().into_iter().map(|account| account.name().to_string());
        let invalid = self.registry().invalid().into_iter().map(|account| account.name);
        Some(SetupOptions {
            gateways: registry::ALL.iter().map(|provider| provider.manifest()).collect(),
            taken: usable.chain(invalid).collect(),
            storages: keyring.into_iter().chain([SecretStorage::File]).collect(),
        })
    }

    /// Adds an account to the configuration and starts using it. Secrets that stand in `settings` in clear go to the
    /// first of `storages` that takes them, or stay in clear without any. With `check`, nothing is written unless the
    /// gateway accepts the key or has no request that would tell.
    pub async fn add_account(
        &self,
        settings: AccountSettings,
        storages: &[SecretStorage],
        check: bool,
    ) -> Result<AddedAccount, AccountSetupError> {
        if self.process().sandbox {
            return Err(AccountSetupError::Unavailable);
        }
        validate(&settings)?;
        let key_accepted =
            check && check_new_account(self.http(), settings.clone(), self.shared.environment.clone()).await?;
        let (client, storages) = (self.clone(), storages.to_vec());
        let added = blocking(move || {
            let Shared { paths, environment, store, registry, .. } = &*client.shared;
            let settings = setup::add(&paths.config_file, settings, &storages)?;
            let token = ensure_token(&settings, store)?;
            registry.add(&settings, client.public_url().as_deref(), environment, store)?;
            let (webhook_url, reachable) = client.webhook_url(&webhook_path(&settings.name, &token));
            Ok(AddedAccount { key_accepted, webhook_url, reachable })
        });
        let added = added.await?;
        self.wait_for_engine().await;
        Ok(added)
    }

    /// Waits until an engine beside this process has taken the configuration over, so that it receives for a new
    /// account before the person pastes its URL; not for long, for an older engine never says so.
    async fn wait_for_engine(&self) {
        let Some(pid) = lock::running(self.data_dir()).and_then(|pid| pid.parse().ok()) else { return };
        let file = config::fingerprint(self.config_file());
        let taken = async {
            while engine_status::read(self.data_dir(), pid).is_some_and(|engine| engine.config != file) {
                tokio::time::sleep(ENGINE_POLL).await;
            }
        };
        // It says itself why it cannot.
        let _ = tokio::time::timeout(ENGINE_WAIT, taken).await;
    }

    /// Replaces the token of an account's webhook URL; the old URL is refused from then on. Returns the new path.
    /// Blocks.
    pub(crate) fn rotate_token(&self, name: &str) -> Result<String, AccountSetupError> {
        let known = self.settings();
        let settings = known.account(name)?;
        let token = token::rotate_token(settings, self.store())?;
        Ok(webhook_path(&settings.name, &token))
    }

    /// The webhook path of an account, whose secrets need not be readable. Blocks.
    pub fn webhook_path(&self, name: &str) -> Result<String, AccountSetupError> {
        let known = self.settings();
        let settings = known.account(name)?;
        Ok(webhook_path(&settings.name, &ensure_token(settings, self.store())?))
    }

    /// The requests per minute that are set for an account and that its gateway documents, when more are set.
    pub(crate) fn exceeded_pace(&self, name: &AccountName) -> Option<(u32, u32)> {
        self.registry().find(name.as_str())?.exceeded_pace()
    }

    /// The URL of a webhook path, and whether it is reached from outside this machine: by a tunnel, else by the public
    /// URL, else only at the listener's own address.
    pub fn webhook_url(&self, path: &str) -> (String, bool) {
        if let Some(url) = self.public_url() {
            return (format!("{}{path}", url.trim_end_matches('/')), true);
        }
        let address = self.listener(&self.process()).unwrap_or(self.settings().listener.bind);
        (format!("http://{address}{path}"), false)
    }

    /// A tunnel made the listener reachable at `url`: it is stored for other processes, and is given to gateways.
    /// Returns whether the tunnel had another URL before, so that the webhook URLs must be pasted again. Blocks.
    pub(crate) fn set_tunnel_url(&self, url: &str) -> std::io::Result<bool> {
        let moved = tunnel::last_url(self.data_dir()).is_some_and(|before| before != url);
        self.registry().set_tunnel_url(url, moved);
        self.change_engine_status(|engine| {
            engine.tunnel_url = Some(url.to_owned());
            engine.moved |= moved;
        });
        // The screen shows where the listener is reached.
        self.notifier().notify();
        tunnel::store_url(self.data_dir(), url)?;
        Ok(moved)
    }

    /// Under which address gateways can fetch files of this process; the error is the code of what is missing.
    pub(crate) fn media_address(&self) -> Result<String, &'static str> {
        let address = self.public_url().ok_or("link_no_public_url")?;
        self.process().listener.map(|_| address).ok_or("link_no_listener")
    }

    /// How gateways reach the listener. Another process than the engine's knows of a tunnel only what the engine wrote
    /// down.
    fn public_url(&self) -> Option<String> {
        let settings = self.settings();
        let listener = &settings.listener;
        let stored = || listener.tunnel.as_ref().and_then(|_| tunnel::last_url(self.data_dir()));
        self.registry().tunnel_url().or_else(stored).or_else(|| listener.public_url.clone())
    }
}

/// Whether the gateway accepts the key of an account that is not in the configuration yet; `false` when it has no request
/// that would tell. Writes nothing.
pub(crate) async fn check_new_account(
    http: &Http,
    settings: AccountSettings,
    environment: Environment,
) -> Result<bool, AccountSetupError> {
    let candidate = blocking(move || Ok(ConfiguredAccount::candidate(&settings, &environment)?)).await?;
    match check_key(http, None, &candidate).await {
        KeyCheck::Accepted { .. } => Ok(true),
        KeyCheck::Unsupported => Ok(false),
        KeyCheck::Refused(failure) => Err(AccountSetupError::KeyRefused(failure)),
        KeyCheck::Failed(failure) => Err(AccountSetupError::KeyUnchecked(failure)),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AccountSetupError> + Send + 'static,
) -> Result<T, AccountSetupError> {
    let crashed = "stopped on a defect; the log in the data directory says where";
    let joined = tokio::task::spawn_blocking(work).await;
    joined.unwrap_or_else(|_| Err(AccountSetupError::Settings(crashed.to_owned())))
}
