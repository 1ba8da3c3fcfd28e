//! Parses `[[account]]`. An error here concerns this account only; the others stay usable.
use url::{Host, Url};

use super::section::Section;
use super::{rules, secret};
use crate::config::environment::Environment;
use crate::config::error::{ConfigError, Location, quoted, subject};
use crate::config::rules::RuleSettings;
use crate::config::secrets::SecretSource;
use crate::config::settings::{AccountSettings, Origin};
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, Secret, is_web_url};

/// The keys of `[[account]]`.
pub(super) const KEYS: [&str; 14] = [
    "name",
    "provider",
    "base_url",
    "mode",
    "api_key",
    "webhook_secret",
    "previous_webhook_secret",
    "webhook_token",
    "session",
    "channel",
    "requests_per_minute",
    "window",
    "allow_unsigned",
    "rule",
];

/// How errors name the account: by its name as written, or by its number in the file.
pub(super) fn label(section: &Section<'_>, number: usize) -> String {
    section.item("name").and_then(|item| item.as_str()).map_or_else(|| format!("#{number}"), str::to_owned)
}

/// Parses one account; `label` is the result of [`label`].
pub(super) fn parse(
    section: Section<'_>,
    label: &str,
    origin: Origin,
    environment: &Environment,
) -> Result<AccountSettings, ConfigError> {
    let section = section.named(subject(label, ""));
    section.allow(&KEYS, &[])?;
    let missing = |key: &str, example: &str| section.error("", format!("{key} is missing; add {key} = {example}"));
    let name = section.text("name")?.ok_or_else(|| missing("name", "\"toko\""))?;
    let name = AccountName::new(name)
        .ok_or_else(|| section.error("name", "must be 1 to 32 of the characters a-z, 0-9 and -"))?;
    let provider = section.text("provider")?.ok_or_else(|| missing("provider", "\"…\""))?;
    let base = origin.file.parent().map(std::path::Path::to_owned).unwrap_or_default();
    let source =
        |key: &str| -> Result<Option<SecretSource>, ConfigError> { secret::parse(&section, key, &base, environment) };
    let api_key = source("api_key")?.ok_or_else(|| missing("api_key", "{ env = \"VARIABLE\" }"))?;
    let channels = Channel::ALL.map(|channel| (channel.as_str(), channel));
    let owned = |text: &str| text.to_owned();
    Ok(AccountSettings {
        base_url: base_url(&section, "base_url")?,
        mode: section.text("mode")?.map(owned),
        webhook_secret: source("webhook_secret")?,
        previous_webhook_secret: source("previous_webhook_secret")?,
        webhook_token: webhook_token(&section)?,
        session: section.text("session")?.map(owned),
        channel: section.word("channel", &channels)?,
        requests_per_minute: section.number("requests_per_minute", 1..=6000)?,
        window: section.word("window", &[("24h", WindowRule::Day), ("none", WindowRule::None)])?,
        allow_unsigned: section.switch("allow_unsigned")?,
        rules: reply_rules(&section)?,
        origin: Origin {
            start: section.start,
            fields: section.keys().filter_map(|key| Some((key.to_owned(), section.location_of(key)?))).collect(),
            ..origin
        },
        ..AccountSettings::new(name, provider, api_key)
    })
}

fn reply_rules(section: &Section<'_>) -> Result<Vec<RuleSettings>, ConfigError> {
    let written = section.sections("rule", "written [[account.rule]]")?;
    written
        .into_iter()
        .enumerate()
        .map(|(index, rule)| {
            let name = section.name_of(&format!("rule {}", index + 1));
            rules::parse(&rule.named(name))
        })
        .collect()
}

/// An http or https URL without slashes at its end. The URL is not repeated in errors: people paste keys there.
pub(super) fn base_url(section: &Section<'_>, key: &str) -> Result<Option<String>, ConfigError> {
    let Some(text) = section.text(key)? else { return Ok(None) };
    let text = text.trim().trim_end_matches('/');
    if !is_web_url(text) {
        return Err(section.error(key, "must begin with https:// (or http://) and name a host"));
    }
    if text.contains(['?', '#']) {
        return Err(section.error(key, "must end with the path: no ? and no #"));
    }
    if text.split('/').nth(2).is_some_and(|authority| authority.contains('@')) {
        return Err(section.error(key, "must hold no user name or password; keys belong in api_key"));
    }
    Ok(Some(text.to_owned()))
}

fn webhook_token(section: &Section<'_>) -> Result<Option<Secret>, ConfigError> {
    let Some(token) = section.text("webhook_token")? else { return Ok(None) };
    let fits =
        (16..=128).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits {
        return Err(section.error("webhook_token", "must be 16 to 128 of the characters A-Z, a-z, 0-9, - and _"));
    }
    Ok(Some(Secret::new(token)))
}

/// Whether requests to a URL leave this machine unencrypted.
pub(super) fn is_unencrypted(url: &str) -> bool {
    let parsed = Url::parse(url).ok();
    let is_loopback = parsed.as_ref().and_then(Url::host).is_some_and(|host| match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    });
    !is_loopback && url.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
}

/// The error for a name that an earlier account has.
pub(super) fn duplicate(section: &Section<'_>, label: &str, first: Option<Location>) -> ConfigError {
    let line = first.map(|location| format!(" (line {})", location.line)).unwrap_or_default();
    let message = format!("an earlier account{line} has the name {} too; names must be unique", quoted(label));
    section.clone().named(subject(label, "")).error("name", message)
}
