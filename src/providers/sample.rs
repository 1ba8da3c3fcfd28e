//! Accounts and messages for the gateways' unit tests.

use super::types::Profile;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, Content, Outgoing, Recipient, Secret};

/// An account with the key `kunci-rahasia` and one webhook secret.
pub(crate) fn profile(base_url: &str, webhook_secret: &str) -> Profile {
    Profile {
        account: AccountName::new("toko").unwrap(),
        base_url: base_url.to_owned(),
        mode: None,
        session: None,
        channel: Channel::WhatsApp,
        api_key: Secret::new("kunci-rahasia"),
        webhook_secrets: vec![Secret::new(webhook_secret)],
        allow_unsigned: false,
        window: WindowRule::None,
        notify_url: None,
    }
}

/// A WhatsApp message to a person or a group.
pub(crate) fn outgoing(content: Content, group: bool) -> Outgoing {
    let peer = if group { "120363000000000001" } else { "628123000000" };
    Outgoing { channel: Channel::WhatsApp, to: Recipient { peer: peer.into(), group }, content }
}
