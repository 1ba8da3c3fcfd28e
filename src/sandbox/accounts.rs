//! The definitions of the simulated accounts: their gateways, addresses and keys. The keys are public and worthless.
//!
//! Invariant: no account here belongs to anybody; nothing here does IO.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::error::SandboxError;
use crate::domain::{AccountName, Channel, Secret};
use crate::providers::{Profile, Provider, registry};

/// The definition of a simulated account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxAccount {
    /// The account's name, and the first part of its path on the sandbox.
    pub name: &'static str,
    /// The value of `provider = "…"`.
    pub provider: &'static str,
    /// The value of `mode = "…"`, where the gateway has several.
    pub mode: Option<&'static str>,
    /// The path after `/NAME` in the base URL, the same as in the gateway's own base URL.
    pub path: &'static str,
    /// The value of `session`, where one key serves several.
    pub session: Option<&'static str>,
    /// The key that requests must carry.
    pub api_key: &'static str,
    /// The secret that signs its webhooks.
    pub webhook_secret: &'static str,
    /// A fixed token, so that the webhook's URL is known before anything runs.
    pub webhook_token: &'static str,
    /// The channels on which customers write; the first is the account's own.
    pub channels: &'static [Channel],
    /// Its WhatsApp session is not logged in at the start.
    pub(crate) logged_out: bool,
    /// It is one of the demo's accounts.
    pub(crate) in_demo: bool,
}

const CHATERA: SandboxAccount = SandboxAccount {
    name: "chatera",
    provider: "chatera",
    mode: None,
    path: "/v1",
    session: None,
    api_key: "chatera_sk_sandbox",
    webhook_secret: "sandbox-hook-chatera",
    webhook_token: "sandbox0chatera0a41f7c02d95e",
    channels: &[Channel::WhatsApp],
    logged_out: false,
    in_demo: true,
};

const CETAR: SandboxAccount = SandboxAccount {
    name: "cetar",
    provider: "cetar",
    mode: Some("unofficial"),
    path: "/v1",
    session: Some("SESSION_12345"),
    api_key: "sk_live_sandbox_cetar",
    webhook_secret: "sandbox-hook-cetar",
    webhook_token: "sandbox0cetar0b52a8d13ea6f01",
    channels: &[Channel::WhatsApp, Channel::Telegram],
    logged_out: false,
    in_demo: true,
};

const CETAR_META: SandboxAccount = SandboxAccount {
    name: "cetar-meta",
    provider: "cetar",
    mode: Some("meta"),
    path: "/v1",
    session: None,
    api_key: "sk_live_sandbox_cetar_meta",
    webhook_secret: "sandbox-hook-cetar-meta",
    webhook_token: "sandbox0cetarmeta0c63b9e24fb",
    channels: &[Channel::WhatsApp],
    logged_out: false,
    in_demo: true,
};

const WAVIRO: SandboxAccount = SandboxAccount {
    name: "waviro",
    provider: "waviro",
    mode: None,
    path: "",
    session: None,
    api_key: "sandbox-secretkey-waviro",
    webhook_secret: "sandbox-hook-waviro",
    webhook_token: "sandbox0waviro0d74cae35f0c12",
    channels: &[Channel::WhatsApp],
    logged_out: false,
    in_demo: true,
};

const CLOUDCHAT: SandboxAccount = SandboxAccount {
    name: "cloudchat",
    provider: "cloudchat",
    mode: None,
    path: "/api/public/v1",
    session: Some("uuid-session-001"),
    api_key: "sk_live_sandbox_cloudchat",
    webhook_secret: "whsec_sandbox_cloudchat",
    webhook_token: "sandbox0cloudchat0e85dbf461d",
    channels: &[Channel::WhatsApp, Channel::Telegram, Channel::Instagram, Channel::Messenger],
    logged_out: false,
    in_demo: true,
};

const WAVIRO_BARU: SandboxAccount = SandboxAccount {
    name: "waviro-baru",
    api_key: "sandbox-secretkey-waviro-baru",
    webhook_secret: "sandbox-hook-waviro-baru",
    webhook_token: "sandbox0wavirobaru0f96ec0572",
    logged_out: true,
    in_demo: false,
    ..WAVIRO
};

const WAHA: SandboxAccount = SandboxAccount {
    name: "waha",
    provider: "waha",
    mode: None,
    path: "",
    session: Some("default"),
    api_key: "sandbox-waha",
    webhook_secret: "sandbox-hook-waha",
    webhook_token: "sandbox0waha0a07fd1683b2c945",
    channels: &[Channel::WhatsApp],
    logged_out: false,
    in_demo: false,
};

/// The accounts of the demo, each of which has customers.
pub fn demo_accounts() -> Vec<SandboxAccount> {
    all_accounts().into_iter().filter(|s| s.in_demo).collect()
}

/// Every simulated account: those of the demo, one that is not logged in, and WAHA.
pub fn all_accounts() -> Vec<SandboxAccount> {
    [CHATERA, CETAR, CETAR_META, WAVIRO, CLOUDCHAT, WAVIRO_BARU, WAHA]
        .into_iter()
        .filter(|s| registry::find(s.provider).is_some())
        .collect()
}

impl SandboxAccount {
    /// The base URL of this account's API on a sandbox at `address`.
    pub fn base_url(&self, address: SocketAddr) -> String {
        format!("http://{address}/{}{}", self.name, self.path)
    }

