//! Account settings for tests: a gateway's defaults, and the settings of a fixture.

use loket::domain::{AccountName, Channel, Secret, Timestamp, WindowRule};
use loket::providers::{Profile, Provider};
use serde_json::Value;

/// The time of tests, unless a fixture sets another: 2026-06-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

/// The default settings of an account of `provider` in a mode (`None` = the first).
pub(crate) fn defaults(provider: &dyn Provider, mode: Option<&'static str>) -> Profile {
    let manifest = provider.manifest();
    let mode = mode.or(manifest.modes.first().copied());
    Profile {
        account: AccountName::new("toko").unwrap(),
        base_url: manifest.base_url.unwrap_or("https://gateway.test").to_owned(),
        mode,
        session: None,
        channel: manifest.channels[0],
        api_key: Secret::new("kunci-contoh"),
        webhook_secrets: Vec::new(),
        allow_unsigned: false,
        window: provider.default_window(mode),
        notify_url: None,
    }
}

/// The default settings in every mode of a gateway; one account when it has no modes.
pub(crate) fn every_mode(provider: &dyn Provider) -> Vec<Profile> {
    let modes = provider.manifest().modes;
    if modes.is_empty() {
        return vec![defaults(provider, None)];
    }
    modes.iter().map(|mode| defaults(provider, Some(mode))).collect()
}

/// The default settings changed by a fixture's `profile`.
pub(crate) fn from_settings(provider: &dyn Provider, settings: Option<&Value>) -> Profile {
    let Some(settings) = settings.and_then(Value::as_object) else { return defaults(provider, None) };
    let name = settings.get("mode").and_then(Value::as_str);
    let mode = provider.manifest().mode(name).expect("a mode of the manifest");
    let mut profile = defaults(provider, mode);
    for (key, value) in settings {
        let text = || value.as_str().unwrap_or_else(|| panic!("profile.{key} is text")).to_owned();
        match key.as_str() {
            "mode" => {}
            "base_url" => profile.base_url = text(),
            "session" => profile.session = Some(text()),
            "channel" => profile.channel = text().parse::<Channel>().unwrap(),
            "api_key" => profile.api_key = Secret::new(&text()),
            "webhook_secrets" => {
                profile.webhook_secrets =
                    value.as_array().unwrap().iter().map(|s| Secret::new(s.as_str().unwrap())).collect();
            }
            "allow_unsigned" => profile.allow_unsigned = value.as_bool().unwrap(),
            "window" => profile.window = if text() == "none" { WindowRule::None } else { WindowRule::Day },
            "notify_url" => profile.notify_url = Some(text()),
            other => panic!("unknown profile key {other}"),
        }
    }
    profile
}
