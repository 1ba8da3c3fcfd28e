//! Parses the configuration file into [`Settings`]. Nothing is created, and no file is read twice.

mod account;
mod assist;
mod media;
mod replies;
mod rules;
mod screen;
mod secret;
mod section;
mod team;
mod unused;
mod views;

use std::net::SocketAddr;
use std::path::Path;

use super::environment::Environment;
use super::error::{ConfigError, Location, Warning, listed, subject};
use super::listing::written_keys;
use super::network::{InvalidNetwork, Network};
use super::paths::Paths;
use super::secrets::SecretSource;
use super::settings::{
    AccountSettings, CustomerSettings, EngineSettings, InvalidAccountSettings, Listener, Locale, OrderPattern, Origin,
    Overrides, Privacy, Settings, Tunnel,
};
use crate::domain::phone;
pub use replies::RepliesFile;
use section::Section;
pub(super) use section::Source;
pub(crate) use views::{SavedView, parse_views};

/// In bytes; a larger file is not a configuration.
const MAX_BYTES: u64 = 1 << 20;
const TOP_KEYS: [&str; 18] = [
    "locale",
    "country",
    "agent",
    "agent_prefix",
    "keys",
    "theme",
    "mouse",
    "map",
    "listener",
    "engine",
    "notify",
    "customer",
    "account",
    "privacy",
    "store",
    "media",
    "team",
    "assist",
];
const LISTENER_KEYS: [&str; 5] = ["bind", "public_url", "tunnel", "metrics_public", "trusted_proxies"];
const ENGINE_KEYS: [&str; 1] = ["stay"];
const CUSTOMER_KEYS: [&str; 1] = ["orders"];
const PRIVACY_KEYS: [&str; 1] = ["keep_days"];

impl Settings {
    /// Reads the configuration file, if it exists; environment and flags override it. Fails if the file as a whole
    /// cannot be used; errors in one account are collected in [`Settings::invalid_accounts`].
    pub fn load(paths: &Paths, overrides: &Overrides, environment: &Environment) -> Result<Self, ConfigError> {
        let read = read_text(&paths.config_file)?;
        let fingerprint = read.as_deref().map(hash);
        let text = match read {
            Some(text) => text,
            None if paths.config_named => {
                let message = "there is no such file; name another with --config, or leave --config out";
                return Err(ConfigError::new("", message).in_file(&paths.config_file));
            }
            None => String::new(),
        };
        let mut settings = Settings::from_text(&text, &paths.config_file, overrides, environment)?;
        settings.warnings.extend(readable_secrets(&settings));
        settings.fingerprint = fingerprint;
        Ok(settings)
    }

    /// As [`Settings::load`], from a text. `file` names it in errors, and relative paths start at its directory.
    pub fn from_text(
        text: &str,
        file: &Path,
        overrides: &Overrides,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        // A byte order mark would shift the columns of the first line.
        let source = Source { file, text: text.strip_prefix('\u{feff}').unwrap_or(text) };
        let document = source.parse()?;
        let root = Section::root(source, &document);
        let elsewhere: [(&[&str], &str); 10] = [
            (&unused::STORE_KEYS, "under [store]"),
            (&media::MEDIA_KEYS, "under [media]"),
            (&team::TEAM_KEYS, "under [team]"),
            (&assist::ASSIST_KEYS, "under [assist]"),
            (&LISTENER_KEYS, "under [listener]"),
            (&ENGINE_KEYS, "under [engine]"),
            (&screen::NOTIFY_KEYS, "under [notify]"),
            (&CUSTOMER_KEYS, "under [customer]"),
            (&PRIVACY_KEYS, "under [privacy]"),
            (&account::KEYS, "under [[account]]"),
        ];
        root.allow(&TOP_KEYS, &elsewhere)?;
        let mut settings = Settings {
            locale: parse_locale(&root, overrides, environment)?,
            country: parse_country(&root)?,
            agent: parse_agent(&root, overrides, environment)?,
            agent_prefix: root.switch("agent_prefix")?,
            screen: screen::parse(&root)?,
            listener: parse_listener(&root)?,
            engine: parse_engine(&root)?,
            customer: parse_customer(&root)?,
            privacy: parse_privacy(&root)?,
            media: media::parse(&root)?,
            team: team::parse(&root)?,
            assist: assist::parse(&root)?,
            secret_variables: secret::variables(document.as_table()),
            written: written_keys(document.as_table()),
            path: file.to_owned(),
            overrides: overrides.clone(),
            ..Settings::default()
        };
        if let Some(bind) = overrides.listen {
            settings.listener.bind = bind;
        }
        settings.parse_accounts(&root, environment)?;
        settings.warnings = unencrypted_urls(&settings);
        settings.warnings.extend(unused::check(&root)?);
        Ok(settings)
    }

