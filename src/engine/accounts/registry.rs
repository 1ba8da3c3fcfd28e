//! The accounts of a configuration made ready for use: gateway found, secrets resolved, token known.
//!
//! A broken account does not stop the others: it stands here with its reason.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::watch;

use crate::config::{AccountSecrets, AccountSettings, ConfigError, Environment, RuleSettings, Settings};
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Capabilities, Channel, Secret, Timestamp, is_web_url};
use crate::providers::{Manifest, Profile, Provider, RateLimit, registry};
use crate::store::{Store, StoreError};

use crate::engine::outbound::limits::{Budget, Purpose, Used};

/// An account that can be used.
pub struct ConfiguredAccount {
    /// Its gateway's dialect.
    pub provider: &'static dyn Provider,
    /// Its settings, secrets resolved.
    pub profile: Profile,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// The random part of its webhook URL; it may be replaced while the engine runs.
    token: RwLock<Secret>,
    /// Its automatic answers.
    pub rules: Vec<RuleSettings>,
    budget: Mutex<Budget>,
    /// Where acknowledgements go; unlike the rest of the profile it may change while the engine runs.
    notify_url: RwLock<Option<String>>,
}

/// An account whose settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAccount {
    /// Its name as written.
    pub name: String,
    /// Why, for people: what, where, what to do.
    pub reason: String,
    /// The token of its webhook URL, if it had one before it broke.
    token: Option<Secret>,
}

/// Every account of a configuration. Cheap to clone; every clone sees an account that is admitted to one of them.
#[derive(Clone)]
pub struct AccountRegistry {
    entries: Arc<RwLock<Entries>>,
    grown: Arc<watch::Sender<usize>>,
}

struct Entries {
    members: Vec<Arc<ConfiguredAccount>>,
    broken: Vec<InvalidAccount>,
    /// Where gateways reach the listener, as a tunnel told it.
    reached_at: Option<String>,
    /// That is another URL than the gateways' dashboards were given.
    moved: bool,
}

impl ConfiguredAccount {
    /// The account's name.
    pub fn name(&self) -> &AccountName {
        &self.profile.account
    }

    /// What is fixed about its gateway.
    pub fn manifest(&self) -> &'static Manifest {
        self.provider.manifest()
    }

    /// The profile for a send that begins now.
    pub fn profile_to_send(&self) -> Profile {
        let notify_url = self.notify_url.read().unwrap_or_else(PoisonError::into_inner).clone();
        Profile { notify_url, ..self.profile.clone() }
    }

    /// The path of its webhook URL, `/webhooks/NAME/TOKEN`.
    pub fn webhook_path(&self) -> String {
        webhook_path(self.name(), &self.token())
    }

    /// The random part of its webhook URL.
    pub fn token(&self) -> Secret {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the token that the store has now: the old URL is refused from here on, and gateways are told the new one.
    pub fn renew_token(&self, current: &str) {
        let old = self.token();
        if old.matches(current) {
            return;
        }
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = Secret::new(current);
        let mut notify_url = self.notify_url.write().unwrap_or_else(PoisonError::into_inner);
        *notify_url = notify_url.as_ref().map(|url| url.replace(old.expose(), current));
    }

    /// Takes a place in the budget, or says when to ask again.
    pub fn take(&self, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        self.budget().take(purpose, now)
    }

    /// Gives back a place that was taken at `at` and not used.
    pub fn give_back(&self, at: Timestamp) {
        self.budget().give_back(at);
    }

    /// The gateway asked to slow down.
    pub fn pause(&self, until: Timestamp) {
        self.budget().pause(until);
    }

    /// How much of the budget is used.
    pub fn used(&self, now: Timestamp) -> Used {
        self.budget().used(now)
    }

    /// What is set and what the gateway documents, when more is set: numbers are blocked for less.
    pub fn over_pace(&self) -> Option<(u32, u32)> {
        let (RateLimit::Requests(documented) | RateLimit::Sends(documented)) = self.manifest().rate_limit;
        let set = self.budget().per_minute();
        (set > documented).then_some((set, documented))
    }

    /// Counts sends that began before this process did.
    pub fn remember(&self, begun: Vec<Timestamp>) {
        self.budget().remember(begun);
    }

    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path of an account's webhook URL.
pub fn webhook_path(name: &AccountName, token: &Secret) -> String {
    format!("/webhooks/{name}/{}", token.expose())
}

/// Where the gateway is told to acknowledge an account's messages.
fn notify_url(public_url: &str, name: &AccountName, token: &Secret) -> String {
    format!("{}{}/ack", public_url.trim_end_matches('/'), webhook_path(name, token))
}

/// 160 random bits as 40 hexadecimal digits: the unguessable part of a webhook URL.
pub fn new_token() -> Result<String, String> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|e| format!("the system's random source failed: {e}"))?;
    Ok(hex::encode(bytes))
}