    /// The path of its webhook on a receiver, `/webhooks/NAME/TOKEN`.
    pub fn webhook_path(&self) -> String {
        format!("/webhooks/{}/{}", self.name, self.webhook_token)
    }

    /// The account's provider, and its settings as the gateway has them.
    pub(crate) fn resolve(&self, address: SocketAddr) -> Result<(&'static dyn Provider, Profile), SandboxError> {
        let error = || SandboxError::Account(self.name);
        let provider = registry::find(self.provider).ok_or_else(error)?;
        let mode = provider.manifest().mode(self.mode).ok_or_else(error)?;
        let profile = Profile {
            account: AccountName::new(self.name).ok_or_else(error)?,
            base_url: self.base_url(address),
            mode,
            session: self.session.map(str::to_owned),
            channel: self.channels.first().copied().ok_or_else(error)?,
            api_key: Secret::new(self.api_key),
            webhook_secrets: vec![Secret::new(self.webhook_secret)],
            allow_unsigned: false,
            window: provider.default_window(mode),
            notify_url: None,
        };
        Ok((provider, profile))
    }
}

/// A complete `config.toml` that uses `accounts` of a sandbox at `address`. `receiver` is the URL under which the
/// listener is reached; without one, the listener's default address.
pub fn config(accounts: &[SandboxAccount], address: SocketAddr, receiver: Option<&str>) -> String {
    let receiver = receiver.unwrap_or(DEFAULT_RECEIVER).trim_end_matches('/');
    let bind = receiver.strip_prefix("http://").filter(|a| a.parse::<SocketAddr>().is_ok()).unwrap_or(DEFAULT_BIND);
    let mut text = format!(
        "locale = \"id\"\ncountry = \"ID\"\nagent = \"Sari\"\n\n[listener]\nbind = {}\npublic_url = {}\n",
        quoted(bind),
        quoted(receiver)
    );
    for account in accounts {
        // Writing to a string cannot fail.
        let _ = write_account(&mut text, account, address);
    }
    text
}

/// The default address of a listener.
const DEFAULT_BIND: &str = "127.0.0.1:8484";
/// The URL of a listener at its default address.
pub(crate) const DEFAULT_RECEIVER: &str = "http://127.0.0.1:8484";

fn write_account(text: &mut String, account: &SandboxAccount, address: SocketAddr) -> std::fmt::Result {
    writeln!(text, "\n[[account]]\nname = {}\nprovider = {}", quoted(account.name), quoted(account.provider))?;
    writeln!(text, "base_url = {}", quoted(&account.base_url(address)))?;
    if let Some(mode) = account.mode {
        writeln!(text, "mode = {}", quoted(mode))?;
    }
    writeln!(text, "api_key = {}", quoted(account.api_key))?;
    writeln!(text, "webhook_secret = {}", quoted(account.webhook_secret))?;
    writeln!(text, "webhook_token = {}", quoted(account.webhook_token))?;
    if let Some(session) = account.session {
        writeln!(text, "session = {}", quoted(session))?;
    }
    if let Some(channel) = account.channels.first() {
        writeln!(text, "channel = {}", quoted(channel.as_str()))?;
    }
    Ok(())
}

/// A TOML string. Everything written here is ASCII without controls, except a receiver's URL.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_no_two_accounts_share_a_name_or_key() {
        let all = [CHATERA, CETAR, CETAR_META, WAVIRO, CLOUDCHAT, WAVIRO_BARU, WAHA];
        for (i, account) in all.iter().enumerate() {
            assert!(account.webhook_token.len() >= 16, "{}", account.name);
            assert!(AccountName::new(account.name).is_some(), "{}", account.name);
            for other in all.iter().skip(i + 1) {
                assert_ne!(account.name, other.name);
                assert_ne!(account.api_key, other.api_key);
                assert_ne!(account.webhook_token, other.webhook_token);
            }
        }
    }

    #[test]
    fn the_configuration_is_toml_that_names_each_account_with_its_token() {
        let address: SocketAddr = "127.0.0.1:9000".parse().unwrap();
        let text = config(&[CETAR, WAVIRO_BARU], address, Some("http://127.0.0.1:8500/"));
        let value: toml::Table = text.parse().unwrap();
        assert_eq!(value["listener"]["bind"].as_str(), Some("127.0.0.1:8500"));
        assert_eq!(value["listener"]["public_url"].as_str(), Some("http://127.0.0.1:8500"));
        let accounts = value["account"].as_array().unwrap();
        assert_eq!(accounts[0]["base_url"].as_str(), Some("http://127.0.0.1:9000/cetar/v1"));
        assert_eq!(accounts[0]["mode"].as_str(), Some("unofficial"));
        assert_eq!(accounts[1]["base_url"].as_str(), Some("http://127.0.0.1:9000/waviro-baru"));
        assert_eq!(accounts[1]["webhook_token"].as_str(), Some(WAVIRO_BARU.webhook_token));
    }

    #[test]
    fn a_public_receiver_leaves_the_listener_at_its_default_address() {
        let address: SocketAddr = "127.0.0.1:9000".parse().unwrap();
        let value: toml::Table = config(&[], address, Some("https://inbox.example.com")).parse().unwrap();
        assert_eq!(value["listener"]["bind"].as_str(), Some(DEFAULT_BIND));
        assert_eq!(value["listener"]["public_url"].as_str(), Some("https://inbox.example.com"));
    }
}