    fn parse_accounts(&mut self, root: &Section<'_>, environment: &Environment) -> Result<(), ConfigError> {
        let written = root.sections("account", "written [[account]], with two brackets")?;
        let mut seen: Vec<(String, Option<Location>)> = Vec::new();
        for (index, section) in written.into_iter().enumerate() {
            let label = account::label(&section, index + 1);
            let start = section.start;
            let origin = Origin { file: self.path.clone(), ..Origin::default() };
            // An invalid account occupies its name too: which of the two was meant is unknown.
            let parsed = match seen.iter().find(|(name, _)| *name == label) {
                Some((_, first)) => Err(account::duplicate(&section, &label, *first)),
                None => account::parse(section, &label, origin, environment),
            };
            match parsed {
                Ok(account) => self.accounts.push(account),
                Err(error) => self.invalid_accounts.push(InvalidAccountSettings { name: label.clone(), error }),
            }
            seen.push((label, start));
        }
        Ok(())
    }
}

/// What changes with the text of a configuration file; `None` if there is no file that can be read.
pub(crate) fn fingerprint(file: &Path) -> Option<u64> {
    read_text(file).ok().flatten().as_deref().map(hash)
}

fn hash(text: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(text, &mut hasher);
    std::hash::Hasher::finish(&hasher)
}

/// The text of a configuration file; `None` if there is no such file.
pub(crate) fn read_text(file: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |message: String| ConfigError::new("", message).in_file(file);
    let metadata = match std::fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(format!("cannot be read: {error}"))),
    };
    if metadata.is_dir() {
        return Err(failed("is a directory; name the file in it".to_owned()));
    }
    if metadata.len() > MAX_BYTES {
        return Err(failed("is larger than 1 MiB, so it is no configuration".to_owned()));
    }
    let bytes = std::fs::read(file).map_err(|error| failed(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("is not UTF-8 text; save it as UTF-8".to_owned()))?;
    Ok(Some(text))
}

fn parse_locale(root: &Section<'_>, overrides: &Overrides, environment: &Environment) -> Result<Locale, ConfigError> {
    // The file's value is checked even if another one overrides it.
    let written = root.word("locale", &Locale::ALL.map(|locale| (locale.as_str(), locale)))?;
    if let Some(locale) = overrides.locale {
        return Ok(locale);
    }
    if let Some(word) = environment.text("LOKET_LOCALE") {
        let wrong = format!("must be {}", listed(Locale::ALL.iter().map(|locale| locale.as_str())));
        return word.parse().map_err(|_| ConfigError::new("environment variable LOKET_LOCALE", wrong));
    }
    let from_lang = || environment.text("LANG").map(|lang| Locale::from_lang(&lang)).unwrap_or_default();
    Ok(written.unwrap_or_else(from_lang))
}

fn parse_country(root: &Section<'_>) -> Result<phone::Country, ConfigError> {
    let Some(code) = root.text("country")? else { return Ok(phone::INDONESIA) };
    phone::country(code).ok_or_else(|| root.error("country", format!("must be {}", listed(phone::country_codes()))))
}

/// The most characters of an agent's name.
const AGENT_MAX: usize = 64;

fn parse_agent(root: &Section<'_>, overrides: &Overrides, environment: &Environment) -> Result<String, ConfigError> {
    let named = |name: Option<String>| name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let is_long = |name: &String| name.chars().count() > AGENT_MAX;
    // The file's value is checked even if another one overrides it.
    let written = named(root.text("agent")?.map(str::to_owned));
    if written.as_ref().is_some_and(is_long) {
        return Err(root.error("agent", "must be at most 64 characters long"));
    }
    let given = named(overrides.agent.clone());
    if given.as_ref().is_some_and(is_long) {
        return Err(ConfigError::new("--agent (or LOKET_AGENT)", "must be at most 64 characters long"));
    }
    let user = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| named(environment.text(name)));
    Ok(given.or(written).or_else(|| user().filter(|name| !is_long(name))).unwrap_or_default())
}

fn parse_listener(root: &Section<'_>) -> Result<Listener, ConfigError> {
    let Some(section) = root.section("listener", "written [listener], with its settings under it")? else {
        return Ok(Listener::default());
    };
    section.allow(&LISTENER_KEYS, &[(&TOP_KEYS, "above [listener], at the top of the file")])?;
    let default = Listener::default();
    let bind = match section.text("bind")? {
        None => default.bind,
        Some(text) => text.trim().parse::<SocketAddr>().map_err(|_| {
            section.error("bind", "must be an IP address and a port, such as \"127.0.0.1:8484\" or \"[::1]:8484\"")
        })?,
    };
    Ok(Listener {
        bind,
        public_url: account::base_url(&section, "public_url")?,
        tunnel: parse_tunnel(&section)?,
        metrics_public: section.switch("metrics_public")?,
        trusted_proxies: parse_proxies(&section)?,
    })
}