impl AccountRegistry {
    /// Makes the accounts ready. Blocks: secrets may come from programs and the keyring.
    pub fn prepare(settings: &Settings, environment: &Environment, store: &Store) -> Result<Self, StoreError> {
        let mut members = Vec::new();
        let mut broken = Vec::new();
        for account in &settings.invalid_accounts {
            broken.push(broken_account(&account.name, &account.error, store)?);
        }
        for account in &settings.accounts {
            match member(settings.listener.public_url.as_deref(), account, environment, store)? {
                Ok(member) => members.push(Arc::new(member)),
                Err(error) => broken.push(broken_account(account.name.as_str(), &error, store)?),
            }
        }
        let grown = Arc::new(watch::Sender::new(members.len()));
        Ok(AccountRegistry {
            entries: Arc::new(RwLock::new(Entries { members, broken, reached_at: None, moved: false })),
            grown,
        })
    }

    /// Makes an account that was added to the configuration ready too, in place of one of the same name. Blocks.
    pub fn admit(
        &self,
        account: &AccountSettings,
        public_url: Option<&str>,
        environment: &Environment,
        store: &Store,
    ) -> Result<Result<Arc<ConfiguredAccount>, ConfigError>, StoreError> {
        let reached_at = self.reached_at();
        let member = match member(reached_at.as_deref().or(public_url), account, environment, store)? {
            Ok(member) => Arc::new(member),
            Err(error) => return Ok(Err(error)),
        };
        {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            entries.broken.retain(|broken| broken.name != account.name.as_str());
            entries.members.retain(|other| other.name() != member.name());
            entries.members.push(member.clone());
        }
        self.grown.send_modify(|n| *n += 1);
        Ok(Ok(member))
    }

