//! What is fixed about a gateway, and what an account of it is set to.

pub use crate::domain::AccountField as Field;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, Secret};

/// What is fixed about a gateway: drives forms, defaults, documentation and the sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The word in `provider = "…"`.
    pub id: &'static str,
    /// The gateway's own name.
    pub name: &'static str,
    /// The one base URL, where there is one; without a slash at the end.
    pub base_url: Option<&'static str>,
    /// Words for `mode = "…"`; the first is the default; empty when there are none.
    pub modes: &'static [&'static str],
    /// Channels; the first is the default.
    pub channels: &'static [Channel],
    /// How fast it may be used.
    pub pace: Pace,
    /// The settings that an account form asks for, in order, beyond name and provider.
    pub fields: &'static [Field],
    /// How its WhatsApp session is logged in.
    pub login: LoginWay,
    /// Events of this gateway carry a signature or key that `webhook_secret` verifies, by its documents.
    pub signs: bool,
    /// Has a separate acknowledgement URL (`…/ack`), sent with each message.
    pub acks_by_url: bool,
    /// Its webhook's HTTP answer is sent to the customer.
    pub answers_in_webhook: bool,
}

/// How fast a gateway may be used, by its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// So many requests of any kind in a minute.
    Requests(u32),
    /// So many sends in a minute; other requests are not counted.
    Sends(u32),
}

/// How a gateway's WhatsApp session is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginWay {
    /// By a QR code that its API gives.
    Qr,
    /// In its dashboard only.
    Dashboard,
}

/// What an account is set to, secrets resolved. `Debug` prints secrets as `***`.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The account's name.
    pub account: AccountName,
    /// Where the gateway's API is; without a slash at the end.
    pub base_url: String,
    /// One of the manifest's modes; `None` when it has none.
    pub mode: Option<&'static str>,
    /// `session_id` / `channel_id` / session name, where one key has several.
    pub session: Option<String>,
    /// The channel of conversations that start here.
    pub channel: Channel,
    /// The key that authenticates requests.
    pub api_key: Secret,
    /// Secrets that verify webhooks: the current one, then a previous one while it is being changed.
    pub webhook_secrets: Vec<Secret>,
    /// Accept events without a signature although a secret is set. A wrong signature is refused all the same.
    pub allow_unsigned: bool,
    /// The account's window setting, its default already applied.
    pub window: WindowRule,
    /// Where the gateway is told to post acknowledgements; `None` without a public URL.
    pub notify_url: Option<String>,
}

impl Manifest {
    /// The mode that a word names, the default for no word; `None` inside `Some` when the gateway has no modes,
    /// and nothing for a word that is none of its modes.
    pub fn mode(&self, word: Option<&str>) -> Option<Option<&'static str>> {
        match word {
            None => Some(self.modes.first().copied()),
            Some(word) => self.modes.iter().copied().find(|m| *m == word).map(Some),
        }
    }
}