fn parse_proxies(section: &Section<'_>) -> Result<Vec<Network>, ConfigError> {
    let parse = |text: &String| text.parse().map_err(|error: InvalidNetwork| error.to_string());
    let texts = section.texts("trusted_proxies")?;
    let networks: Result<Vec<Network>, String> = texts.iter().flatten().map(parse).collect();
    networks.map_err(|message| section.error("trusted_proxies", message))
}

fn parse_privacy(root: &Section<'_>) -> Result<Privacy, ConfigError> {
    let Some(section) = root.section("privacy", "written [privacy], with its settings under it")? else {
        return Ok(Privacy::default());
    };
    section.allow(&PRIVACY_KEYS, &[(&TOP_KEYS, "above [privacy], at the top of the file")])?;
    // A hundred years.
    let keep_days = section.number("keep_days", 0..=36_500)?;
    Ok(Privacy { keep_days: keep_days.filter(|days| *days > 0) })
}

fn parse_engine(root: &Section<'_>) -> Result<EngineSettings, ConfigError> {
    let Some(section) = root.section("engine", "written [engine], with its settings under it")? else {
        return Ok(EngineSettings::default());
    };
    section.allow(&ENGINE_KEYS, &[(&TOP_KEYS, "above [engine], at the top of the file")])?;
    Ok(EngineSettings { stay: section.switch("stay")? })
}

fn parse_customer(root: &Section<'_>) -> Result<CustomerSettings, ConfigError> {
    let Some(section) = root.section("customer", "written [customer], with its settings under it")? else {
        return Ok(CustomerSettings::default());
    };
    section.allow(&CUSTOMER_KEYS, &[(&TOP_KEYS, "above [customer], at the top of the file")])?;
    let wrong = |reason: &str| section.error("orders", format!("is no regular expression: {reason}"));
    let patterns = section.texts("orders")?.into_iter().flatten();
    let orders = patterns.map(|pattern| OrderPattern::parse(&pattern).map_err(|reason| wrong(&reason)));
    Ok(CustomerSettings { orders: orders.collect::<Result<_, _>>()? })
}

fn parse_tunnel(section: &Section<'_>) -> Result<Option<Tunnel>, ConfigError> {
    let wanted = "\"cloudflared\", \"ngrok\" or { command = [\"PROGRAM\", …], url = \"PATTERN\" }";
    match section.item("tunnel").map(|item| item.as_str()) {
        None => Ok(None),
        Some(Some("cloudflared")) => Ok(Some(Tunnel::Cloudflared)),
        Some(Some("ngrok")) => Ok(Some(Tunnel::Ngrok)),
        Some(Some(_)) => Err(section.error("tunnel", format!("must be {wanted}"))),
        Some(None) => {
            let Some(custom) = section.section("tunnel", wanted)? else { return Ok(None) };
            custom.allow(&["command", "url"], &[])?;
            match (custom.texts("command")?, custom.text("url")?) {
                (Some(command), Some(url)) => Ok(Some(Tunnel::Custom { command, url: url.to_owned() })),
                _ => Err(custom.error("", format!("must be {wanted}"))),
            }
        }
    }
}

fn unencrypted_urls(settings: &Settings) -> Vec<Warning> {
    let listener = settings.listener.public_url.as_deref().map(|url| ("listener: public_url".to_owned(), url));
    let accounts = settings
        .accounts
        .iter()
        .filter_map(|account| Some((subject(account.name.as_str(), "base_url"), account.base_url.as_deref()?)));
    listener
        .into_iter()
        .chain(accounts)
        .filter(|(_, url)| account::is_unencrypted(url))
        .map(|(subject, _)| Warning::Unencrypted { subject })
        .collect()
}

/// A warning for each file that holds secrets of valid accounts and that other users can read.
fn readable_secrets(settings: &Settings) -> Vec<Warning> {
    let sources = settings.accounts.iter().flat_map(secret_sources);
    let mut files: Vec<&Path> = sources
        .filter_map(|source| match source {
            SecretSource::File(path) => Some(path.as_path()),
            SecretSource::Plain(_) => Some(settings.path.as_path()),
            _ => None,
        })
        .collect();
    if settings.accounts.iter().any(|account| account.webhook_token.is_some()) {
        files.push(&settings.path);
    }
    files.sort_unstable();
    files.dedup();
    files.into_iter().filter_map(readable_by_others).collect()
}

fn secret_sources(account: &AccountSettings) -> impl Iterator<Item = &SecretSource> {
    [Some(&account.api_key), account.webhook_secret.as_ref(), account.previous_webhook_secret.as_ref()]
        .into_iter()
        .flatten()
}

#[cfg(unix)]
fn readable_by_others(file: &Path) -> Option<Warning> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o7777;
    (mode & 0o044 != 0).then(|| Warning::ReadableByOthers { file: file.to_owned(), mode })
}

#[cfg(not(unix))]
fn readable_by_others(_file: &Path) -> Option<Warning> {
    None
}
