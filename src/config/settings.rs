//! The settings as the rest of the program reads them. Nothing here is read again after start-up.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::read::nearest;
use super::{ConfigError, Location, RuleSettings, SecretSource, Warning};
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, Secret, phone};

/// The language of the screen and of messages on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Indonesian.
    Id,
}

impl Locale {
    /// Every language, in the order in which they are listed.
    pub const ALL: [Locale; 2] = [Locale::En, Locale::Id];

    /// The word of the configuration: `en` or `id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::Id => "id",
        }
    }

    /// What `LANG` means: Indonesian for `id`, `id_ID.UTF-8` and the like, else English.
    pub(super) fn from_lang(lang: &str) -> Self {
        let language = lang.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("id") { Locale::Id } else { Locale::En }
    }
}

/// The text names no language that Loket speaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown locale (one of en, id)")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Locale::ALL.into_iter().find(|locale| locale.as_str() == text).ok_or(UnknownLocale)
    }
}

/// Everything that is set, by file, environment and flags.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The language.
    pub locale: Locale,
    /// How local phone numbers are read.
    pub country: phone::Country,
    /// The name that stands beside own messages; empty when none is set.
    pub agent: String,
    /// The webhook listener.
    pub listener: Listener,
    /// Accounts that can be used as far as the file alone can tell, in its order.
    pub accounts: Vec<AccountSettings>,
    /// Accounts that cannot be used, each with the reason.
    pub broken: Vec<InvalidAccountSettings>,
    /// What `doctor` should say.
    pub warnings: Vec<Warning>,
    /// The configuration file; need not exist.
    pub path: PathBuf,
}

/// The webhook listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Where it listens; port 0 picks a free one. Default `127.0.0.1:8484`.
    pub bind: SocketAddr,
    /// How gateways reach it, without a slash at the end.
    pub public_url: Option<String>,
    /// A program that makes it reachable.
    pub tunnel: Option<Tunnel>,
    /// `/metrics` answers others than loopback too.
    pub metrics_public: bool,
}

/// A program that makes the listener reachable from outside and tells its URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tunnel {
    /// Cloudflare's quick tunnel.
    Cloudflared,
    /// ngrok.
    Ngrok,
    /// Some other program.
    Custom {
        /// Program and arguments; run without a shell.
        command: Vec<String>,
        /// Pattern of the URL in its output, as written.
        url: String,
    },
}

/// An account as it stands in the file. Words that only a gateway can judge are kept as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    /// The user's name for it.
    pub name: AccountName,
    /// The gateway's word, as written.
    pub provider: String,
    /// http or https URL without a slash at the end.
    pub base_url: Option<String>,
    /// The gateway's mode, as written.
    pub mode: Option<String>,
    /// Where the request key comes from.
    pub api_key: SecretSource,
    /// Where the signature key comes from.
    pub webhook_secret: Option<SecretSource>,
    /// The signature key before the current one, accepted while it is being changed.
    pub previous_webhook_secret: Option<SecretSource>,
    /// A fixed webhook token instead of the one made with the account: 16 to 128 of `[A-Za-z0-9_-]`.
    pub webhook_token: Option<Secret>,
    /// `session_id` / `channel_id`, where one key has several.
    pub session: Option<String>,
    /// The channel of conversations that start here; `None` = the gateway's default.
    pub channel: Option<Channel>,
    /// 1 to 6000; `None` = what the gateway documents.
    pub requests_per_minute: Option<u32>,
    /// `None` = by gateway and mode.
    pub window: Option<WindowRule>,
    /// Accept events without a signature although a secret is set.
    pub allow_unsigned: bool,
    /// Automatic answers, in order.
    pub rules: Vec<RuleSettings>,
    /// Where all this stands, for errors.
    pub origin: Origin,
}

/// Where an account's settings stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file; empty for settings that were made in memory.
    pub file: PathBuf,
    /// Where the account begins.
    pub start: Option<Location>,
    /// Where each field's value stands.
    pub fields: BTreeMap<String, Location>,
}

/// An account that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAccountSettings {
    /// Its name as written; `#2` when the second account of the file has none.
    pub name: String,
    /// Why.
    pub error: ConfigError,
}

impl Default for Listener {
    fn default() -> Self {
        Listener {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8484)),
            public_url: None,
            tunnel: None,
            metrics_public: false,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            locale: Locale::default(),
            country: phone::INDONESIA,
            agent: String::new(),
            listener: Listener::default(),
            accounts: Vec::new(),
            broken: Vec::new(),
            warnings: Vec::new(),
            path: PathBuf::new(),
        }
    }
}

impl AccountSettings {
    /// An account with nothing set beyond what every account needs.
    pub fn new(name: AccountName, provider: &str, api_key: SecretSource) -> Self {
        AccountSettings {
            name,
            provider: provider.to_owned(),
            base_url: None,
            mode: None,
            api_key,
            webhook_secret: None,
            previous_webhook_secret: None,
            webhook_token: None,
            session: None,
            channel: None,
            requests_per_minute: None,
            window: None,
            allow_unsigned: false,
            rules: Vec::new(),
            origin: Origin::default(),
        }
    }

    /// An error about a field of this account, with its file and line. `field` is the key of the file, such as
    /// `mode`; empty for the account as a whole.
    pub fn error(&self, field: &str, message: impl Into<String>) -> ConfigError {
        let place = self.origin.fields.get(field).copied().or(self.origin.start);
        ConfigError::new(&subject(self.name.as_str(), field), message).in_file(&self.origin.file).at(place)
    }
}

/// `account "toko": mode`, as errors name a field.
pub(super) fn subject(account: &str, field: &str) -> String {
    if field.is_empty() { format!("account {account:?}") } else { format!("account {account:?}: {field}") }
}

impl Settings {
    /// The account of a name, for a command that names it: its own error when it is broken (also when a second
    /// account has the same name), or an error that names the nearest account when there is none.
    pub fn account(&self, name: &str) -> Result<&AccountSettings, ConfigError> {
        if let Some(broken) = self.broken.iter().find(|broken| broken.name == name) {
            return Err(broken.error.clone());
        }
        self.accounts.iter().find(|account| account.name.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = self.accounts.iter().map(|account| account.name.as_str()).collect();
            let hint = nearest(name, &known).map_or_else(
                || "; add one with `loket account add`".to_owned(),
                |near| format!("; did you mean {near:?}?"),
            );
            ConfigError::new("", format!("there is no account {name:?}{hint}")).in_file(&self.path)
        })
    }

    /// The first broken account's error, for commands that need every account.
    pub fn strict(&self) -> Result<(), ConfigError> {
        self.broken.first().map_or(Ok(()), |broken| Err(broken.error.clone()))
    }

    /// An error about a field of an account, with file and line, for those above who know what the field may hold.
    pub fn account_error(&self, name: &AccountName, field: &str, message: impl Into<String>) -> ConfigError {
        match self.accounts.iter().find(|account| account.name == *name) {
            Some(account) => account.error(field, message),
            None => ConfigError::new(&subject(name.as_str(), field), message).in_file(&self.path),
        }
    }

    /// Moves an account to the broken ones, with the reason (a secret that cannot be read, a word that the gateway
    /// does not know).
    pub fn set_broken(&mut self, name: &AccountName, error: ConfigError) {
        self.accounts.retain(|account| account.name != *name);
        self.broken.push(InvalidAccountSettings { name: name.to_string(), error });
    }

    /// The directory that relative paths of the file start at, and that holds `secrets/`.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}
