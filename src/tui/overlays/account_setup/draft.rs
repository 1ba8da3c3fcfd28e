//! What the account form offers, what it asks the engine to add, and what the engine answers. Gateways come as data.
//!
//! Invariant: no gateway has a name here.

use crate::config::SecretStorage;
use crate::domain::{AccountField, AccountName, Channel, Secret};

/// A gateway for which an account can be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// The value of `provider` in the configuration.
    pub id: &'static str,
    pub name: &'static str,
    pub base_url: Option<&'static str>,
    /// The first is the default; empty when it has none.
    pub modes: &'static [&'static str],
    /// The first is the default.
    pub channels: &'static [Channel],
    /// The settings that an account of it has.
    pub fields: &'static [AccountField],
    /// Its events carry a signature or key.
    pub signs: bool,
    /// Its session is logged in by a QR code that its API gives.
    pub login: bool,
}

/// What the form offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupOptions {
    /// In the order in which people are offered them.
    pub gateways: Vec<Gateway>,
    /// Names that are taken.
    pub taken: Vec<String>,
    /// Where secrets can be kept apart from the configuration, the safer place first.
    pub storages: Vec<SecretStorage>,
}

/// An account as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDraft {
    pub name: AccountName,
    /// The value of `provider` in the configuration.
    pub gateway: &'static str,
    /// `None` for the gateway's own.
    pub base_url: Option<String>,
    pub mode: Option<&'static str>,
    pub api_key: Secret,
    pub webhook_secret: Option<Secret>,
    pub session: Option<String>,
    /// `None` for the gateway's default.
    pub channel: Option<Channel>,
    /// `None`: the secrets stand in clear in the configuration.
    pub storage: Option<SecretStorage>,
    /// Save it without asking the gateway whether the key is right.
    pub untried: bool,
}