    /// A tunnel made the listener reachable here: gateways are told so from now on. `moved`: it was reachable elsewhere
    /// before, so that the webhook URLs must be pasted again.
    pub fn set_reached_at(&self, public_url: &str, moved: bool) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.reached_at = Some(public_url.to_owned());
        entries.moved |= moved;
        for member in entries.members.iter().filter(|m| m.manifest().has_ack_url) {
            let url = notify_url(public_url, member.name(), &member.token());
            *member.notify_url.write().unwrap_or_else(PoisonError::into_inner) = Some(url);
        }
    }

    /// Where the listener moved to, when the webhook URLs must be pasted again.
    pub fn moved_to(&self) -> Option<String> {
        self.read(|entries| entries.reached_at.clone().filter(|_| entries.moved))
    }

    /// Where a tunnel made the listener reachable.
    pub fn reached_at(&self) -> Option<String> {
        self.read(|entries| entries.reached_at.clone())
    }

    /// Becomes changed when an account was admitted.
    pub fn watch(&self) -> watch::Receiver<usize> {
        self.grown.subscribe()
    }

    /// The accounts that can be used, in the configuration's order.
    pub fn members(&self) -> Vec<Arc<ConfiguredAccount>> {
        self.read(|entries| entries.members.clone())
    }

    /// The accounts that cannot be used.
    pub fn broken(&self) -> Vec<InvalidAccount> {
        self.read(|entries| entries.broken.clone())
    }

    fn read<T>(&self, what: impl FnOnce(&Entries) -> T) -> T {
        what(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this is the webhook URL of an account that is broken just now: its events must not be lost.
    pub fn is_parked(&self, name: &str, token: &str) -> bool {
        let is_meant = |b: &InvalidAccount| b.name == name && b.token.as_ref().is_some_and(|t| t.matches(token));
        self.read(|entries| entries.broken.iter().any(is_meant))
    }

    /// An account by name.
    pub fn find(&self, name: &str) -> Option<Arc<ConfiguredAccount>> {
        self.read(|entries| entries.members.iter().find(|m| m.name().as_str() == name).cloned())
    }
}

/// Checks an account's settings against its gateway without resolving secrets or touching the store.
pub fn check(account: &AccountSettings) -> Result<Checked, ConfigError> {
    let wrong = |field: &str, message: String| account.error(field, message);
    let provider = registry::find(&account.provider).ok_or_else(|| {
        let known: Vec<_> = registry::ALL.iter().map(|p| p.manifest().id).collect();
        wrong("provider", format!("unknown gateway \"{}\" (one of {})", account.provider, known.join(", ")))
    })?;
    let manifest = provider.manifest();
    let mode = manifest.mode(account.mode.as_deref()).ok_or_else(|| {
        let allowed = if manifest.modes.is_empty() {
            "it has no modes".to_owned()
        } else {
            format!("one of {}", manifest.modes.join(", "))
        };
        wrong("mode", format!("{} does not know this mode ({allowed})", manifest.name))
    })?;
    let base_url = account
        .base_url
        .as_deref()
        .or(manifest.base_url)
        .ok_or_else(|| wrong("base_url", format!("{} needs the base URL that its dashboard shows", manifest.name)))?
        .trim_end_matches('/')
        .to_owned();
    if !is_web_url(&base_url) {
        return Err(wrong("base_url", "must be an http:// or https:// URL".to_owned()));
    }
    let channel = account.channel.or(manifest.channels.first().copied()).unwrap_or(Channel::WhatsApp);
    if !manifest.channels.contains(&channel) {
        let known: Vec<_> = manifest.channels.iter().map(|c| c.as_str()).collect();
        return Err(wrong("channel", format!("{} has no {channel} (one of {})", manifest.name, known.join(", "))));
    }
    let window = account.window.unwrap_or_else(|| provider.default_window(mode));
    Ok(Checked { provider, mode, base_url, channel, window })
}

/// An account's settings that fit its gateway.
pub struct Checked {
    /// The gateway's dialect.
    pub provider: &'static dyn Provider,
    /// The mode, where it has modes.
    pub mode: Option<&'static str>,
    /// Without a slash at the end.
    pub base_url: String,
    /// The channel of conversations that start here.
    pub channel: Channel,
    /// The window rule.
    pub window: WindowRule,
}

fn broken_account(name: &str, error: &ConfigError, store: &Store) -> Result<InvalidAccount, StoreError> {
    let known = match AccountName::new(name) {
        Some(name) => store.account(&name)?,
        None => None,
    };
    Ok(InvalidAccount {
        name: name.to_owned(),
        reason: error.to_string(),
        token: known.map(|row| Secret::new(&row.token)),
    })
}

fn member(
    public_url: Option<&str>,
    account: &AccountSettings,
    environment: &Environment,
    store: &Store,
) -> Result<Result<ConfiguredAccount, ConfigError>, StoreError> {
    let ready = check(account).and_then(|checked| Ok((checked, account.secrets(environment)?)));
    let (checked, secrets) = match ready {
        Ok(ready) => ready,
        Err(error) => return Ok(Err(error)),
    };
    let token = match token(account, store)? {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(ready_member(account, checked, secrets, token, public_url)))
}

/// An account that is not in the configuration yet, for asking its gateway whether it accepts the key: it has no
/// webhook URL, and the store knows nothing of it. Blocks: secrets may come from programs and the keyring.
pub fn candidate(account: &AccountSettings, environment: &Environment) -> Result<ConfiguredAccount, ConfigError> {
    let checked = check(account)?;
    let secrets = account.secrets(environment)?;
    Ok(ready_member(account, checked, secrets, Secret::new(""), None))
}

fn ready_member(
    account: &AccountSettings,
    checked: Checked,
    secrets: AccountSecrets,
    token: Secret,
    public_url: Option<&str>,
) -> ConfiguredAccount {
    let manifest = checked.provider.manifest();
    let public_url = public_url.filter(|_| manifest.has_ack_url);
    let profile = Profile {
        account: account.name.clone(),
        base_url: checked.base_url,
        mode: checked.mode,
        session: account.session.clone(),
        channel: checked.channel,
        api_key: secrets.api_key,
        webhook_secrets: secrets.webhook_secrets,
        allow_unsigned: account.allow_unsigned,
        window: checked.window,
        notify_url: public_url.map(|url| notify_url(url, &account.name, &token)),
    };
    ConfiguredAccount {
        provider: checked.provider,
        capabilities: checked.provider.capabilities(&profile),
        notify_url: RwLock::new(profile.notify_url.clone()),
        profile,
        token: RwLock::new(token),
        rules: account.rules.clone(),
        budget: Mutex::new(Budget::new(manifest.rate_limit, account.requests_per_minute)),
    }
}

/// The token of an account's webhook URL: the fixed one of the configuration, or the one made with the account.
pub fn token(account: &AccountSettings, store: &Store) -> Result<Result<Secret, ConfigError>, StoreError> {
    let known = store.account(&account.name)?;
    if let Some(fixed) = &account.webhook_token {
        match known {
            Some(row) if fixed.matches(&row.token) => {}
            Some(_) => store.set_token(&account.name, fixed.expose()).wait()?,
            None => drop(store.ensure_account(&account.name, &account.provider, fixed.expose()).wait()?),
        }
        return Ok(Ok(fixed.clone()));
    }
    if let Some(row) = known {
        return Ok(Ok(Secret::new(&row.token)));
    }
    match new_token() {
        Ok(fresh) => {
            let row = store.ensure_account(&account.name, &account.provider, &fresh).wait()?;
            Ok(Ok(Secret::new(&row.token)))
        }
        Err(reason) => Ok(Err(account.error("", reason))),
    }
}
