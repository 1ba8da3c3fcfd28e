//! The fixed properties of a gateway, and the settings of one account at it.

use crate::domain::window::WindowRule;
use crate::domain::{AccountField, AccountName, Channel, Secret};

/// The fixed properties of a gateway, from which forms, defaults, documentation and the sandbox are made.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The value of `provider = "…"` in the configuration.
    pub id: &'static str,
    /// The gateway's own name, for people.
    pub name: &'static str,
    /// The base URL of the API, without a slash at the end; `None` where every customer has their own.
    pub base_url: Option<&'static str>,
    /// The values of `mode = "…"`, the default first; empty when the gateway has no modes.
    pub modes: &'static [&'static str],
    /// The channels that it supports, the default first.
    pub channels: &'static [Channel],
    pub rate_limit: RateLimit,
    /// The settings of an account beyond its name and gateway, in the order in which forms show them.
    pub fields: &'static [AccountField],
    pub login: LoginMethod,
    /// By its documents, its events carry a signature or key that `webhook_secret` verifies.
    pub signs_webhooks: bool,
    /// It posts acknowledgements to a URL of their own (`…/ack`) that is sent with each message.
    pub has_ack_url: bool,
    /// It sends texts in the HTTP response to a webhook on to the customer.
    pub(crate) replies_in_webhook: bool,
}

impl Manifest {
    /// The mode that `name` stands for; the default mode for no name. `Some(None)` when the gateway has no modes,
    /// `None` when it has no mode of that name.
    pub fn mode(&self, name: Option<&str>) -> Option<Option<&'static str>> {
        match name {
            None => Some(self.modes.first().copied()),
            Some(name) => self.modes.iter().copied().find(|mode| *mode == name).map(Some),
        }
    }
}

/// How many requests a gateway accepts by its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// Requests of any kind in a minute.
    Requests(u32),
    /// Sends in a minute; other requests are not counted.
    Sends(u32),
}

/// How the WhatsApp session of an account is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginMethod {
    /// By scanning a QR code that the API returns.
    Qr,
    /// Only in the gateway's dashboard.
    Dashboard,
}

/// The settings of one account with its secrets resolved. `Debug` prints secrets as `***`.
#[derive(Debug, Clone)]
pub struct Profile {
    pub account: AccountName,
    /// The base URL of the gateway's API, without a slash at the end.
    pub base_url: String,
    /// One of the manifest's modes; `None` when it has none.
    pub mode: Option<&'static str>,
    /// `session_id`, `channel_id` or session name, where one key serves several.
    pub session: Option<String>,
    /// The channel of conversations that are begun from the inbox.
    pub channel: Channel,
    /// The key that authenticates requests.
    pub api_key: Secret,
    /// Secrets that verify webhooks: the current one, then the previous one while it is being changed.
    pub webhook_secrets: Vec<Secret>,
    /// Accept events without a signature although a secret is set. A wrong signature is refused all the same.
    pub allow_unsigned: bool,
    /// The window rule, the gateway's default already applied.
    pub window: WindowRule,
    /// The URL to which the gateway posts acknowledgements; `None` without a public URL.
    pub notify_url: Option<String>,
}

impl Profile {
    /// The secrets that verify webhooks, without empty ones, which verify nothing.
    pub(crate) fn verifying_secrets(&self) -> impl Iterator<Item = &Secret> {
        self.webhook_secrets.iter().filter(|secret| !secret.is_empty())
    }
}
