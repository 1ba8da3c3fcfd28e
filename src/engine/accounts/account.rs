//! An account that can be used: gateway found, secrets resolved, webhook token known.
use super::token::{acknowledgement_url, ensure_token, webhook_path};
use super::validate::{ValidSettings, validate};
use crate::config::{AccountSecrets, AccountSettings, ConfigError, Environment, RuleSettings};
use crate::domain::{AccountName, AccountSetupError, Capabilities, Secret};
use crate::providers::{Manifest, Profile, Provider, RateLimit};
use crate::store::{RequestLimit, Store};
use std::sync::{PoisonError, RwLock};

/// An account that can be used.
pub struct ConfiguredAccount {
    pub provider: &'static dyn Provider,
    /// Its part of the configuration, secrets unresolved.
    pub(super) settings: AccountSettings,
    /// Its settings, secrets resolved.
    pub profile: Profile,
    pub capabilities: Capabilities,
    /// Its automatic replies, in the order in which they are tried.
    pub rules: Vec<RuleSettings>,
    /// The random part of its webhook URL; it may be replaced while the engine runs.
    token: RwLock<Secret>,
    /// Where acknowledgements go; unlike the rest of the profile it may change while the engine runs.
    acknowledgement_url: RwLock<Option<String>>,
    /// How many requests it may make in a minute: by its gateway's documents, or its own setting.
    pub limit: RequestLimit,
}

impl ConfiguredAccount {
    /// Makes an account of the configuration ready. `public_url` is where gateways reach the listener. Blocks: secrets
    /// may come from programs and the keyring.
    pub(crate) fn prepare(
        settings: &AccountSettings,
        public_url: Option<&str>,
        environment: &Environment,
        store: &Store,
    ) -> Result<Self, AccountSetupError> {
        let valid = validate(settings)?;
        let secrets = settings.secrets(environment)?;
        let token = ensure_token(settings, store)?;
        Ok(Self::new(settings, valid, secrets, token, public_url))
    }

    /// An account that is not in the configuration yet, for checking its key: it has no webhook URL and is not in the
    /// store. Blocks while a secret is read from a file, a command or the keyring.
    pub fn candidate(settings: &AccountSettings, environment: &Environment) -> Result<Self, ConfigError> {
        let valid = validate(settings)?;
        let secrets = settings.secrets(environment)?;
        Ok(Self::new(settings, valid, secrets, Secret::new(""), None))
    }

    /// An account that can only read events: it has no key.
    pub(crate) fn without_secrets(settings: &AccountSettings) -> Result<Self, ConfigError> {
        let secrets = AccountSecrets { api_key: Secret::new(""), webhook_secrets: Vec::new() };
        Ok(Self::new(settings, validate(settings)?, secrets, Secret::new(""), None))
    }

    fn new(
        settings: &AccountSettings,
        valid: ValidSettings,
        secrets: AccountSecrets,
        token: Secret,
        public_url: Option<&str>,
    ) -> Self {
        let manifest = valid.provider.manifest();
        let public_url = public_url.filter(|_| manifest.has_ack_url);
        let profile = Profile {
            account: settings.name.clone(),
            base_url: valid.base_url,
            mode: valid.mode,
            session: settings.session.clone(),
            channel: valid.channel,
            api_key: secrets.api_key,
            webhook_secrets: secrets.webhook_secrets,
            allow_unsigned: settings.allow_unsigned,
            window: valid.window,
            notify_url: public_url.map(|url| acknowledgement_url(url, &settings.name, &token)),
        };
        ConfiguredAccount {
            provider: valid.provider,
            settings: settings.clone(),
            capabilities: valid.provider.capabilities(&profile),
            acknowledgement_url: RwLock::new(profile.notify_url.clone()),
            profile,
            token: RwLock::new(token),
            rules: settings.rules.clone(),
            limit: request_limit(manifest.rate_limit, settings.requests_per_minute),
        }
    }

    /// The account's name in the configuration.
    pub fn name(&self) -> &AccountName {
        &self.profile.account
    }

    /// What is fixed about its gateway.
    pub fn manifest(&self) -> &'static Manifest {
        self.provider.manifest()
    }

    /// The profile for a send that begins now.
    pub(crate) fn current_profile(&self) -> Profile {
        let notify_url = self.acknowledgement_url.read().unwrap_or_else(PoisonError::into_inner).clone();
        Profile { notify_url, ..self.profile.clone() }
    }

    /// The path of its webhook URL, `/webhooks/NAME/TOKEN`.
    pub fn webhook_path(&self) -> String {
        webhook_path(self.name(), &self.token())
    }

    /// The random part of its webhook URL.
    pub(crate) fn token(&self) -> Secret {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Uses the token that the store has now: the old URL is refused from here on, and gateways are given the new one.
    pub(crate) fn set_token(&self, token: &str) {
        let old = self.token();
        if old.matches(token) {
            return;
        }
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = Secret::new(token);
        let mut url = self.acknowledgement_url.write().unwrap_or_else(PoisonError::into_inner);
        *url = url.as_ref().map(|url| url.replace(old.expose(), token));
    }

    /// Gateways reach the listener at this URL now.
    pub(crate) fn set_public_url(&self, public_url: Option<&str>) {
        if self.manifest().has_ack_url {
            let url = public_url.map(|url| acknowledgement_url(url, self.name(), &self.token()));
            *self.acknowledgement_url.write().unwrap_or_else(PoisonError::into_inner) = url;
        }
    }

    /// The requests per minute that are set and that the gateway documents, when more are set: numbers are blocked for
    /// less.
    pub(crate) fn exceeded_pace(&self) -> Option<(u32, u32)> {
        let (RateLimit::Requests(documented) | RateLimit::Sends(documented)) = self.manifest().rate_limit;
        let set = self.limit.per_minute;
        (set > documented).then_some((set, documented))
    }
}

fn request_limit(documented: RateLimit, setting: Option<u32>) -> RequestLimit {
    let (per_minute, counts_queries) = match documented {
        RateLimit::Requests(n) => (n, true),
        RateLimit::Sends(n) => (n, false),
    };
    RequestLimit { per_minute: setting.unwrap_or(per_minute).max(1), counts_queries }
}
