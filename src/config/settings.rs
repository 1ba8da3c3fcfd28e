//! The settings as the rest of the program uses them. They are read once, at start-up.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use regex_lite::Regex;

use super::assist::AssistSettings;
use super::environment::Environment;
use super::error::{ConfigError, Location, Warning, is_similar, nearest, subject};
use super::media::MediaSettings;
use super::network::Network;
use super::rules::RuleSettings;
use super::screen::ScreenSettings;
use super::secrets::{AccountSecrets, SecretSource};
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, Secret, WorkingHours, phone};

/// The language of the screen and of messages on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    #[default]
    En,
    Id,
}

impl Locale {
    /// Every language, in the order in which they are listed.
    pub const ALL: [Locale; 2] = [Locale::En, Locale::Id];

    /// As written in the configuration: `en` or `id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::Id => "id",
        }
    }

    /// The language of a value of `LANG`: Indonesian for `id`, `id_ID.UTF-8` and the like, otherwise English.
    pub(crate) fn from_lang(lang: &str) -> Self {
        let language = lang.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("id") { Locale::Id } else { Locale::En }
    }
}

/// A text that names none of the languages of [`Locale`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown locale (one of en, id)")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Locale::ALL.into_iter().find(|locale| locale.as_str() == text).ok_or(UnknownLocale)
    }
}

/// Flags of the command line that override the environment and the file. `Default` overrides nothing.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub locale: Option<Locale>,
    pub listen: Option<SocketAddr>,
    /// The agent on whose behalf this process acts.
    pub agent: Option<String>,
}

/// All settings, from the file, the environment and flags.
#[derive(Debug, Clone)]
pub struct Settings {
    pub locale: Locale,
    /// Decides how local phone numbers are read.
    pub country: phone::Country,
    /// The agent on whose behalf this process acts: author of messages, notes and assignments. The name of the flag, of
    /// the file, or of the user of the operating system; empty where there is none of them.
    pub agent: String,
    /// Puts the agent's name on top of messages that go out.
    pub agent_prefix: bool,
    pub screen: ScreenSettings,
    pub listener: Listener,
    pub engine: EngineSettings,
    pub customer: CustomerSettings,
    pub privacy: Privacy,
    pub media: MediaSettings,
    pub team: TeamSettings,
    pub assist: AssistSettings,
    /// Accounts without an error in the file, in its order. The engine may still find one invalid.
    pub accounts: Vec<AccountSettings>,
    /// Accounts that cannot be used, with the reason.
    pub invalid_accounts: Vec<InvalidAccountSettings>,
    pub warnings: Vec<Warning>,
    /// The environment variables that the file names as the source of a secret, also where an account is invalid.
    pub secret_variables: BTreeSet<String>,
    /// The keys that stand in the file, with their table's name: `notify.how`.
    pub(crate) written: BTreeSet<String>,
    /// The configuration file; may be missing.
    pub path: PathBuf,
    /// The flags that were given, which override a later version of the file too.
    pub overrides: Overrides,
    /// Changes with the file's text; `None` where there is no file.
    pub fingerprint: Option<u64>,
}

/// The settings of the webhook listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Port 0 picks a free one. Default `127.0.0.1:8484`.
    pub bind: SocketAddr,
    /// The URL under which gateways reach it, without a slash at the end.
    pub public_url: Option<String>,
    /// A program that makes it reachable from outside.
    pub tunnel: Option<Tunnel>,
    /// Whether `/metrics` may be read from other machines.
    pub metrics_public: bool,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

/// How the team works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamSettings {
    /// When it answers, for reports; `None`: around the clock.
    pub(crate) hours: Option<WorkingHours>,
}

/// How long what people wrote is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privacy {
    /// Messages, files and raw events that are older are deleted; `None`: never.
    pub keep_days: Option<u32>,
}

/// The settings of the engine that screens start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineSettings {
    /// It stays when the last screen has ended.
    pub stay: bool,
}

/// What is looked for in a customer's messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerSettings {
    /// What the number of an order looks like.
    pub orders: Vec<OrderPattern>,
}

/// A regular expression that matches the number of an order in a message's text.
#[derive(Debug, Clone)]
pub struct OrderPattern(Regex);

impl OrderPattern {
    /// The pattern, unless it is no regular expression.
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        Regex::new(pattern).map(OrderPattern).map_err(|error| error.to_string())
    }

    /// The numbers in a text, in their order.
    pub(crate) fn find(&self, text: &str) -> Vec<String> {
        self.0.find_iter(text).map(|found| found.as_str().trim().to_owned()).filter(|found| !found.is_empty()).collect()
    }
}

impl PartialEq for OrderPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for OrderPattern {}

/// A program that makes the listener reachable from outside and prints its URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tunnel {
    /// A quick tunnel of Cloudflare, without an account there.
    Cloudflared,
    Ngrok,
    /// Any other program that prints a URL.
    Custom {
        /// Program and arguments; run without a shell.
        command: Vec<String>,
        /// A regular expression that matches the URL in its output.
        url: String,
    },
}

