//! Checks an account's settings against its gateway, without its secrets.
use crate::config::{AccountSettings, ConfigError};
use crate::domain::window::WindowRule;
use crate::domain::{Channel, is_web_url};
use crate::providers::{Provider, registry};

/// An account's settings that fit its gateway, defaults filled in.
pub(crate) struct ValidSettings {
    pub(crate) provider: &'static dyn Provider,
    /// `None` when the gateway has no modes.
    pub(crate) mode: Option<&'static str>,
    /// Without a slash at the end.
    pub(crate) base_url: String,
    /// The channel of conversations that start here.
    pub(crate) channel: Channel,
    pub(crate) window: WindowRule,
}

/// Checks an account's settings. Resolves no secret and does not touch the store.
pub(crate) fn validate(settings: &AccountSettings) -> Result<ValidSettings, ConfigError> {
    let invalid = |field: &str, message: String| settings.error(field, message);
    let provider = registry::find(&settings.provider).ok_or_else(|| {
        let known: Vec<_> = registry::ALL.iter().map(|p| p.manifest().id).collect();
        invalid("provider", format!("unknown gateway \"{}\" (one of {})", settings.provider, known.join(", ")))
    })?;
    let manifest = provider.manifest();
    let mode = manifest.mode(settings.mode.as_deref()).ok_or_else(|| {
        let allowed = if manifest.modes.is_empty() {
            "it has no modes".to_owned()
        } else {
            format!("one of {}", manifest.modes.join(", "))
        };
        invalid("mode", format!("{} does not know this mode ({allowed})", manifest.name))
    })?;
    let base_url = settings
        .base_url
        .as_deref()
        .or(manifest.base_url)
        .ok_or_else(|| invalid("base_url", format!("{} needs the base URL that its dashboard shows", manifest.name)))?
        .trim_end_matches('/')
        .to_owned();
    if !is_web_url(&base_url) {
        return Err(invalid("base_url", "must be an http:// or https:// URL".to_owned()));
    }
    let channel = settings.channel.or(manifest.channels.first().copied()).unwrap_or(Channel::WhatsApp);
    if !manifest.channels.contains(&channel) {
        let known: Vec<_> = manifest.channels.iter().map(|c| c.as_str()).collect();
        return Err(invalid("channel", format!("{} has no {channel} (one of {})", manifest.name, known.join(", "))));
    }
    let window = settings.window.unwrap_or_else(|| provider.default_window(mode));
    Ok(ValidSettings { provider, mode, base_url, channel, window })
}