/// An account as configured. Values that only the gateway's provider can check are kept as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    pub name: AccountName,
    pub provider: String,
    /// An http or https URL without a slash at the end.
    pub base_url: Option<String>,
    pub mode: Option<String>,
    /// The key that authenticates requests.
    pub api_key: SecretSource,
    /// The key that verifies webhook signatures.
    pub webhook_secret: Option<SecretSource>,
    /// The previous signature key, accepted while it is being replaced.
    pub previous_webhook_secret: Option<SecretSource>,
    /// A fixed webhook token in place of the generated one: 16 to 128 of `[A-Za-z0-9_-]`.
    pub webhook_token: Option<Secret>,
    /// The gateway's `session_id` or `channel_id`, where one key has several.
    pub session: Option<String>,
    /// The channel of conversations started here; `None` = the gateway's default.
    pub channel: Option<Channel>,
    /// 1 to 6000; `None` = the limit that the gateway documents.
    pub requests_per_minute: Option<u32>,
    /// `None` = the default of the gateway and mode.
    pub window: Option<WindowRule>,
    /// Accepts events without a signature although a secret is set.
    pub allow_unsigned: bool,
    /// Automatic replies, in order.
    pub rules: Vec<RuleSettings>,
    pub origin: Origin,
}

/// Where an account's settings are written, for errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Empty for settings that were not read from a file.
    pub file: PathBuf,
    /// The location of the account's header.
    pub start: Option<Location>,
    /// The location of each field's value.
    pub fields: BTreeMap<String, Location>,
}

/// An account that cannot be used because of an error in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAccountSettings {
    /// As written; `#2` if the second account of the file has no name.
    pub name: String,
    pub error: ConfigError,
}

impl Default for Listener {
    fn default() -> Self {
        Listener {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8484)),
            public_url: None,
            tunnel: None,
            metrics_public: false,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            locale: Locale::default(),
            country: phone::INDONESIA,
            agent: String::new(),
            agent_prefix: false,
            screen: ScreenSettings::default(),
            listener: Listener::default(),
            engine: EngineSettings::default(),
            customer: CustomerSettings::default(),
            privacy: Privacy::default(),
            media: MediaSettings::default(),
            team: TeamSettings::default(),
            assist: AssistSettings::default(),
            accounts: Vec::new(),
            invalid_accounts: Vec::new(),
            warnings: Vec::new(),
            secret_variables: BTreeSet::new(),
            written: BTreeSet::new(),
            path: PathBuf::new(),
            overrides: Overrides::default(),
            fingerprint: None,
        }
    }
}

impl AccountSettings {
    /// An account with the required settings only.
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

    /// Whether both have the same settings, wherever they are written.
    pub(crate) fn is_same_as(&self, other: &AccountSettings) -> bool {
        self.without_origin() == other.without_origin()
    }

    /// The same settings, wherever they are written.
    pub(super) fn without_origin(&self) -> AccountSettings {
        AccountSettings { origin: Origin::default(), ..self.clone() }
    }

    /// Reads the account's secrets. Blocks on files, programs and the keyring.
    pub fn secrets(&self, environment: &Environment) -> Result<AccountSecrets, ConfigError> {
        let read =
            |source: &SecretSource, field: &str| source.read(environment).map_err(|message| self.error(field, message));
        let mut webhook_secrets = Vec::new();
        for (source, field) in
            [(&self.webhook_secret, "webhook_secret"), (&self.previous_webhook_secret, "previous_webhook_secret")]
        {
            if let Some(source) = source {
                webhook_secrets.push(read(source, field)?);
            }
        }
        Ok(AccountSecrets { api_key: read(&self.api_key, "api_key")?, webhook_secrets })
    }

    /// An error about a field of this account, with its file and location. `field` is the key in the file, such as
    /// `mode`, or empty for the account as a whole.
    pub fn error(&self, field: &str, message: impl Into<String>) -> ConfigError {
        let location = self.origin.fields.get(field).copied().or(self.origin.start);
        ConfigError::new(&subject(self.name.as_str(), field), message).in_file(&self.origin.file).at(location)
    }
}

impl Settings {
    /// The account with a name. If that account is invalid, or a second one has the same name, its own error; if there
    /// is none, an error that suggests a similar name or lists all.
    pub fn account(&self, name: &str) -> Result<&AccountSettings, ConfigError> {
        if let Some(invalid) = self.invalid_accounts.iter().find(|invalid| invalid.name == name) {
            return Err(invalid.error.clone());
        }
        self.accounts.iter().find(|account| account.name.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = self.accounts.iter().map(|account| account.name.as_str()).collect();
            let hint = match (nearest(name, &known).filter(|near| is_similar(name, near)), known.as_slice()) {
                (Some(near), _) => format!("; did you mean {near:?}?"),
                (None, []) => "; add one with `loket account add`".to_owned(),
                (None, known) => format!("; the accounts are {}", known.join(", ")),
            };
            ConfigError::new("", format!("there is no account {name:?}{hint}")).in_file(&self.path)
        })
    }

    /// The environment variables that a program started by Loket must not inherit: those that hold secrets, and Loket's
    /// own.
    pub(crate) fn hidden_variables(&self, environment: &Environment) -> Vec<OsString> {
        let named = self.secret_variables.iter().map(OsString::from);
        named.chain(environment.names_beginning("LOKET_")).collect()
    }

    /// The directory of the configuration file: relative paths start here, and `secrets/` is in it.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}
